//! One outgoing request.

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions,
    Scheme,
};

/// Starts a request with one more header, `NAME:VALUE`, if there is one given. `limit` is in milliseconds, for connecting and for each wait for the answer.
/// The body it returns is the request's: to be written, and then finished.
pub fn start(
    method: &Method,
    url: &str,
    header: Option<&str>,
    limit: Option<u64>,
) -> Result<(OutgoingBody, FutureIncomingResponse), ErrorCode> {
    let headers = Fields::new();
    if let Some((name, value)) = header.and_then(|header| header.split_once(':')) {
        headers.append(name, value.as_bytes()).map_err(|_| ErrorCode::HttpProtocolError)?;
    }
    let request = OutgoingRequest::new(headers);
    address(&request, method, url).map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    let body = request.body().unwrap();
    let options = limit.map(|milliseconds| {
        let options = RequestOptions::new();
        let nanoseconds = Some(milliseconds * 1_000_000);
        // A host may not know a limit; then there is none.
        let _ = options.set_connect_timeout(nanoseconds);
        let _ = options.set_first_byte_timeout(nanoseconds);
        let _ = options.set_between_bytes_timeout(nanoseconds);
        options
    });
    Ok((body, handle(request, options)?))
}

/// Fills in `http://authority/path?query`; a URL that begins with `/` names no host.
fn address(request: &OutgoingRequest, method: &Method, url: &str) -> Result<(), ()> {
    request.set_method(method)?;
    let rest = match url.split_once("://") {
        Some((scheme, rest)) => {
            let scheme = match scheme {
                "http" => Scheme::Http,
                "https" => Scheme::Https,
                other => Scheme::Other(other.to_string()),
            };
            request.set_scheme(Some(&scheme))?;
            let (authority, _) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
            request.set_authority(Some(authority))?;
            &rest[authority.len()..]
        }
        None if url.starts_with('/') => url,
        None => return Err(()),
    };
    let slash = if rest.starts_with('/') { "" } else { "/" };
    request.set_path_with_query(Some(&format!("{slash}{rest}")))
}

/// The response, once `future` is ready.
pub fn response(future: &FutureIncomingResponse) -> Option<Result<IncomingResponse, ErrorCode>> {
    future.get().map(|first_time| first_time.unwrap())
}

/// The name of an error as WIT writes it, such as `connection-refused`.
pub fn name_of(error: &ErrorCode) -> String {
    // "ErrorCode::ConnectionRefused" or "ErrorCode::InternalError(...)"
    let debug = format!("{error:?}");
    let camel = debug.trim_start_matches("ErrorCode::").split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap();
    let mut name = String::new();
    for c in camel.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}
