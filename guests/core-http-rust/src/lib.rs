//! Answers requests, as a core module that wit-bindgen made bindings for: its name in the environment (preview 1), its
//! path, and the request's body (WASI 0.2).

use guest_http::{copy, with_body, Answer};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

struct Core;
wasip2::http::proxy::export!(Core);

impl Guest for Core {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let name = std::env::var("NAME").unwrap_or_default();
        let path = request.path_with_query().unwrap_or_default();
        let body = request.consume().unwrap();
        eprintln!("asked for {path}");
        let mut answer = Answer::start(out, 200, &[("x-name", &name), ("x-path", &path)]);
        if with_body(body, |mut body| copy(&mut body, &mut answer)).is_ok() {
            let _ = answer.finish();
        }
    }
}
