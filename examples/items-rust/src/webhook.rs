//! Tells a webhook, through `wasi:http/outgoing-handler`.

use std::io::{Read, Write};

use wasmcloud_component::http::Uri;
use wasmcloud_component::wasi::config;
use wasmcloud_component::wasi::http::outgoing_handler;
use wasmcloud_component::wasi::http::types::{
    Fields, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// In nanoseconds: for connecting, and for each wait for an answer.
const TIMEOUT: u64 = 5_000_000_000;
/// More of an answer's body is not read.
const MAX_ANSWER_BYTES: u64 = 64 << 10;

pub fn configured_url() -> Result<String, String> {
    let url = config::store::get("webhook_url").map_err(|error| format!("configuration: {error:?}"))?;
    url.ok_or("the configuration has no webhook_url".to_string())
}

/// A success of the webhook, or what went wrong.
pub fn post(url: &str, json: &[u8]) -> Result<Answer, String> {
    let request = request_to(url)?;
    let body = request.body().expect("taken for the first time");
    let options = RequestOptions::new();
    let _ = options.set_connect_timeout(Some(TIMEOUT));
    let _ = options.set_first_byte_timeout(Some(TIMEOUT));
    let _ = options.set_between_bytes_timeout(Some(TIMEOUT));
    let future = outgoing_handler::handle(request, Some(options)).map_err(|error| format!("{error:?}"))?;
    let mut stream = body.write().expect("taken for the first time");
    // When it breaks off, the future has the reason.
    let written = stream.write_all(json);
    drop(stream);
    if written.is_ok() {
        OutgoingBody::finish(body, None).map_err(|error| format!("{error:?}"))?;
    }
    future.subscribe().block();
    let response = future.get().expect("it is ready").expect("taken for the first time");
    let answer = read(response.map_err(|error| format!("{error:?}"))?)?;
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    Err(format!("it answered {}", answer.status))
}

fn request_to(url: &str) -> Result<OutgoingRequest, String> {
    let uri: Uri = url.parse().map_err(|error| format!("{url} is no URL: {error}"))?;
    let scheme = match uri.scheme_str() {
        Some("http") => Scheme::Http,
        Some("https") => Scheme::Https,
        _ => return Err(format!("{url} is no URL of http or https")),
    };
    let headers = Fields::new();
    headers.set(&"content-type".to_string(), &[b"application/json".to_vec()]).expect("a valid header");
    let request = OutgoingRequest::new(headers);
    request.set_method(&Method::Post).expect("a valid method");
    let valid = request.set_scheme(Some(&scheme))
        .and_then(|_| request.set_authority(uri.authority().map(|authority| authority.as_str())))
        .and_then(|_| request.set_path_with_query(uri.path_and_query().map(|path| path.as_str())));
    valid.map_err(|()| format!("{url} is no URL"))?;
    Ok(request)
}

fn read(response: IncomingResponse) -> Result<Answer, String> {
    let body = response.consume().expect("taken for the first time");
    let stream = body.stream().expect("taken for the first time");
    let mut bytes = Vec::new();
    stream.take(MAX_ANSWER_BYTES).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(Answer { status: response.status(), body: bytes })
}
