//! Streams the request's body back while it comes in. The header `x-request-headers` of the answer holds the request's
//! headers as JSON, `{"name": ["value", ...]}`; `x-request-method` and `x-request-target` hold what their names say.

use std::collections::BTreeMap;

use guest_http::{copy, json_string, with_body, Answer};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{Fields, IncomingRequest, Method, ResponseOutparam};

struct Echo;
wasip2::http::proxy::export!(Echo);

impl Guest for Echo {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let headers = json_of(&request.headers());
        let method = method_of(&request);
        let target = request.path_with_query().unwrap_or_default();
        let body = request.consume().unwrap();
        let mut answer = Answer::start(
            out,
            200,
            &[("x-request-headers", &headers), ("x-request-method", &method), ("x-request-target", &target)],
        );
        // A client that stops sending, or reading, leaves the answer unfinished: it must not look complete.
        if with_body(body, |mut body| copy(&mut body, &mut answer)).is_ok() {
            let _ = answer.finish();
        }
    }
}

fn json_of(headers: &Fields) -> String {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in headers.entries() {
        values.entry(name).or_default().push(json_string(&String::from_utf8_lossy(&value)));
    }
    let fields: Vec<_> =
        values.iter().map(|(name, values)| format!("{}:[{}]", json_string(name), values.join(","))).collect();
    format!("{{{}}}", fields.join(","))
}

fn method_of(request: &IncomingRequest) -> String {
    match request.method() {
        Method::Other(name) => name,
        // "Method::Get"
        known => format!("{known:?}").trim_start_matches("Method::").to_uppercase(),
    }
}
