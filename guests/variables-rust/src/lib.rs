//! Reads variables, through every interface that has them.
//!
//!     /variables?name=N   fermyon:spin/variables@2.0.0, through Spin's SDK: the value, or 404 and the error
//!     /spin1?name=N       fermyon:spin/config: the same
//!     /config?name=N      wasi:config/store@0.2.0-draft-2024-09-27: the value, or 404 and `none`
//!     /config-all         the same: all of them, a line each: `name=value`
//!     /rc1?name=N         wasi:config/store@0.2.0-rc.1
//!     /environment        the environment, a line each
//!     /fetch?authority=A  requests http://A/, and says how that went

use guest_http::{answer, Target};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{Fields, IncomingRequest, OutgoingRequest, ResponseOutparam, Scheme};

wit_bindgen::generate!({ world: "all", path: "wit", generate_all });

use fermyon::spin::config as spin1;
use wasi::config0_2_0_draft_2024_09_27::store as draft;
use wasi::config0_2_0_rc_1::store as rc1;

struct Variables;
wasip2::http::proxy::export!(Variables);

impl Guest for Variables {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let name = target.parameter("name").unwrap_or_default();
        let (status, text) = match target.path.as_str() {
            "/variables" => found(spin_sdk::variables::get(&name).map_err(|e| format!("{e:?}"))),
            "/spin1" => found(spin1::get_config(&name).map_err(|e| format!("{e:?}"))),
            "/config" => optional(draft::get(&name).map_err(|e| format!("{e:?}"))),
            "/config-all" => found(draft::get_all().map(lines).map_err(|e| format!("{e:?}"))),
            "/rc1" => optional(rc1::get(&name).map_err(|e| format!("{e:?}"))),
            "/environment" => (200, lines(std::env::vars())),
            "/fetch" => (200, fetch(&target.parameter("authority").unwrap_or_default())),
            _ => (404, "no such path".to_string()),
        };
        answer(out, status, text);
    }
}

fn found(value: Result<String, String>) -> (u16, String) {
    value.map_or_else(|error| (404, error), |value| (200, value))
}

fn optional(value: Result<Option<String>, String>) -> (u16, String) {
    found(value.and_then(|value| value.ok_or_else(|| "none".to_string())))
}

fn lines(pairs: impl IntoIterator<Item = (String, String)>) -> String {
    pairs.into_iter().map(|(name, value)| format!("{name}={value}\n")).collect()
}

fn fetch(authority: &str) -> String {
    let request = OutgoingRequest::new(Fields::new());
    request.set_scheme(Some(&Scheme::Http)).unwrap();
    request.set_path_with_query(Some("/")).unwrap();
    if request.set_authority(Some(authority)).is_err() {
        return "not an authority".to_string();
    }
    let response = match handle(request, None) {
        Ok(response) => response,
        Err(error) => return format!("{error:?}"),
    };
    response.subscribe().block();
    match response.get() {
        Some(Ok(Ok(response))) => format!("status {}", response.status()),
        Some(Ok(Err(error))) => format!("{error:?}"),
        _ => "no response".to_string(),
    }
}
