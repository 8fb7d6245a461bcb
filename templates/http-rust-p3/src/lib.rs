use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_service;

/// Answers every request.
#[http_service]
async fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    println!("{} {}", request.method(), request.uri().path());
    Ok(Response::builder()
        .status(200)
        .header("content-type", "text/plain")
        .body("Hello from Rust\n".to_string()))
}
