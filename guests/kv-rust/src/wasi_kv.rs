//! `wasi:keyvalue@0.2.0-draft2`.

use crate::wasi::keyvalue::atomics::{increment, swap, Cas, CasError};
use crate::wasi::keyvalue::batch::{delete_many, get_many, set_many};
use crate::wasi::keyvalue::store::{open, Bucket, Error};
use crate::{done, lines, text, value, Call, Reply};

fn name(error: Error) -> String {
    match error {
        Error::NoSuchStore => "no-such-store".to_string(),
        Error::AccessDenied => "access-denied".to_string(),
        Error::Other(message) => format!("other: {message}"),
    }
}

fn all_keys(bucket: &Bucket) -> Result<Vec<String>, Error> {
    let mut keys = Vec::new();
    let mut cursor = None;
    loop {
        let page = bucket.list_keys(cursor.as_deref())?;
        keys.extend(page.keys);
        match page.cursor {
            None => return Ok(keys),
            next => cursor = next,
        }
    }
}

fn count(bucket: &Bucket, key: &str) -> Reply {
    let mut cas = Cas::new(bucket, key).map_err(name)?;
    loop {
        let before = cas.current().map_err(name)?.unwrap_or_default();
        let next = String::from_utf8_lossy(&before).parse::<u64>().unwrap_or(0) + 1;
        match swap(cas, next.to_string().as_bytes()) {
            Ok(()) => return text(next),
            Err(CasError::CasFailed(latest)) => cas = latest,
            Err(CasError::StoreError(error)) => return Err(name(error)),
        }
    }
}

fn swap_once(bucket: &Bucket, call: &Call) -> Reply {
    let cas = Cas::new(bucket, &call.key()).map_err(name)?;
    if call.target.parameter("unread").is_none() {
        cas.current().map_err(name)?;
    }
    if let Some(meanwhile) = call.target.parameter("meanwhile") {
        bucket.set(&call.key(), meanwhile.as_bytes()).map_err(name)?;
    }
    match swap(cas, &call.value()) {
        Ok(()) => text("swapped"),
        Err(CasError::StoreError(error)) => Err(name(error)),
        Err(CasError::CasFailed(latest)) => {
            let now = latest.current().map_err(name)?.unwrap_or_default();
            text(format!("failed: {}", String::from_utf8_lossy(&now)))
        }
    }
}

fn many(bucket: &Bucket, call: &Call) -> Reply {
    let n = call.target.number("n", 10);
    let keys: Vec<String> = (0..n).map(|i| format!("many-{i}")).collect();
    let pairs: Vec<_> = keys.iter().map(|key| (key.clone(), key.clone().into_bytes())).collect();
    set_many(bucket, &pairs).map_err(name)?;
    let mut asked = keys.clone();
    asked.push("missing".to_string());
    let found = get_many(bucket, &asked).map_err(name)?;
    let good = found.iter().filter(|(key, value)| value.as_deref() == Some(key.as_bytes())).count();
    let missing = found.iter().filter(|(_, value)| value.is_none()).count();
    delete_many(bucket, &keys).map_err(name)?;
    text(format!("{n} {good} {missing}"))
}

pub fn reply(what: &str, call: &Call) -> Reply {
    let bucket = open(&call.store()).map_err(name)?;
    let key = call.key();
    match what {
        "get" => value(bucket.get(&key).map_err(name)?),
        "set" => bucket.set(&key, &call.value()).map_err(name).and_then(|_| done()),
        "fill" => bucket.set(&key, &call.filling()).map_err(name).and_then(|_| done()),
        "length" => text(bucket.get(&key).map_err(name)?.unwrap_or_default().len()),
        "delete" => bucket.delete(&key).map_err(name).and_then(|_| done()),
        "exists" => text(bucket.exists(&key).map_err(name)?),
        "keys" => lines(all_keys(&bucket).map_err(name)?),
        "cursor" => bucket.list_keys(Some(&call.parameter("cursor"))).map_err(name).and_then(|_| done()),
        "increment" => {
            let by = call.parameter("by").parse().unwrap_or(1);
            text(increment(&bucket, &key, by).map_err(name)?)
        }
        "count" => count(&bucket, &key),
        "swap" => swap_once(&bucket, call),
        "many" => many(&bucket, call),
        _ => Ok((404, b"no such path".to_vec())),
    }
}
