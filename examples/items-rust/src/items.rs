//! The items: one JSON array in a key-value store.

use serde_json::Value;

use wasi::keyvalue::atomics::{swap, Cas, CasError};
use wasi::keyvalue::store::{open, Error};

wit_bindgen::generate!({ world: "items", path: "wit", generate_all });

const KEY: &str = "items";

/// The array as JSON.
pub fn all() -> Result<Vec<u8>, String> {
    let bucket = open("default").map_err(told)?;
    Ok(bucket.get(KEY).map_err(told)?.unwrap_or(b"[]".to_vec()))
}

/// Of several at once none is lost: what somebody else has changed meanwhile is read again.
pub fn add(item: Value) -> Result<(), String> {
    let bucket = open("default").map_err(told)?;
    let mut cas = Cas::new(&bucket, KEY).map_err(told)?;
    loop {
        let before = cas.current().map_err(told)?.unwrap_or(b"[]".to_vec());
        let mut items: Vec<Value> = serde_json::from_slice(&before).map_err(|error| error.to_string())?;
        items.push(item.clone());
        match swap(cas, Value::Array(items).to_string().as_bytes()) {
            Ok(()) => return Ok(()),
            Err(CasError::CasFailed(latest)) => cas = latest,
            Err(CasError::StoreError(error)) => return Err(told(error)),
        }
    }
}

fn told(error: Error) -> String {
    format!("key-value store: {error}")
}
