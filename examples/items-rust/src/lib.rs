//! A list of items: `GET /api/items` answers it, `POST /api/items` adds to it once a webhook has taken the news.

mod items;
mod webhook;

use std::io::Read;

use serde_json::{json, Map, Value};
use wasmcloud_component::http;

struct HttpServer;

http::export!(HttpServer);

type Response = http::Response<Vec<u8>>;

/// More of a request's body is refused.
const MAX_ITEM_BYTES: usize = 64 << 10;

impl http::Server for HttpServer {
    fn handle(request: http::IncomingRequest) -> http::Result<http::Response<impl http::OutgoingBody>> {
        let (parts, body) = request.into_parts();
        let response = match (parts.method.as_str(), parts.uri.path()) {
            ("GET", "/api/items") => list(),
            ("POST", "/api/items") => add(body),
            _ => Ok(reply(404, "text/plain", b"Not Found".to_vec())),
        };
        Ok(response.unwrap_or_else(|problem| problem))
    }
}

fn list() -> Result<Response, Response> {
    let items = items::all().map_err(|error| problem(500, &error))?;
    Ok(reply(200, "application/json", items))
}

fn add(body: http::IncomingBody) -> Result<Response, Response> {
    let item = read_item(body)?;
    let url = webhook::configured_url().map_err(|error| problem(500, &error))?;
    let answer = webhook::post(&url, item.to_string().as_bytes())
        .map_err(|error| problem(502, &format!("the webhook failed: {error}")))?;
    items::add(item).map_err(|error| problem(500, &error))?;
    Ok(reply(answer.status, "text/plain", answer.body))
}

fn read_item(body: http::IncomingBody) -> Result<Value, Response> {
    let mut text = Vec::new();
    body.take(MAX_ITEM_BYTES as u64 + 1).read_to_end(&mut text).map_err(|error| problem(400, &error.to_string()))?;
    if text.len() > MAX_ITEM_BYTES {
        return Err(problem(413, &format!("an item may have {MAX_ITEM_BYTES} bytes")));
    }
    let item: Map<String, Value> = serde_json::from_slice(&text).map_err(|error| problem(400, &error.to_string()))?;
    Ok(Value::Object(item))
}

fn problem(status: u16, reason: &str) -> Response {
    reply(status, "application/json", json!({ "error": reason }).to_string().into_bytes())
}

fn reply(status: u16, content_type: &str, body: Vec<u8>) -> Response {
    http::Response::builder().status(status).header("content-type", content_type).body(body).expect("a valid head")
}
