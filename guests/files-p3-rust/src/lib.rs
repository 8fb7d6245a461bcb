//! Files of WASI 0.3, by the absolute path that the request names. What cannot be done is 500 with the error's name.
//!
//! - `GET`: the file's bytes, which no more than pass through the host, or what is in a folder: a line for each entry, its
//!   type and its name
//! - `HEAD`: the file's size in `x-size`, and its time of modification in `x-modified`
//! - `PUT`: the body becomes the file (201); `POST`: it is appended, by the guest's own hand (204)
//! - `DELETE`: the file is removed (204)
//! - `PATCH`: the file is copied to `PATH.copy` (201), which is cut to the first three bytes and gets another time

use wasip3::clocks::system_clock::Instant;
use wasip3::filesystem::preopens::get_directories;
use wasip3::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode as FileError, NewTimestamp, OpenFlags, PathFlags,
};
use wasip3::http::types::{ErrorCode, Fields, Method, Request, Response};
use wasip3::wit_bindgen::{StreamReader, StreamResult};
use wasip3::{wit_future, wit_stream};

struct Files;
wasip3::http::service::export!(Files);

impl wasip3::exports::http::handler::Guest for Files {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        let done = match request.get_method() {
            Method::Head => head(&path).await,
            Method::Put => put(&path, contents(request)).await,
            Method::Post => append(&path, contents(request)).await,
            Method::Delete => delete(&path).await,
            Method::Patch => copy(&path).await,
            _ => get(&path).await,
        };
        Ok(done.unwrap_or_else(|error| respond(500, Fields::new(), Some(bytes(format!("{error:?}\n"))))))
    }
}

fn contents(request: Request) -> StreamReader<u8> {
    let (_done, res) = wit_future::new(|| Ok(()));
    Request::consume_body(request, res).0
}

fn respond(status: u16, fields: Fields, body: Option<StreamReader<u8>>) -> Response {
    let (_end, trailers) = wit_future::new(|| Ok(None));
    let response = Response::new(fields, body, trailers).0;
    response.set_status_code(status).unwrap();
    response
}

fn bytes(text: String) -> StreamReader<u8> {
    let (mut out, body) = wit_stream::new();
    wasip3::wit_bindgen::spawn_local(async move {
        out.write_all(text.into_bytes()).await;
    });
    body
}

/// The folder granted that the path leads into, and the rest of the path.
fn place(path: &str) -> Result<(Descriptor, String), FileError> {
    get_directories()
        .into_iter()
        .filter_map(|(folder, name)| {
            let rest = path.strip_prefix(name.trim_end_matches('/'))?.trim_start_matches('/').to_string();
            Some((folder, if rest.is_empty() { ".".to_string() } else { rest }))
        })
        .min_by_key(|(_, rest)| rest.len())
        .ok_or(FileError::NoEntry)
}

async fn open(path: &str, open: OpenFlags, flags: DescriptorFlags) -> Result<Descriptor, FileError> {
    let (folder, rest) = place(path)?;
    folder.open_at(PathFlags::SYMLINK_FOLLOW, rest, open, flags).await
}

async fn get(path: &str) -> Result<Response, FileError> {
    let file = open(path, OpenFlags::empty(), DescriptorFlags::READ).await?;
    if !matches!(file.get_type().await?, DescriptorType::Directory) {
        return Ok(respond(200, Fields::new(), Some(file.read_via_stream(0).0)));
    }
    let (mut entries, done) = file.read_directory();
    let mut lines = Vec::new();
    loop {
        let (result, read) = entries.read(Vec::with_capacity(2)).await;
        lines.extend(read.into_iter().map(|entry| format!("{:?} {}\n", entry.type_, entry.name)));
        if result == StreamResult::Dropped {
            break;
        }
    }
    done.await?;
    lines.sort();
    Ok(respond(200, Fields::new(), Some(bytes(lines.concat()))))
}

async fn head(path: &str) -> Result<Response, FileError> {
    let (folder, rest) = place(path)?;
    let stat = folder.stat_at(PathFlags::SYMLINK_FOLLOW, rest).await?;
    let fields = Fields::new();
    fields.append("x-size", stat.size.to_string().as_bytes()).unwrap();
    let modified = stat.data_modification_timestamp.unwrap();
    fields.append("x-modified", modified.seconds.to_string().as_bytes()).unwrap();
    Ok(respond(200, fields, None))
}

async fn put(path: &str, body: StreamReader<u8>) -> Result<Response, FileError> {
    let file = open(path, OpenFlags::CREATE | OpenFlags::TRUNCATE, DescriptorFlags::WRITE).await?;
    file.write_via_stream(body, 0).await?;
    file.sync().await?;
    Ok(respond(201, Fields::new(), None))
}

async fn append(path: &str, mut body: StreamReader<u8>) -> Result<Response, FileError> {
    let file = open(path, OpenFlags::empty(), DescriptorFlags::WRITE).await?;
    let (mut out, data) = wit_stream::new();
    let done = file.append_via_stream(data);
    loop {
        let (result, read) = body.read(Vec::with_capacity(64 << 10)).await;
        if !out.write_all(read).await.is_empty() || result == StreamResult::Dropped {
            break;
        }
    }
    drop(out);
    done.await?;
    Ok(respond(204, Fields::new(), None))
}

async fn delete(path: &str) -> Result<Response, FileError> {
    let (folder, rest) = place(path)?;
    folder.unlink_file_at(rest).await?;
    Ok(respond(204, Fields::new(), None))
}

async fn copy(path: &str) -> Result<Response, FileError> {
    let from = open(path, OpenFlags::empty(), DescriptorFlags::READ).await?;
    let to = open(&format!("{path}.copy"), OpenFlags::CREATE | OpenFlags::EXCLUSIVE, DescriptorFlags::WRITE).await?;
    let (data, read) = from.read_via_stream(0);
    to.write_via_stream(data, 0).await?;
    read.await?;
    to.set_size(3).await?;
    let time = NewTimestamp::Timestamp(Instant { seconds: 86400, nanoseconds: 0 });
    to.set_times(NewTimestamp::NoChange, time).await?;
    Ok(respond(201, Fields::new(), None))
}
