//! What `spin new` makes with version 7 of Spin's SDK: WASI 0.3.

use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_service;

#[http_service]
async fn handle(_: Request) -> anyhow::Result<impl IntoResponse> {
    Ok(Response::builder().status(200).header("content-type", "text/plain").body("Hello from WASI 0.3\n".to_string()))
}
