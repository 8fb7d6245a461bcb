//! `spin:key-value@3.0.0`.

use futures::future::{Either, join_all, select};
use spin_sdk::key_value::{Error, Store};
use spin_sdk::wasip3::clocks::monotonic_clock::wait_for;
use spin_sdk::wit_bindgen;

use crate::{Call, Reply};

fn name(error: Error) -> String {
    match error {
        Error::StoreTableFull => "store-table-full".to_string(),
        Error::NoSuchStore => "no-such-store".to_string(),
        Error::AccessDenied => "access-denied".to_string(),
        Error::Other(message) => format!("other: {message}"),
    }
}

fn text(text: impl ToString) -> Reply {
    Ok((200, text.to_string().into_bytes()))
}

async fn open_many(call: &Call) -> Reply {
    let mut stores = Vec::new();
    while stores.len() < call.number("n", 1) {
        match Store::open(call.store()).await {
            Ok(store) => stores.push(store),
            Err(error) => return text(format!("{}: {}", stores.len(), name(error))),
        }
    }
    text(stores.len())
}

async fn all_keys(store: &Store) -> Reply {
    let mut keys = store.get_keys().await.collect().await.map_err(name)?;
    keys.sort();
    text(keys.join("\n"))
}

async fn some_keys(store: &Store, n: usize) -> Reply {
    let (mut keys, result) = store.get_keys().await.into_inner();
    let mut read = Vec::new();
    while read.len() < n {
        match keys.next().await {
            Some(key) => read.push(key),
            None => break,
        }
    }
    drop(keys);
    result.await.map_err(name)?;
    text(read.join("\n"))
}

async fn together(store: &Store, prefix: &str, n: usize) -> Reply {
    let one = |i: usize| async move {
        let key = format!("{prefix}-{i}");
        store.set(&key, &key).await?;
        let right = store.get(&key).await?.as_deref() == Some(key.as_bytes());
        store.delete(&key).await?;
        Ok::<bool, Error>(right)
    };
    let mut right = 0;
    for result in join_all((0..n).map(one)).await {
        right += usize::from(result.map_err(name)?);
    }
    text(right)
}

async fn beside(store: &Store, key: &str) -> Reply {
    let mut read = Box::pin(store.get(key));
    let mut slept = 0;
    loop {
        match select(read, Box::pin(wait_for(10_000_000))).await {
            Either::Left((value, _)) => {
                value.map_err(name)?;
                return text(slept);
            }
            Either::Right((_, still)) => {
                read = still;
                slept += 1;
            }
        }
    }
}

pub async fn reply(what: &str, call: &Call) -> Reply {
    if what == "open" {
        return open_many(call).await;
    }
    let store = Store::open(call.store()).await.map_err(name)?;
    let key = call.key();
    match what {
        "get" => Ok(store.get(&key).await.map_err(name)?.map_or((404, b"none".to_vec()), |value| (200, value))),
        "set" => store.set(&key, call.value()).await.map_err(name).and_then(|_| text("done")),
        "fill" => {
            let value: Vec<u8> = (0..call.number("n", 0)).map(|i| (i % 251) as u8).collect();
            store.set(&key, value).await.map_err(name).and_then(|_| text("done"))
        }
        "length" => text(store.get(&key).await.map_err(name)?.unwrap_or_default().len()),
        "delete" => store.delete(&key).await.map_err(name).and_then(|_| text("done")),
        "exists" => text(store.exists(&key).await.map_err(name)?),
        "keys" => all_keys(&store).await,
        "some-keys" => some_keys(&store, call.number("n", 1)).await,
        "visit" => {
            let before = store.get(&key).await.map_err(name)?.unwrap_or_default();
            let count = String::from_utf8_lossy(&before).parse::<u64>().unwrap_or(0) + 1;
            store.set(&key, count.to_string()).await.map_err(name)?;
            text(count)
        }
        "together" => together(&store, &key, call.number("n", 10)).await,
        "beside" => beside(&store, &key).await,
        "left" => {
            // Given up as soon as it waits: the call is cancelled.
            drop(select(Box::pin(store.get(&key)), Box::pin(wait_for(0))).await);
            Ok((200, store.get(&key).await.map_err(name)?.unwrap_or_default()))
        }
        "unfinished" => {
            let value = call.value().to_vec();
            wit_bindgen::spawn(async move {
                // Nobody hears how it ends.
                let _ = store.set(&key, value).await;
            });
            text("begun")
        }
        _ => Ok((404, b"no such path".to_vec())),
    }
}
