//! Requests of its own, through `wasi:http/outgoing-handler`.
//!
//!     /get?url=URL[&header=NAME:VALUE][&ms=N]
//!                                  fetches URL and streams its status, headers and body back
//!     /post?url=URL[&ms=N]         the same, and streams its own request's body out as it comes in
//!     /fanout?url=URL&n=N[&ms=N]   fetches URL N times at once; one line per answer: `STATUS LENGTH` or the error's code
//!
//! `ms` limits the time for connecting and for each wait for the answer. A failure is 502 with the error's code, as WIT
//! writes it, in the header `x-error`.

mod client;
mod transfer;

use std::io;

use guest_http::{answer, with_body, Answer, Target};
use transfer::Transfer;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingRequest, IncomingResponse, Method, OutgoingBody,
    OutgoingResponse, ResponseOutparam,
};
use wasip2::io::poll::poll;

struct Outbound;
wasip2::http::proxy::export!(Outbound);

impl Guest for Outbound {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let Some(url) = target.parameter("url") else {
            return answer(out, 400, "the parameter url is missing\n");
        };
        let limit = target.parameter("ms").and_then(|ms| ms.parse().ok());
        match target.path.as_str() {
            "/get" => {
                let header = target.parameter("header");
                pass_on(fetch(&url, header.as_deref(), limit).and_then(wait), None, out);
            }
            "/post" => post(&url, limit, request, out),
            "/fanout" => answer(out, 200, fan_out(&url, target.number("n", 2), limit)),
            _ => answer(out, 404, "not found\n"),
        }
    }
}

fn fetch(url: &str, header: Option<&str>, limit: Option<u64>) -> Result<FutureIncomingResponse, ErrorCode> {
    let (body, future) = client::start(&Method::Get, url, header, limit)?;
    OutgoingBody::finish(body, None)?;
    Ok(future)
}

fn wait(future: FutureIncomingResponse) -> Result<IncomingResponse, ErrorCode> {
    future.subscribe().block();
    client::response(&future).expect("a future that is ready has a value")
}

fn post(url: &str, limit: Option<u64>, request: IncomingRequest, out: ResponseOutparam) {
    let (body, future) = match client::start(&Method::Post, url, None, limit) {
        Ok(started) => started,
        Err(error) => return pass_on(Err(error), None, out),
    };
    let mut upload = Transfer::new(request.consume().unwrap(), body);
    let response = loop {
        let sent = upload.advance();
        if let Some(response) = client::response(&future) {
            break response;
        }
        let answered = future.subscribe();
        match sent {
            Some(sent) => drop(poll(&[&answered, &sent])),
            None => answered.block(),
        }
    };
    pass_on(response, Some(upload), out);
}

/// Describes one connection only (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [&str; 6] = ["connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"];

/// Answers with what was received. An upload that still runs goes on until the answer has ended.
fn pass_on(response: Result<IncomingResponse, ErrorCode>, mut upload: Option<Transfer>, out: ResponseOutparam) {
    let response = match response {
        Ok(response) => response,
        Err(error) => {
            let _ = Answer::start(out, 502, &[("x-error", &client::name_of(&error))]).finish();
            return;
        }
    };
    let headers = Fields::new();
    for (name, value) in response.headers().entries() {
        if !HOP_BY_HOP.contains(&name.to_ascii_lowercase().as_str()) {
            // A header that the host forbids is not the component's to send.
            let _ = headers.append(&name, &value);
        }
    }
    let answer = OutgoingResponse::new(headers);
    answer.set_status_code(response.status()).unwrap();
    let body = answer.body().unwrap();
    ResponseOutparam::set(out, Ok(answer));
    let mut download = Transfer::new(response.consume().unwrap(), body);
    while let Some(received) = download.advance() {
        match upload.as_mut().and_then(Transfer::advance) {
            Some(sent) => drop(poll(&[&received, &sent])),
            None => received.block(),
        }
    }
}

fn fan_out(url: &str, count: u64, limit: Option<u64>) -> String {
    // All are on their way before the first is waited for.
    let started: Vec<_> = (0..count).map(|_| fetch(url, None, limit)).collect();
    started.into_iter().map(|future| line_of(future.and_then(wait)) + "\n").collect()
}

fn line_of(response: Result<IncomingResponse, ErrorCode>) -> String {
    match response {
        Ok(response) => {
            let status = response.status();
            let length = with_body(response.consume().unwrap(), |mut body| io::copy(&mut body, &mut io::sink()));
            length.map_or("broken".to_string(), |length| format!("{status} {length}"))
        }
        Err(error) => client::name_of(&error),
    }
}
