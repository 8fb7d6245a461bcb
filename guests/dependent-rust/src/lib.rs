//! Serves requests with what another component exports: that of library-rust, which a manifest names in `dependencies`.
//!
//!     /shout?text=T            T in capital letters
//!     /words?text=T            its words, a line each
//!     /count?from=N            what a counter of the library says three times
//!     /library/variable?name=N  a variable, as the library reads it; an error is 500
//!     /library/config?name=N    the same through wasi:config
//!     /library/value?store=S&key=K
//!     /library/fetch?authority=A  the status of http://A/
//!     /library/file?path=P
//!     /library/environment     a line each
//!     /library/print?text=T
//!     /own/variable?name=N     the same, as the component itself reads it
//!     /own/value?store=S&key=K

use guest_http::{answer, Target};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wit_bindgen::generate!({ world: "dependent", path: "wit", generate_all });

use weft::library::counters::Counter;
use weft::library::{reach, text};

struct Dependent;
wasip2::http::proxy::export!(Dependent);

impl Guest for Dependent {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let parameter = |name: &str| target.parameter(name).unwrap_or_default();
        let result = match target.path.as_str() {
            "/shout" => Ok(text::shout(&parameter("text"))),
            "/words" => Ok(text::words(&parameter("text")).join("\n")),
            "/count" => {
                let counter = Counter::new(target.number("from", 0) as u32);
                Ok(format!("{} {} {}", counter.next(), counter.next(), counter.next()))
            }
            "/library/variable" => reach::variable(&parameter("name")),
            "/library/config" => reach::config(&parameter("name")),
            "/library/value" => reach::value(&parameter("store"), &parameter("key")),
            "/library/fetch" => reach::fetch(&parameter("authority")).map(|status| status.to_string()),
            "/library/file" => reach::file(&parameter("path")),
            "/library/environment" => Ok(reach::environment().join("\n")),
            "/library/print" => {
                reach::print(&parameter("text"));
                Ok("printed".to_string())
            }
            "/own/variable" => spin_sdk::variables::get(&parameter("name")).map_err(|e| format!("{e:?}")),
            "/own/value" => own_value(&parameter("store"), &parameter("key")),
            _ => Err("no such path".to_string()),
        };
        match result {
            Ok(text) => answer(out, 200, text),
            Err(error) => answer(out, 500, error),
        }
    }
}

fn own_value(store: &str, key: &str) -> Result<String, String> {
    let store = spin_sdk::key_value::Store::open(store).map_err(|e| format!("{e:?}"))?;
    let value = store.get(key).map_err(|e| format!("{e:?}"))?;
    Ok(value.map_or("none".to_string(), |value| String::from_utf8_lossy(&value).into_owned()))
}
