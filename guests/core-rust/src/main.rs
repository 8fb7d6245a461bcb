//! A command of WASI preview 1 with Rust's own library, and no component. What it does is its first argument:
//!
//!     files FOLDER        makes, reads, lists, renames and removes below a folder that it may write, and says what it saw
//!     look PATH           what the system says of a file
//!     sleep MS            waits, and says whether the clocks agree
//!     random              whether two tables hash differently

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant, SystemTime};

fn files(folder: &str) -> io::Result<()> {
    let at = |name: &str| format!("{folder}/{name}");
    fs::create_dir(at("made"))?;
    fs::write(at("made/one"), "hello, world")?;
    let mut file = fs::OpenOptions::new().read(true).write(true).open(at("made/one"))?;
    file.seek(SeekFrom::Start(7))?;
    file.write_all(b"there")?;
    file.seek(SeekFrom::End(-5))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    println!("{text}, {} bytes", file.metadata()?.len());
    file.set_len(5)?;
    fs::OpenOptions::new().append(true).open(at("made/one"))?.write_all(b"!")?;
    println!("{}", fs::read_to_string(at("made/one"))?);
    fs::rename(at("made/one"), at("made/two"))?;
    fs::hard_link(at("made/two"), at("made/three"))?;
    for i in 0..100 {
        fs::write(at(&format!("made/file-{i:02}")), "")?;
    }
    let mut names = fs::read_dir(at("made"))?
        .map(|entry| Ok(entry?.file_name().into_string().unwrap()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    println!("{} names, the last {}", names.len(), names[names.len() - 1]);
    println!("{:?}", fs::create_dir(at("made")).unwrap_err().kind());
    println!("{:?}", fs::remove_dir(at("made")).unwrap_err().raw_os_error());
    println!("{:?}", fs::read(at("../secret")).unwrap_err().kind());
    fs::remove_dir_all(at("made"))
}

fn look(path: &str) -> io::Result<()> {
    let seen = fs::metadata(path)?;
    println!("{} {} {}", if seen.is_dir() { "folder" } else { "file" }, seen.len(), seen.modified()? > SystemTime::UNIX_EPOCH);
    Ok(())
}

fn sleep(milliseconds: u64) -> io::Result<()> {
    let (began, clock) = (Instant::now(), SystemTime::now());
    std::thread::sleep(Duration::from_millis(milliseconds));
    let least = Duration::from_millis(milliseconds);
    println!("{} {}", began.elapsed() >= least, clock.elapsed().unwrap() + Duration::from_millis(5) >= least);
    Ok(())
}

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[1..] {
        ["files", folder] => files(folder),
        ["look", path] => look(path),
        ["sleep", milliseconds] => sleep(milliseconds.parse().unwrap()),
        ["random"] => {
            println!("{}", RandomState::new().hash_one(1) != RandomState::new().hash_one(1));
            Ok(())
        }
        _ => Err(io::Error::other("nothing to do")),
    }
}
