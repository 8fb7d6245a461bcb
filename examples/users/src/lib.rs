use spin_sdk::http::{Request, Response, IntoResponse};
use spin_sdk::http_component;
use spin_sdk::key_value::Store;
use serde::{Deserialize, Serialize};
use serde_json::json;
use validator::Validate;

#[derive(Deserialize, Validate)]
struct CreateUserRequest {
    #[validate(email)]
    email: String,
    #[validate(length(min = 3, max = 50))]
    username: String,
}

#[derive(Deserialize, Serialize)]
struct UserResponse {
    id: String,
    email: String,
    username: String,
    created_at: u64,
}

#[http_component]
fn handle_api(req: Request) -> anyhow::Result<impl IntoResponse> {
    match (req.method().to_string().as_str(), req.path()) {
        ("POST", "/api/users") => create_user(req),
        ("GET", "/api/users") => list_users(),
        ("GET", path) if path.starts_with("/api/users/") => get_user(path),
        _ => not_found(),
    }
}

fn create_user(req: Request) -> anyhow::Result<Response> {
    let body: CreateUserRequest = match serde_json::from_slice(req.body()) {
        Ok(body) => body,
        Err(error) => return bad_request(json!({ "error": error.to_string() })),
    };

    // Validate input
    if let Err(errors) = body.validate() {
        return bad_request(json!({ "error": "the user is not valid", "fields": errors }));
    }

    let user = UserResponse {
        id: uuid::Uuid::new_v4().to_string(),
        email: body.email,
        username: body.username,
        created_at: current_timestamp(),
    };
    Store::open_default()?.set_json(format!("{USER}{}", user.id), &user)?;

    Ok(Response::builder()
        .status(201)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(&user)?)
        .build())
}

fn list_users() -> anyhow::Result<Response> {
    let store = Store::open_default()?;
    let mut users = initial_users();
    for key in store.get_keys()?.iter().filter(|key| key.starts_with(USER)) {
        // Absent: deleted since the keys were read.
        users.extend(store.get_json(key)?);
    }
    users.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));

    Ok(Response::builder()
        .status(200)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(&users)?)
        .build())
}

fn get_user(path: &str) -> anyhow::Result<Response> {
    let id = &path["/api/users/".len()..];
    let stored: Option<UserResponse> = Store::open_default()?.get_json(format!("{USER}{id}"))?;
    let Some(user) = stored.or_else(|| initial_users().into_iter().find(|user| user.id == id)) else {
        return not_found();
    };

    Ok(Response::builder()
        .status(200)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(&user)?)
        .build())
}

fn not_found() -> anyhow::Result<Response> {
    Ok(Response::builder()
        .status(404)
        .body(b"Not Found".to_vec())
        .build())
}

fn bad_request(reason: serde_json::Value) -> anyhow::Result<Response> {
    Ok(Response::builder()
        .status(400)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(&reason)?)
        .build())
}

/// A user's key in the store is this and the id.
const USER: &str = "user:";

fn initial_users() -> Vec<UserResponse> {
    vec![
        UserResponse { id: "1".to_string(), email: "alice@example.com".to_string(), username: "alice".to_string(), created_at: 1710841600 },
    ]
}

fn current_timestamp() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs()
}
