//! What the guests share of answering a request with WASI 0.2: heads, bodies and queries.

use std::io::{self, Read, Write};

use wasip2::http::types::{Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasip2::io::streams::OutputStream;

/// A response whose head was sent and whose body is being written. Dropped without `finish`, it is an unfinished body.
pub struct Answer {
    // Before `body`: a stream must be gone when the body it belongs to is finished or dropped.
    stream: OutputStream,
    body: OutgoingBody,
}

impl Answer {
    pub fn start(out: ResponseOutparam, status: u16, headers: &[(&str, &str)]) -> Answer {
        let fields = Fields::new();
        for (name, value) in headers {
            fields.append(name, value.as_bytes()).unwrap();
        }
        let response = OutgoingResponse::new(fields);
        response.set_status_code(status).unwrap();
        let body = response.body().unwrap();
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().unwrap();
        Answer { stream, body }
    }

    /// Says that the body is complete. The host answers with an error when the body is not as long as was announced.
    pub fn finish(self) -> Result<(), wasip2::http::types::ErrorCode> {
        drop(self.stream);
        OutgoingBody::finish(self.body, None)
    }
}

impl Write for Answer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(&mut self.stream, bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Write::flush(&mut self.stream)
    }
}

/// Answers with a whole text. A client that leaves meanwhile is no fault of the guest.
pub fn answer(out: ResponseOutparam, status: u16, text: impl AsRef<[u8]>) {
    let mut answer = Answer::start(out, status, &[("content-type", "text/plain")]);
    if answer.write_all(text.as_ref()).is_ok() {
        let _ = answer.finish();
    }
}

/// Copies `from` to its end, passing on every piece as soon as it is there.
pub fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut piece = vec![0; 64 << 10];
    loop {
        match from.read(&mut piece)? {
            0 => return Ok(()),
            n => to.write_all(&piece[..n])?,
        }
    }
}

/// Calls `f` with the request's body as a stream, and waits for nothing after it.
pub fn with_body<T>(body: IncomingBody, f: impl FnOnce(&mut dyn Read) -> T) -> T {
    let mut stream = body.stream().unwrap();
    let result = f(&mut stream);
    drop(stream);
    drop(body);
    result
}

/// A request's target: its path, and the parameters of its query.
pub struct Target {
    pub path: String,
    query: String,
}

impl Target {
    pub fn of(request: &IncomingRequest) -> Target {
        let target = request.path_with_query().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        Target { path: path.to_string(), query: query.to_string() }
    }

    /// The whole query as it was sent.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The decoded value of the first parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| decode(value)).next()
    }

    /// A parameter that is a number, or `otherwise` when it is absent or none.
    pub fn number(&self, name: &str, otherwise: u64) -> u64 {
        self.parameter(name).and_then(|value| value.parse().ok()).unwrap_or(otherwise)
    }
}

/// Undoes percent-encoding; what is no valid escape stays as it is.
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                decoded.push(byte);
                at += 3;
            }
            _ => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// A JSON string in ASCII, so that it may stand in a header.
pub fn json_string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte @ (b'"' | b'\\')) => quoted.extend(['\\', byte as char]),
            Ok(byte @ b' '..=b'~') => quoted.push(byte as char),
            _ => quoted += &format!("\\u{unit:04x}"),
        }
    }
    quoted + "\""
}
