//! HTTP middleware with version 7 of Spin's SDK. What stands behind it is asked in its place, and answered in capital
//! letters, piece by piece. The request's field `x-depth` is counted up on its way in; on its way out each adds a field
//! `x-chain` with the number that it found.
//!
//! For a path that begins with `/store`, `x-store` says whether it could open the key-value store `default`.

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use spin_sdk::http::body::IncomingBodyExt;
use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    let (mut parts, body) = request.into_parts();
    // These the host writes itself.
    parts.headers.remove("connection");
    parts.headers.remove("host");
    let depth = parts.headers.get("x-depth").and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0u32);
    parts.headers.insert("x-depth", (depth + 1).into());
    let store = match parts.uri.path().starts_with("/store") {
        true => match spin_sdk::key_value::Store::open("default").await {
            Ok(_) => "open".to_string(),
            Err(error) => format!("{error:?}"),
        },
        false => String::new(),
    };
    let response = spin_sdk::http::next(Request::from_parts(parts, body)).await?;
    let (mut parts, body) = response.into_parts();
    parts.headers.append("x-chain", depth.into());
    if !store.is_empty() {
        parts.headers.append("x-store", store.parse()?);
    }
    parts.headers.remove("content-length");
    let mut from = body.stream();
    let (mut to, loud) = spin_sdk::http::body::stream();
    spin_sdk::wasip3::spawn(async move {
        while let Some(Ok(piece)) = from.next().await {
            if to.send(Bytes::from(piece.as_ref().to_ascii_uppercase())).await.is_err() {
                break;
            }
        }
    });
    Ok(Response::from_parts(parts, loud))
}
