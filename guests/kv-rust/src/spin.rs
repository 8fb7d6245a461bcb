//! `fermyon:spin/key-value@2.0.0`, as Spin's SDK has it.

use spin_sdk::key_value::{Error, Store};

use crate::{done, lines, text, value, Call, Reply};

fn name(error: Error) -> String {
    match error {
        Error::StoreTableFull => "store-table-full".to_string(),
        Error::NoSuchStore => "no-such-store".to_string(),
        Error::AccessDenied => "access-denied".to_string(),
        Error::Other(message) => format!("other: {message}"),
    }
}

pub fn reply(what: &str, call: &Call) -> Reply {
    if what == "open" {
        let wanted = call.target.number("n", 1);
        let mut stores = Vec::new();
        while (stores.len() as u64) < wanted {
            match Store::open(&call.store()) {
                Ok(store) => stores.push(store),
                Err(error) => return text(format!("{}: {}", stores.len(), name(error))),
            }
        }
        return text(stores.len());
    }
    let store = Store::open(&call.store()).map_err(name)?;
    let key = call.key();
    match what {
        "get" => value(store.get(&key).map_err(name)?),
        "set" => store.set(&key, &call.value()).map_err(name).and_then(|_| done()),
        "fill" => store.set(&key, &call.filling()).map_err(name).and_then(|_| done()),
        "length" => text(store.get(&key).map_err(name)?.unwrap_or_default().len()),
        "delete" => store.delete(&key).map_err(name).and_then(|_| done()),
        "exists" => text(store.exists(&key).map_err(name)?),
        "keys" => lines(store.get_keys().map_err(name)?),
        "visit" => {
            let before = store.get(&key).map_err(name)?.unwrap_or_default();
            let count = String::from_utf8_lossy(&before).parse::<u64>().unwrap_or(0) + 1;
            store.set(&key, count.to_string().as_bytes()).map_err(name)?;
            text(count)
        }
        _ => Ok((404, b"no such path".to_vec())),
    }
}
