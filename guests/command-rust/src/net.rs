//! The network: `connect PLACE` prints what a TCP server says until it ends, `listen PLACE` prints the address where it
//! waits for one connection, and sends its first line back; PLACE is ADDRESS:PORT of IPv4. `get URL` prints the body.

use std::error::Error;
use std::net::SocketAddrV4;

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{Fields, OutgoingRequest, Scheme};
use wasip2::io::streams::{InputStream, StreamError};
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress};
use wasip2::sockets::tcp_create_socket::create_tcp_socket;

fn address_of(place: &str) -> Result<IpSocketAddress, Box<dyn Error>> {
    let address: SocketAddrV4 = place.parse()?;
    let [a, b, c, d] = address.ip().octets();
    Ok(IpSocketAddress::Ipv4(Ipv4SocketAddress { port: address.port(), address: (a, b, c, d) }))
}

fn read_to_end(input: &InputStream) -> Result<String, Box<dyn Error>> {
    let mut all = Vec::new();
    loop {
        match input.blocking_read(4096) {
            Ok(piece) => all.extend(piece),
            Err(StreamError::Closed) => return Ok(String::from_utf8(all)?),
            Err(failure) => return Err(failure.into()),
        }
    }
}

pub fn connect(place: &str) -> Result<String, Box<dyn Error>> {
    let socket = create_tcp_socket(IpAddressFamily::Ipv4)?;
    socket.start_connect(&instance_network(), address_of(place)?)?;
    let (input, _output) = loop {
        match socket.finish_connect() {
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            done => break done?,
        }
    };
    read_to_end(&input)
}

pub fn listen(place: &str) -> super::Outcome {
    let socket = create_tcp_socket(IpAddressFamily::Ipv4)?;
    socket.start_bind(&instance_network(), address_of(place)?)?;
    socket.finish_bind()?;
    socket.start_listen()?;
    socket.finish_listen()?;
    let IpSocketAddress::Ipv4(at) = socket.local_address()? else { unreachable!() };
    println!("listening on port {}", at.port);
    let (_connection, input, output) = loop {
        match socket.accept() {
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            done => break done?,
        }
    };
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        line.extend(input.blocking_read(4096)?);
    }
    Ok(output.blocking_write_and_flush(&line)?)
}

pub fn get(url: &str) -> Result<String, Box<dyn Error>> {
    let (scheme, rest) = url.split_once("://").ok_or("no scheme")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let request = OutgoingRequest::new(Fields::new());
    let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
    request.set_scheme(Some(&scheme)).map_err(|()| "scheme")?;
    request.set_authority(Some(authority)).map_err(|()| "authority")?;
    request.set_path_with_query(Some(path)).map_err(|()| "path")?;
    let future = handle(request, None)?;
    future.subscribe().block();
    let response = future.get().ok_or("no response")?.map_err(|()| "taken")??;
    let body = response.consume().map_err(|()| "body")?;
    let stream = body.stream().map_err(|()| "stream")?;
    read_to_end(&stream)
}
