use spin_sdk::http::{Request, Response, IntoResponse};
use spin_sdk::http_component;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct GreetingRequest {
    name: String,
}

#[derive(Serialize)]
struct GreetingResponse {
    message: String,
    timestamp: u64,
}

/// A simple Spin HTTP component.
#[http_component]
fn handle_greeting(req: Request) -> anyhow::Result<impl IntoResponse> {
    let body = req.body();
    let greeting: GreetingRequest = serde_json::from_slice(&body)?;

    let response = GreetingResponse {
        message: format!("Hello, {}!", greeting.name),
        timestamp: std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)?
            .as_secs(),
    };

    Ok(Response::builder()
        .status(200)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(&response)?)
        .build())
}
