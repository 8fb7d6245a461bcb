//! Counts the lines, words and bytes of what it is sent: a component that exports the handler of wit/http-handler.wit.

wit_bindgen::generate!({ world: "simple-handler", path: "wit" });

use exports::wgall::http_handler::handler::{Guest, Header, Request, Response};

struct Counter;

export!(Counter);

impl Guest for Counter {
    fn handle(req: Request) -> Result<Response, String> {
        let path = req.uri.split('?').next().unwrap_or_default();
        match (req.method.as_str(), path) {
            ("GET", "/") => Ok(reply(200, "text/plain", "Send me text by POST.\n")),
            ("POST", "/") => count(req.body.unwrap_or_default()),
            (_, "/") => Ok(reply(405, "text/plain", "GET or POST.\n")),
            _ => Ok(reply(404, "text/plain", "Not Found\n")),
        }
    }
}

fn count(body: Vec<u8>) -> Result<Response, String> {
    let text = String::from_utf8(body).map_err(|error| format!("the body is no text: {}", error.utf8_error()))?;
    let (lines, words, bytes) = (text.lines().count(), text.split_whitespace().count(), text.len());
    Ok(reply(200, "application/json", &format!("{{\"lines\":{lines},\"words\":{words},\"bytes\":{bytes}}}\n")))
}

fn reply(status: u16, content_type: &str, body: &str) -> Response {
    let content_type = Header { name: "content-type".to_string(), value: content_type.to_string() };
    Response { status, headers: vec![content_type], body: Some(body.as_bytes().to_vec()) }
}
