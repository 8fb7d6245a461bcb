use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_component;
use spin_sdk::wit::wasi::keyvalue::{atomics, store};

/// Requests of one client that are answered, as many as examples/rate-limiter answers.
const LIMIT: i64 = 101;

#[http_component]
fn handle_api(req: Request) -> anyhow::Result<impl IntoResponse> {
    let bucket = store::open("default")?;
    let key = format!("rate_limit:{}", get_client_ip(&req));

    // One operation: of any number of requests at once, each gets a number of its own.
    if atomics::increment(&bucket, &key, 1)? > LIMIT {
        return Ok(Response::builder().status(429).body("Rate limit exceeded").build());
    }
    handle_business_logic(req)
}

/// The host's word: it drops what a client sends under this name.
fn get_client_ip(req: &Request) -> String {
    let address = req.header("spin-client-addr").and_then(|value| value.as_str()).unwrap_or("unknown");
    // Without the port, which differs from connection to connection.
    address.rsplit_once(':').map_or(address, |(ip, _)| ip).to_string()
}

fn handle_business_logic(req: Request) -> anyhow::Result<Response> {
    Ok(Response::builder()
        .status(200)
        .header("content-type", "text/plain")
        .body(format!("{} {}\n", req.method(), req.path()))
        .build())
}
