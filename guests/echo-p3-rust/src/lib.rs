//! WASI 0.3 without an SDK. What it does depends on the request's path:
//!
//! - `/`: streams the request's body back as it comes in, piece by piece through the guest's memory
//! - `/pass`: gives the request's body away as the response's: no byte passes through the guest
//! - `/count`: reads the whole body and answers how many bytes it had, how many trailers, and how it ended
//! - `/trailers`: answers `body` and the trailer `x-trailer: value`
//! - `/slow`: answers the head, then a line each 50 ms, five times; `/slow?20`: twenty times
//! - `/never`: never returns
//! - `/stuck`: waits for a future that nobody will ever write
//! - `/no-response`: returns an error
//! - `/trap`: traps before it returns; `/trap-late`: after it has returned the head and a piece of the body
//! - `/cut`: gives up a body after a piece of it: it must not look complete
//! - `/unread`: answers without a look at the body; `/dropped`: takes the body and drops both ends of it unread
//! - `/half`: reads 5 bytes, begins another read and cancels it if it has to wait, drops the body, and answers what it
//!   read, what became of the other read, and how the body ended
//! - `/syntax`: answers what could be set of a request and a response and what not, and the field `padded`, set with
//!   blanks around its value
//! - `/unsent`: drops a response that it made, and answers what it is told of it
//! - `/too-long`, `/too-short`: promises 4 bytes and sends another number of them
//! - `/stdout`: prints two lines to standard output and one to standard error
//! - `/turn`: answers how many requests its instance has begun with this one, and how many of them have no response yet;
//!   `/hold`: the same after 400 ms, as it was at the begin
//! - `/burn`: computes for 400 ms, then answers
//! - `/keep`: the same as `/turn`, and keeps its request for ever; `/refused`: after asking for more memory than there is
//! - `/get`: asks for the URL that the header `url` names, and answers what it answers, streaming

use std::sync::atomic::{AtomicU32, Ordering};

use wasip3::clocks::monotonic_clock;
use wasip3::http::types::{ErrorCode, Fields, Method, Request, Response, Scheme, Trailers};
use wasip3::wit_bindgen::{StreamReader, StreamResult, StreamWriter};
use wasip3::{wit_future, wit_stream};

struct Echo;
wasip3::http::service::export!(Echo);

const PIECE: usize = 64 << 10;

/// Requests of this instance: all, and those that have no response yet.
static BEGUN: AtomicU32 = AtomicU32::new(0);
static OPEN: AtomicU32 = AtomicU32::new(0);

/// A request without a response, however it ends.
struct Open;

impl Open {
    fn new() -> Self {
        OPEN.fetch_add(1, Ordering::Relaxed);
        Open
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

impl wasip3::exports::http::handler::Guest for Echo {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let _open = Open::new();
        let turn = format!("{} {}\n", BEGUN.fetch_add(1, Ordering::Relaxed) + 1, OPEN.load(Ordering::Relaxed));
        let path = request.get_path_with_query().unwrap_or_default();
        match path.split('?').next().unwrap_or_default() {
            "/" => echo(request),
            "/pass" => pass(request),
            "/count" => count(request).await,
            "/trailers" => Ok(respond(trailers)),
            "/slow" => {
                let lines = path.split('?').nth(1).and_then(|count| count.parse().ok()).unwrap_or(5);
                Ok(respond(move |out| slow(out, lines)))
            }
            "/never" => loop {
                monotonic_clock::wait_for(1_000_000_000).await;
            },
            "/stuck" => {
                let (_keep, read) = wit_future::new::<Result<(), ErrorCode>>(|| Ok(()));
                let _ = read.await;
                unreachable!()
            }
            "/no-response" => Err(ErrorCode::InternalError(Some("on purpose".to_string()))),
            "/trap" => unreachable!("on purpose"),
            "/trap-late" => Ok(respond(trap_late)),
            "/cut" => Ok(respond(cut)),
            "/unread" => text(200, "unread\n".to_string()),
            "/dropped" => {
                let (_done, res) = wit_future::new(|| Ok(()));
                drop(Request::consume_body(request, res));
                text(200, "dropped\n".to_string())
            }
            "/half" => half(request).await,
            "/unsent" => {
                let (mut out, body) = wit_stream::new();
                let (_end, trailers) = wit_future::new(|| Ok(None));
                let (response, sent) = Response::new(Fields::new(), Some(body), trailers);
                drop(response);
                let rest = out.write_all(b"body".to_vec()).await;
                text(200, format!("{} bytes left, {:?}\n", rest.len(), sent.await))
            }
            "/syntax" => syntax(),
            "/too-long" => promise(b"sixsix"),
            "/too-short" => promise(b"two"),
            "/stdout" => {
                print(b"one\ntwo\n", wasip3::cli::stdout::write_via_stream).await;
                print(b"three\n", wasip3::cli::stderr::write_via_stream).await;
                text(200, "printed\n".to_string())
            }
            "/turn" => text(200, turn),
            "/hold" => {
                monotonic_clock::wait_for(400_000_000).await;
                text(200, turn)
            }
            "/burn" => {
                let end = monotonic_clock::now() + 400_000_000;
                while monotonic_clock::now() < end {}
                text(200, turn)
            }
            "/keep" => {
                std::mem::forget(request);
                text(200, turn)
            }
            "/refused" => {
                assert_eq!(core::arch::wasm32::memory_grow(0, 60_000), usize::MAX);
                text(200, turn)
            }
            "/get" => get(request).await,
            _ => text(404, "no such path\n".to_string()),
        }
    }
}

async fn half(request: Request) -> Result<Response, ErrorCode> {
    let (_done, res) = wit_future::new(|| Ok(()));
    let (mut body, trailers) = Request::consume_body(request, res);
    let (_, first) = body.read(Vec::with_capacity(5)).await;
    let second = {
        let mut read = std::pin::pin!(body.read(Vec::with_capacity(PIECE)));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match read.as_mut().poll(&mut context) {
            std::task::Poll::Ready(_) => "read",
            std::task::Poll::Pending => match read.cancel().0 {
                StreamResult::Cancelled => "cancelled",
                _ => "not cancelled",
            },
        }
    };
    drop(body);
    let end = trailers.await.map(|fields| fields.is_some());
    text(200, format!("{}, {second}, {end:?}\n", String::from_utf8_lossy(&first)))
}

fn syntax() -> Result<Response, ErrorCode> {
    let (_end, trailers) = wit_future::new(|| Ok(None));
    let (request, _sent) = Request::new(Fields::new(), None, trailers, None);
    let mut said = String::new();
    for scheme in ["https", "http", "ws"] {
        request.set_scheme(Some(&Scheme::Other(scheme.to_string()))).unwrap();
        said += &format!("{:?}\n", request.get_scheme().unwrap());
    }
    for authority in ["user@example.com", ""] {
        said += &format!("{authority:?}: {}\n", request.set_authority(Some(authority)).is_ok());
    }
    let fields = Fields::new();
    fields.append("padded", b" \t value ").unwrap();
    let set = fields.get("padded");
    said += &format!("{:?}\n", String::from_utf8_lossy(&set[0]));
    said += &format!("{:?}\n", fields.append("other", b" value\r\n"));
    let (end, trailers) = wit_future::new(|| Ok(None));
    drop(end);
    let (unsent, _sent) = Response::new(Fields::new(), None, trailers);
    for status in [99, 100, 599, 600, 999] {
        said += &format!("{status}: {}\n", unsent.set_status_code(status).is_ok());
    }
    Ok(respond_with(fields, move |mut out| async move {
        out.write_all(said.into_bytes()).await;
        Ok(None)
    }))
}

/// A response that says it has 4 bytes.
fn promise(bytes: &'static [u8]) -> Result<Response, ErrorCode> {
    let fields = Fields::new();
    fields.append("content-length", b"4").unwrap();
    Ok(respond_with(fields, move |mut out| async move {
        out.write_all(bytes.to_vec()).await;
        drop(out);
        Ok(None)
    }))
}

async fn print<E: std::fmt::Debug + 'static>(
    text: &[u8],
    to: impl FnOnce(StreamReader<u8>) -> wasip3::wit_bindgen::FutureReader<Result<(), E>>,
) {
    let (mut out, data) = wit_stream::new();
    let done = to(data);
    assert!(out.write_all(text.to_vec()).await.is_empty());
    drop(out);
    done.await.unwrap();
}

fn text(status: u16, body: String) -> Result<Response, ErrorCode> {
    let response = respond(move |mut out| async move {
        out.write_all(body.into_bytes()).await;
        Ok(None)
    });
    response.set_status_code(status).unwrap();
    Ok(response)
}

/// A response whose body and trailers `write` makes while it is sent.
fn respond<F>(write: impl FnOnce(StreamWriter<u8>) -> F + 'static) -> Response
where
    F: Future<Output = Result<Option<Trailers>, ErrorCode>> + 'static,
{
    respond_with(Fields::new(), write)
}

fn respond_with<F>(fields: Fields, write: impl FnOnce(StreamWriter<u8>) -> F + 'static) -> Response
where
    F: Future<Output = Result<Option<Trailers>, ErrorCode>> + 'static,
{
    let (out, body) = wit_stream::new();
    let (trailers_out, trailers) = wit_future::new(|| Ok(None));
    let (response, _sent) = Response::new(fields, Some(body), trailers);
    wasip3::wit_bindgen::spawn_local(async move {
        let end = write(out).await;
        let _ = trailers_out.write(end).await;
    });
    response
}

async fn copy(mut from: StreamReader<u8>, out: &mut StreamWriter<u8>) {
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        let (result, read) = from.read(piece).await;
        let rest = out.write_all(read).await;
        if !rest.is_empty() || result == StreamResult::Dropped {
            return;
        }
        piece = rest;
        if piece.capacity() < PIECE {
            piece.reserve(PIECE);
        }
    }
}

fn echo(request: Request) -> Result<Response, ErrorCode> {
    let (_done, res) = wit_future::new(|| Ok(()));
    let (body, trailers) = Request::consume_body(request, res);
    Ok(respond(move |mut out| async move {
        copy(body, &mut out).await;
        drop(out);
        trailers.await
    }))
}

fn pass(request: Request) -> Result<Response, ErrorCode> {
    let (_done, res) = wit_future::new(|| Ok(()));
    let (body, trailers) = Request::consume_body(request, res);
    Ok(Response::new(Fields::new(), Some(body), trailers).0)
}

async fn count(request: Request) -> Result<Response, ErrorCode> {
    let (_done, res) = wit_future::new(|| Ok(()));
    let (mut body, trailers) = Request::consume_body(request, res);
    let mut bytes = 0;
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        let (result, mut read) = body.read(piece).await;
        bytes += read.len();
        read.clear();
        piece = read;
        if result == StreamResult::Dropped {
            break;
        }
    }
    drop(body);
    let end = match trailers.await {
        Ok(None) => "no trailers".to_string(),
        Ok(Some(fields)) => format!("{} trailers", fields.copy_all().len()),
        Err(error) => format!("{error:?}"),
    };
    text(200, format!("{bytes} bytes, {end}\n"))
}

async fn trailers(mut out: StreamWriter<u8>) -> Result<Option<Trailers>, ErrorCode> {
    out.write_all(b"body".to_vec()).await;
    let fields = Fields::new();
    fields.append("x-trailer", b"value").unwrap();
    Ok(Some(fields))
}

async fn slow(mut out: StreamWriter<u8>, lines: u32) -> Result<Option<Trailers>, ErrorCode> {
    for i in 0..lines {
        monotonic_clock::wait_for(50_000_000).await;
        out.write_all(format!("line {i}\n").into_bytes()).await;
    }
    Ok(None)
}

async fn trap_late(mut out: StreamWriter<u8>) -> Result<Option<Trailers>, ErrorCode> {
    out.write_all(b"piece".to_vec()).await;
    monotonic_clock::wait_for(10_000_000).await;
    unreachable!("on purpose");
}

async fn cut(mut out: StreamWriter<u8>) -> Result<Option<Trailers>, ErrorCode> {
    out.write_all(b"piece".to_vec()).await;
    monotonic_clock::wait_for(10_000_000).await;
    Err(ErrorCode::InternalError(None))
}

/// The scheme, the authority and the rest of `http://authority/rest`.
fn parts_of(url: &str) -> (Scheme, String, String) {
    let (scheme, rest) = url.split_once("://").unwrap();
    let at = rest.find('/').unwrap_or(rest.len());
    let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
    (scheme, rest[..at].to_string(), rest[at..].to_string())
}

async fn get(request: Request) -> Result<Response, ErrorCode> {
    let url = String::from_utf8(request.get_headers().get("url").remove(0)).unwrap();
    let (scheme, authority, path) = parts_of(&url);
    let (_keep, end) = wit_future::new(|| Ok(None));
    let (ask, _sent) = Request::new(Fields::new(), None, end, None);
    ask.set_method(&Method::Get).unwrap();
    ask.set_scheme(Some(&scheme)).unwrap();
    ask.set_authority(Some(&authority)).unwrap();
    ask.set_path_with_query(Some(&path)).unwrap();
    let answer = wasip3::http::client::send(ask).await?;
    let status = answer.get_status_code();
    let (_done, res) = wit_future::new(|| Ok(()));
    let (body, trailers) = Response::consume_body(answer, res);
    let response = respond(move |mut out| async move {
        copy(body, &mut out).await;
        drop(out);
        trailers.await
    });
    response.set_status_code(status).unwrap();
    Ok(response)
}
