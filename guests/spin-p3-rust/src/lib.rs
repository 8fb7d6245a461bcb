//! Spin's asynchronous interfaces, through version 7 of its SDK: `spin:key-value@3.0.0` and `spin:variables@3.0.0`.
//!
//!     /spin3/get?key=K     the value, or 404 and `none`
//!     /spin3/set?key=K     sets the request's body, or the parameter `value`
//!     /spin3/fill?key=K&n=N  sets N bytes that it makes itself
//!     /spin3/length?key=K  the value's length
//!     /spin3/delete?key=K
//!     /spin3/exists?key=K  `true` or `false`
//!     /spin3/keys          all keys, a line each
//!     /spin3/some-keys?n=N reads N keys, drops the rest unread, and says how the listing ended
//!     /spin3/open?n=N      opens the store N times and says how that ended
//!     /spin3/visit?key=K   a get and a set: counts, without atomicity
//!     /spin3/together?n=N  sets, reads and deletes N keys in as many tasks; answers how many it read right
//!     /spin3/beside?key=K  how many times it could sleep for 10 ms until a value was read
//!     /spin3/left?key=K    begins to read a value, gives it up, and reads it
//!     /spin3/unfinished?key=K  begins to set the parameter `value`, and answers meanwhile
//!     /variables3?name=N   the variable's value, or 404 and the error
//!
//! The store is `default`, or what the parameter `store` names; `long=N` makes a key longer by N bytes. An error is 500
//! and its name.

mod key_value;

use bytes::Bytes;
use spin_sdk::http::body::IncomingBodyExt;
use spin_sdk::http::{FullBody, IntoResponse, Request, Response};
use spin_sdk::http_service;

/// A status and a body.
pub type Reply = Result<(u16, Vec<u8>), String>;

pub struct Call {
    parameters: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    fn find(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
    pub fn number(&self, name: &str, otherwise: usize) -> usize {
        self.find(name).and_then(|value| value.parse().ok()).unwrap_or(otherwise)
    }
    pub fn key(&self) -> String {
        self.find("key").unwrap_or_default().to_string() + &"k".repeat(self.number("long", 0))
    }
    pub fn store(&self) -> &str {
        self.find("store").unwrap_or("default")
    }
    /// What is to be set.
    pub fn value(&self) -> &[u8] {
        self.find("value").map_or(&self.body, str::as_bytes)
    }
}

async fn variable(call: &Call) -> Reply {
    Ok(match spin_sdk::variables::get(call.find("name").unwrap_or_default()).await {
        Ok(value) => (200, value.into_bytes()),
        Err(error) => (404, format!("{error:?}").into_bytes()),
    })
}

#[http_service]
async fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    let (head, body) = request.into_parts();
    let query = head.uri.query().unwrap_or_default();
    let parameters = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let call = Call { parameters, body: body.bytes().await?.to_vec() };
    let path = head.uri.path();
    let reply = match path.strip_prefix("/spin3/") {
        Some(what) => key_value::reply(what, &call).await,
        None if path == "/variables3" => variable(&call).await,
        None => Ok((404, b"no such path".to_vec())),
    };
    let (status, body) = reply.unwrap_or_else(|error| (500, error.into_bytes()));
    Ok(Response::builder().status(status).body(FullBody::new(Bytes::from(body)))?)
}
