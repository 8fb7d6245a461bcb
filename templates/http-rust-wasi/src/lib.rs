use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{ErrorCode, Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

struct App;
wasip2::http::proxy::export!(App);

impl Guest for App {
    /// Answers every request.
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        println!("{:?} {path}", request.method());
        if let Err(error) = respond(out, 200, b"Hello from Rust\n") {
            eprintln!("{path} was not answered: {error}");
        }
    }
}

fn respond(out: ResponseOutparam, status: u16, text: &[u8]) -> Result<(), ErrorCode> {
    let headers = Fields::new();
    headers.append("content-type", b"text/plain").expect("a valid header");
    let response = OutgoingResponse::new(headers);
    response.set_status_code(status).expect("a valid status");
    let body = response.body().expect("taken once");
    ResponseOutparam::set(out, Ok(response));
    let stream = body.write().expect("taken once");
    for piece in text.chunks(4096) {
        // Else the client has gone.
        if stream.blocking_write_and_flush(piece).is_err() {
            break;
        }
    }
    drop(stream);
    OutgoingBody::finish(body, None)
}
