//! Everything that can be done to files, each command on names below what was granted:
//!
//!     list PATH, read PATH, write PATH TEXT, append PATH TEXT, truncate PATH BYTES, fill PATH BYTES
//!     mkdir PATH, rmdir PATH, remove PATH, rename FROM TO, link FROM TO, symlink TEXT PATH
//!     touch PATH SECONDS (since 1970), sync PATH, times PATH, writable PATH

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::Write;
use std::time::{Duration, SystemTime};

use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{Advice, Descriptor, DescriptorFlags, OpenFlags, PathFlags};

pub fn run(words: &[&str]) -> super::Outcome {
    match *words {
        ["list", path] => {
            let mut names = Vec::new();
            for entry in fs::read_dir(path)? {
                names.push(entry?.file_name().to_string_lossy().into_owned());
            }
            names.sort();
            names.iter().for_each(|name| println!("{name}"));
        }
        ["read", path] => print!("{}", fs::read_to_string(path)?),
        ["write", path, text] => fs::write(path, text)?,
        ["append", path, text] => OpenOptions::new().append(true).open(path)?.write_all(text.as_bytes())?,
        ["truncate", path, bytes] => OpenOptions::new().write(true).open(path)?.set_len(bytes.parse()?)?,
        ["fill", path, bytes] => {
            let mut file = File::create(path)?;
            let (piece, mut left) = (vec![b'x'; 64 << 10], bytes.parse::<usize>()?);
            while left > 0 {
                let now = left.min(piece.len());
                file.write_all(&piece[..now])?;
                left -= now;
            }
        }
        ["mkdir", path] => fs::create_dir(path)?,
        ["rmdir", path] => fs::remove_dir(path)?,
        ["remove", path] => fs::remove_file(path)?,
        ["rename", from, to] => fs::rename(from, to)?,
        ["link", from, to] => fs::hard_link(from, to)?,
        // std has it for wasi on nightly only.
        ["symlink", text, path] => {
            let (folder, rest) = below(path)?;
            folder.symlink_at(text, rest)?;
        }
        ["touch", path, seconds] => {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.parse()?);
            File::open(path)?.set_times(FileTimes::new().set_accessed(time).set_modified(time))?;
        }
        ["times", path] => {
            let modified = fs::metadata(path)?.modified()?;
            println!("{}", modified.duration_since(SystemTime::UNIX_EPOCH)?.as_secs());
        }
        ["sync", path] => {
            let (folder, rest) = below(path)?;
            let file = folder.open_at(PathFlags::empty(), rest, OpenFlags::empty(), DescriptorFlags::WRITE)?;
            file.advise(0, 0, Advice::Sequential)?;
            file.sync_data()?;
            file.sync()?;
            folder.sync()?;
        }
        ["writable", path] => {
            let (folder, _) = below(path)?;
            println!("{}", folder.get_flags()?.contains(DescriptorFlags::MUTATE_DIRECTORY));
        }
        _ => return Err(format!("cannot do {words:?} with files").into()),
    }
    Ok(())
}

/// The granted folder that `path` is in, and the path from there.
fn below(path: &str) -> Result<(Descriptor, &str), Box<dyn std::error::Error>> {
    for (folder, name) in get_directories() {
        if let Some(rest) = path.strip_prefix(&name) {
            return Ok((folder, if rest.is_empty() { "." } else { rest.trim_start_matches('/') }));
        }
    }
    Err(format!("{path} is in no folder").into())
}
