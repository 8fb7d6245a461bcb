use wasip3::http::types::{ErrorCode, Fields, Request, Response};
use wasip3::wit_bindgen::spawn_local;
use wasip3::{wit_future, wit_stream};

struct App;
wasip3::http::service::export!(App);

impl wasip3::exports::http::handler::Guest for App {
    /// Answers every request.
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        println!("{:?} {}", request.get_method(), request.get_path_with_query().unwrap_or_default());
        Ok(respond(200, b"Hello from Rust\n".to_vec()))
    }
}

/// The body is sent after the response was returned.
fn respond(status: u16, text: Vec<u8>) -> Response {
    let headers = Fields::new();
    headers.append("content-type", b"text/plain").expect("a valid header");
    let (mut body, body_reader) = wit_stream::new();
    let (trailers, trailers_reader) = wit_future::new(|| Ok(None));
    let (response, _sent) = Response::new(headers, Some(body_reader), trailers_reader);
    response.set_status_code(status).expect("a valid status");
    spawn_local(async move {
        body.write_all(text).await;
        drop(body);
        let _ = trailers.write(Ok(None)).await;
    });
    response
}
