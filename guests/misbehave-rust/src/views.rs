//! What a component sees of its host and of the requests before.

use std::sync::Mutex;

use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::random::random::get_random_bytes;

/// `NAME=value` lines, sorted.
pub fn environment() -> String {
    let mut lines: Vec<_> = std::env::vars().map(|(name, value)| format!("{name}={value}\n")).collect();
    lines.sort();
    lines.concat()
}

/// That many random bytes in hexadecimal.
pub fn random(count: u64) -> String {
    get_random_bytes(count).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Both clocks and their resolutions in nanoseconds, as JSON.
pub fn clocks() -> String {
    let nanoseconds = |t: wall_clock::Datetime| u128::from(t.seconds) * 1_000_000_000 + u128::from(t.nanoseconds);
    format!(
        r#"{{"wall":{},"wall_resolution":{},"monotonic":{},"monotonic_resolution":{}}}"#,
        nanoseconds(wall_clock::now()),
        nanoseconds(wall_clock::resolution()),
        monotonic_clock::now(),
        monotonic_clock::resolution()
    )
}

/// What the request before left in a variable (`nothing` when there is none of it), leaving `value` for the next.
pub fn remembered(value: &str) -> String {
    static LAST: Mutex<Option<String>> = Mutex::new(None);
    LAST.lock().unwrap().replace(value.to_string()).unwrap_or("nothing".to_string())
}
