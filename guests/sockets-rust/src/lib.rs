//! Sockets of its own, through `wasi:sockets`.
//!
//!     /tcp?to=PLACE         connects, sends its request's body and the end, and answers what comes back until the end
//!     /wait?to=PLACE        connects and waits for a byte
//!     /many?to=PLACE        connects again and again, and answers how often until the error's code
//!     /udp?to=PLACE         sends its request's body as one datagram from any free port, and answers the next that comes
//!     /listen?on=PLACE      listens for TCP connections, and answers the address
//!     /lookup?name=NAME     answers the addresses of NAME, one in a line
//!
//! PLACE is `ADDRESS:PORT` or `NAME:PORT`; all addresses of a name are tried. A failure is 502 with the error's code, as
//! WIT writes it, in the header `x-error`.

mod net;

use guest_http::{answer, with_body, Answer, Target};
use net::{Connection, Failure};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

struct Sockets;
wasip2::http::proxy::export!(Sockets);

impl Guest for Sockets {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let place = target.parameter("to").unwrap_or_default();
        let result = match target.path.as_str() {
            "/tcp" => Connection::to(&place).and_then(|connection| connection.exchange(&body_of(request))),
            "/wait" => Connection::to(&place).and_then(|connection| connection.wait()),
            "/many" => Ok(many(&place).into_bytes()),
            "/udp" => net::datagram(&place, &body_of(request)),
            "/listen" => net::listen(&target.parameter("on").unwrap_or_default()).map(String::into_bytes),
            "/lookup" => net::look_up(&target.parameter("name").unwrap_or_default()).map(lines),
            _ => return answer(out, 404, "not found\n"),
        };
        match result {
            Ok(bytes) => answer(out, 200, bytes),
            Err(failure) => {
                let _ = Answer::start(out, 502, &[("x-error", &failure.name())]).finish();
            }
        }
    }
}

fn body_of(request: IncomingRequest) -> Vec<u8> {
    let mut bytes = Vec::new();
    with_body(request.consume().unwrap(), |body| body.read_to_end(&mut bytes)).unwrap();
    bytes
}

fn lines(addresses: Vec<std::net::IpAddr>) -> Vec<u8> {
    addresses.iter().map(|address| format!("{address}\n")).collect::<String>().into_bytes()
}

fn many(place: &str) -> String {
    let mut open = Vec::new();
    loop {
        match Connection::to(place) {
            Ok(connection) => open.push(connection),
            Err(Failure(code)) => return format!("{} {}\n", open.len(), Failure(code).name()),
        }
    }
}
