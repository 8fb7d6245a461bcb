//! Key-value stores, through every interface that has them: `/spin/...` is `fermyon:spin/key-value@2.0.0` through Spin's
//! SDK, `/wasi/...` is `wasi:keyvalue@0.2.0-draft2`, `/spin1/...` is `fermyon:spin/key-value`.
//!
//!     /X/get?key=K         the value, or 404 and `none`
//!     /X/set?key=K         sets the request's body, or the parameter `value`
//!     /X/fill?key=K&n=N    sets N bytes that it makes itself
//!     /X/length?key=K      the value's length
//!     /X/delete?key=K
//!     /X/exists?key=K      `true` or `false`
//!     /X/keys              all keys, a line each
//!     /X/open?n=N          opens the store N times and says how that ended
//!     /spin/visit?key=K    a get and a set: counts, without atomicity
//!     /wasi/increment?key=K&by=N
//!     /wasi/count?key=K    counts by compare-and-swap until it succeeds; answers the count
//!     /wasi/swap?key=K&value=V[&meanwhile=M][&unread=1]  reads, has M set by the store, and swaps
//!     /wasi/many?n=N       sets, gets and deletes N keys in batches; answers `SET FOUND MISSING`
//!
//! The store is `default`, or what the parameter `store` names; `long=N` makes a key longer by N bytes. An error is 500
//! and its name.

mod spin;
mod spin1;
mod wasi_kv;

use guest_http::{answer, with_body, Target};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wit_bindgen::generate!({ world: "all", path: "wit", generate_all });

/// A status and a body.
pub type Reply = Result<(u16, Vec<u8>), String>;

pub struct Call {
    pub target: Target,
    pub body: Vec<u8>,
}

impl Call {
    pub fn parameter(&self, name: &str) -> String {
        self.target.parameter(name).unwrap_or_default()
    }
    pub fn key(&self) -> String {
        self.parameter("key") + "k".repeat(self.target.number("long", 0) as usize).as_str()
    }
    pub fn store(&self) -> String {
        self.target.parameter("store").unwrap_or("default".to_string())
    }
    /// What is to be set.
    pub fn value(&self) -> Vec<u8> {
        match self.target.parameter("value") {
            Some(value) => value.into_bytes(),
            None => self.body.clone(),
        }
    }
    pub fn filling(&self) -> Vec<u8> {
        (0..self.target.number("n", 0)).map(|i| (i % 251) as u8).collect()
    }
}

pub fn done() -> Reply {
    Ok((200, b"done".to_vec()))
}
pub fn text(text: impl ToString) -> Reply {
    Ok((200, text.to_string().into_bytes()))
}
pub fn value(found: Option<Vec<u8>>) -> Reply {
    Ok(found.map_or((404, b"none".to_vec()), |value| (200, value)))
}
pub fn lines(mut keys: Vec<String>) -> Reply {
    keys.sort();
    text(keys.join("\n"))
}

struct KeyValue;
wasip2::http::proxy::export!(KeyValue);

impl Guest for KeyValue {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let mut body = Vec::new();
        let read = with_body(request.consume().unwrap(), |stream| stream.read_to_end(&mut body));
        if let Err(error) = read {
            return answer(out, 400, error.to_string());
        }
        let call = Call { target, body };
        let path = call.target.path.clone();
        let reply = match path[1..].split_once('/') {
            Some(("spin", what)) => spin::reply(what, &call),
            Some(("wasi", what)) => wasi_kv::reply(what, &call),
            Some(("spin1", what)) => spin1::reply(what, &call),
            _ => Ok((404, b"no such path".to_vec())),
        };
        match reply {
            Ok((status, body)) => answer(out, status, body),
            Err(error) => answer(out, 500, error),
        }
    }
}
