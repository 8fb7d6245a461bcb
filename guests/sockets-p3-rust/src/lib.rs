//! Sockets of its own, through `wasi:sockets` 0.3.
//!
//!     /tcp?to=PLACE         connects, sends its request's body and the end, and answers what comes back until the end
//!     /wait?to=PLACE        connects and waits for a byte
//!     /many?to=PLACE        connects again and again, and answers how often until the error's code
//!     /udp?to=PLACE         sends its request's body as one datagram from any free port, and answers the next that comes
//!     /listen?on=PLACE      listens for TCP connections, and answers the address
//!     /lookup?name=NAME     answers the addresses of NAME, one in a line
//!     /stream?to=PLACE      connects, and gives away what comes as the body of its response: it has ended by then
//!     /pass?to=PLACE        the same, and its request's body is sent: no byte passes through the guest
//!     /give-up?to=PLACE     connects for 100 ms at most, and answers what trying once more says
//!     /hear?to=PLACE        waits for a datagram for 50 ms, in vain; then as /udp with the same socket, which is associated
//!                           with PLACE for the purpose
//!
//! PLACE is `ADDRESS:PORT` or `NAME:PORT`; all addresses of a name are tried. A failure is 502 with the error's code, as
//! WIT writes it, in the header `x-error`.

mod net;

use net::{Connection, Failure};
use wasip3::http::types::{ErrorCode, Fields, Request, Response};
use wasip3::wit_bindgen::{StreamReader, spawn_local};
use wasip3::{wit_future, wit_stream};

struct Sockets;
wasip3::http::service::export!(Sockets);

impl wasip3::exports::http::handler::Guest for Sockets {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let target = request.get_path_with_query().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let value = query.split_once('=').map(|(_, value)| value).unwrap_or_default();
        let done = match path {
            "/tcp" => tcp(value, body_of(request).collect().await).await,
            "/wait" => wait(value).await,
            "/many" => Ok(many(value).await),
            "/udp" => net::datagram(value, body_of(request).collect().await).await.map(bytes),
            "/listen" => net::listen(value).map(text),
            "/lookup" => net::look_up(value).await.map(|found| text(found.iter().map(|a| format!("{a}\n")).collect())),
            "/stream" => Connection::to(value).await.map(|connection| connection.socket.receive().0),
            "/pass" => pass(value, body_of(request)).await,
            "/give-up" => net::give_up(value).await.map(text),
            "/hear" => net::hear(value, body_of(request).collect().await).await.map(bytes),
            _ => return Ok(respond(404, Fields::new(), text("not found\n".to_string()))),
        };
        Ok(match done {
            Ok(body) => respond(200, Fields::new(), body),
            Err(Failure(name)) => {
                let fields = Fields::new();
                fields.append("x-error", name.as_bytes()).unwrap();
                respond(502, fields, text(String::new()))
            }
        })
    }
}

fn body_of(request: Request) -> StreamReader<u8> {
    let (_done, res) = wit_future::new(|| Ok(()));
    Request::consume_body(request, res).0
}

fn respond(status: u16, fields: Fields, body: StreamReader<u8>) -> Response {
    let (_end, trailers) = wit_future::new(|| Ok(None));
    let response = Response::new(fields, Some(body), trailers).0;
    response.set_status_code(status).unwrap();
    response
}

fn text(text: String) -> StreamReader<u8> {
    bytes(text.into_bytes())
}

fn bytes(bytes: Vec<u8>) -> StreamReader<u8> {
    let (mut out, body) = wit_stream::new();
    spawn_local(async move {
        out.write_all(bytes).await;
    });
    body
}

async fn tcp(place: &str, sent: Vec<u8>) -> Result<StreamReader<u8>, Failure> {
    let connection = Connection::to(place).await?;
    let send = connection.socket.send(bytes(sent));
    let (input, end) = connection.socket.receive();
    let received = input.collect().await;
    end.await?;
    send.await?;
    Ok(bytes(received))
}

async fn wait(place: &str) -> Result<StreamReader<u8>, Failure> {
    let connection = Connection::to(place).await?;
    let (mut input, end) = connection.socket.receive();
    let (_, read) = input.read(Vec::with_capacity(1)).await;
    drop(input);
    end.await?;
    Ok(bytes(read))
}

async fn many(place: &str) -> StreamReader<u8> {
    let mut open = Vec::new();
    loop {
        match Connection::to(place).await {
            Ok(connection) => open.push(connection),
            Err(Failure(name)) => return text(format!("{} {name}\n", open.len())),
        }
    }
}

async fn pass(place: &str, body: StreamReader<u8>) -> Result<StreamReader<u8>, Failure> {
    let connection = Connection::to(place).await?;
    let sent = connection.socket.send(body);
    let (input, _end) = connection.socket.receive();
    // What is sent ends with the instance.
    spawn_local(async move {
        let _ = sent.await;
    });
    Ok(input)
}
