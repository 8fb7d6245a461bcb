//! `fermyon:spin/key-value`, whose stores are numbers.

use crate::fermyon::spin::key_value::{close, delete, exists, get, get_keys, open, set, Error};
use crate::{done, lines, text, value, Call, Reply};

fn name(error: Error) -> String {
    match error {
        Error::StoreTableFull => "store-table-full".to_string(),
        Error::NoSuchStore => "no-such-store".to_string(),
        Error::AccessDenied => "access-denied".to_string(),
        Error::InvalidStore => "invalid-store".to_string(),
        Error::NoSuchKey => "no-such-key".to_string(),
        Error::Io(message) => format!("io: {message}"),
    }
}

pub fn reply(what: &str, call: &Call) -> Reply {
    let store = open(&call.store()).map_err(name)?;
    let key = call.key();
    match what {
        "get" => match get(store, &key) {
            Err(Error::NoSuchKey) => value(None),
            found => value(Some(found.map_err(name)?)),
        },
        "set" => set(store, &key, &call.value()).map_err(name).and_then(|_| done()),
        "fill" => set(store, &key, &call.filling()).map_err(name).and_then(|_| done()),
        "length" => text(get(store, &key).map_err(name)?.len()),
        "delete" => delete(store, &key).map_err(name).and_then(|_| done()),
        "exists" => text(exists(store, &key).map_err(name)?),
        "keys" => lines(get_keys(store).map_err(name)?),
        "closed" => {
            close(store);
            get(store, &key).map_err(name).and_then(|_| done())
        }
        _ => Ok((404, b"no such path".to_vec())),
    }
}
