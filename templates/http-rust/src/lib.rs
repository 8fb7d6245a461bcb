use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_component;

/// Answers every request.
#[http_component]
fn handle(req: Request) -> anyhow::Result<impl IntoResponse> {
    println!("{} {}", req.method(), req.path());
    Ok(Response::builder()
        .status(200)
        .header("content-type", "text/plain")
        .body("Hello from Rust\n")
        .build())
}
