use spin_sdk::http::{Request, Response, IntoResponse};
use spin_sdk::http_component;
use spin_sdk::key_value::Store;

#[http_component]
fn handle_api(req: Request) -> anyhow::Result<impl IntoResponse> {
    let store = Store::open_default()?;
    let client_ip = get_client_ip(&req);

    // Simple rate limiting
    let key = format!("rate_limit:{}", client_ip);
    let count: u32 = store.get(&key)?.map(|v| {
        String::from_utf8_lossy(&v).parse().unwrap_or(0)
    }).unwrap_or(0);

    if count > 100 {
        return Ok(Response::builder()
            .status(429)
            .body(b"Rate limit exceeded".to_vec())
            .build());
    }

    store.set(&key, &(count + 1).to_string().into_bytes())?;

    // Process the request...
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
