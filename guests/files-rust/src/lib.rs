//! The file system as a component sees it. `GET /PATH` answers the file of that absolute path, or the names in a folder,
//! one a line; `PUT /PATH` writes the body there (201). What cannot be done is 500 with the reason.

use std::fs::{self, File};
use std::io;

use guest_http::{answer, copy, decode, with_body, Answer, Target};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, Method, ResponseOutparam};

struct Files;
wasip2::http::proxy::export!(Files);

impl Guest for Files {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = decode(&Target::of(&request).path);
        let done = match request.method() {
            Method::Put => store(&path, request),
            _ => find(&path),
        };
        match done {
            Ok(Done::Found(mut file)) => {
                let mut answer = Answer::start(out, 200, &[]);
                if copy(&mut file, &mut answer).is_ok() {
                    let _ = answer.finish();
                }
            }
            Ok(Done::Listed(names)) => answer(out, 200, names),
            Ok(Done::Stored) => answer(out, 201, ""),
            Err(error) => answer(out, 500, format!("{path}: {error}\n")),
        }
    }
}

enum Done {
    Found(File),
    Listed(String),
    Stored,
}

fn find(path: &str) -> io::Result<Done> {
    if !fs::metadata(path)?.is_dir() {
        return File::open(path).map(Done::Found);
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        names.push(entry?.file_name().to_string_lossy().into_owned() + "\n");
    }
    names.sort();
    Ok(Done::Listed(names.concat()))
}

fn store(path: &str, request: IncomingRequest) -> io::Result<Done> {
    let mut file = File::create(path)?;
    with_body(request.consume().unwrap(), |mut body| copy(&mut body, &mut file))?;
    file.sync_all()?;
    Ok(Done::Stored)
}
