//! A component that serves no requests: other components import what it exports (wit/library.wit).

use std::cell::Cell;

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{Fields, OutgoingRequest, Scheme};

wit_bindgen::generate!({ world: "library", path: "wit", generate_all });

use exports::weft::library::{counters, reach, text};

struct Library;
export!(Library);

impl text::Guest for Library {
    fn shout(text: String) -> String {
        text.to_uppercase()
    }
    fn words(text: String) -> Vec<String> {
        text.split_whitespace().map(str::to_string).collect()
    }
}

struct Counter(Cell<u32>);

impl counters::Guest for Library {
    type Counter = Counter;
}

impl counters::GuestCounter for Counter {
    fn new(start: u32) -> Self {
        Counter(Cell::new(start))
    }
    fn next(&self) -> u32 {
        self.0.replace(self.0.get() + 1)
    }
}

impl reach::Guest for Library {
    fn variable(name: String) -> Result<String, String> {
        spin_sdk::variables::get(&name).map_err(|e| format!("{e:?}"))
    }
    fn config(name: String) -> Result<String, String> {
        match wasi::config::store::get(&name) {
            Ok(value) => value.ok_or("none".to_string()),
            Err(error) => Err(format!("{error:?}")),
        }
    }
    fn value(store: String, key: String) -> Result<String, String> {
        let store = spin_sdk::key_value::Store::open(&store).map_err(|e| format!("{e:?}"))?;
        let value = store.get(&key).map_err(|e| format!("{e:?}"))?;
        Ok(value.map_or("none".to_string(), |value| String::from_utf8_lossy(&value).into_owned()))
    }
    fn fetch(authority: String) -> Result<u16, String> {
        let request = OutgoingRequest::new(Fields::new());
        request.set_scheme(Some(&Scheme::Http)).unwrap();
        request.set_path_with_query(Some("/")).unwrap();
        request.set_authority(Some(&authority)).map_err(|()| "no authority".to_string())?;
        let response = handle(request, None).map_err(|e| format!("{e:?}"))?;
        response.subscribe().block();
        match response.get() {
            Some(Ok(Ok(response))) => Ok(response.status()),
            Some(Ok(Err(error))) => Err(format!("{error:?}")),
            _ => Err("no response".to_string()),
        }
    }
    fn file(path: String) -> Result<String, String> {
        std::fs::read_to_string(path).map_err(|e| format!("{:?}", e.kind()))
    }
    fn environment() -> Vec<String> {
        std::env::vars().map(|(name, value)| format!("{name}={value}")).collect()
    }
    fn print(text: String) {
        println!("{text}");
    }
}
