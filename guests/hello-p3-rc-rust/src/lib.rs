//! What `spin new` makes with version 6 of Spin's SDK: the candidate 0.3.0-rc-2026-03-15 of WASI.

use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_service;

#[http_service]
async fn handle(_: Request) -> anyhow::Result<impl IntoResponse> {
    Ok(Response::builder().status(200).header("content-type", "text/plain").body("Hello from the candidate\n".to_string()))
}
