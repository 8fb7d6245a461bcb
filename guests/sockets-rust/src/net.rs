//! The interfaces as functions that wait.

use std::net::{IpAddr, SocketAddr};

use wasip2::io::poll::poll;
use wasip2::io::streams::{InputStream, OutputStream, StreamError};
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::ip_name_lookup::resolve_addresses;
use wasip2::sockets::network::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress,
};
use wasip2::sockets::tcp::{ShutdownType, TcpSocket};
use wasip2::sockets::tcp_create_socket::create_tcp_socket;
use wasip2::sockets::udp::OutgoingDatagram;
use wasip2::sockets::udp_create_socket::create_udp_socket;

pub struct Failure(pub ErrorCode);

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Failure {
        Failure(code)
    }
}

impl From<StreamError> for Failure {
    fn from(_: StreamError) -> Failure {
        Failure(ErrorCode::ConnectionReset)
    }
}

impl Failure {
    /// As WIT writes it, such as `access-denied`.
    pub fn name(&self) -> String {
        self.0.name().replace('_', "-")
    }
}

/// A connection and its streams, which are dropped before it.
pub struct Connection {
    input: InputStream,
    output: OutputStream,
    socket: TcpSocket,
}

impl Connection {
    pub fn to(place: &str) -> Result<Connection, Failure> {
        let mut last = Failure(ErrorCode::NameUnresolvable);
        for address in addresses_of(place)? {
            match Connection::to_address(address) {
                Ok(connection) => return Ok(connection),
                Err(failure) => last = failure,
            }
        }
        Err(last)
    }

    fn to_address(address: SocketAddr) -> Result<Connection, Failure> {
        let socket = create_tcp_socket(family(address))?;
        socket.start_connect(&instance_network(), to_wit(address))?;
        loop {
            match socket.finish_connect() {
                Ok((input, output)) => return Ok(Connection { input, output, socket }),
                Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
                Err(code) => return Err(code.into()),
            }
        }
    }

    /// Sends `bytes` while it receives, then the end, and returns all that came.
    pub fn exchange(self, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
        let (mut left, mut received) = (bytes, Vec::new());
        loop {
            while !left.is_empty() {
                let permit = (self.output.check_write()? as usize).min(left.len());
                if permit == 0 {
                    break;
                }
                self.output.write(&left[..permit])?;
                left = &left[permit..];
            }
            if left.is_empty() {
                self.socket.shutdown(ShutdownType::Send)?;
            }
            match self.input.read(64 << 10) {
                Ok(piece) if piece.is_empty() => {
                    let (readable, writable) = (self.input.subscribe(), self.output.subscribe());
                    match left.is_empty() {
                        true => readable.block(),
                        false => drop(poll(&[&readable, &writable])),
                    }
                }
                Ok(piece) => received.extend(piece),
                Err(StreamError::Closed) => return Ok(received),
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    pub fn wait(self) -> Result<Vec<u8>, Failure> {
        Ok(self.input.blocking_read(1)?)
    }
}

pub fn datagram(place: &str, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let address = *addresses_of(place)?.first().ok_or(ErrorCode::NameUnresolvable)?;
    let any = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = create_udp_socket(family(address))?;
    socket.start_bind(&instance_network(), to_wit(any.parse().unwrap()))?;
    socket.finish_bind()?;
    let (incoming, outgoing) = socket.stream(None)?;
    while outgoing.check_send()? == 0 {
        outgoing.subscribe().block();
    }
    outgoing.send(&[OutgoingDatagram { data: bytes.to_vec(), remote_address: Some(to_wit(address)) }])?;
    loop {
        if let Some(datagram) = incoming.receive(1)?.pop() {
            return Ok(datagram.data);
        }
        incoming.subscribe().block();
    }
}

pub fn listen(on: &str) -> Result<String, Failure> {
    let address: SocketAddr = on.parse().map_err(|_| ErrorCode::InvalidArgument)?;
    let socket = create_tcp_socket(family(address))?;
    socket.start_bind(&instance_network(), to_wit(address))?;
    socket.finish_bind()?;
    socket.start_listen()?;
    socket.finish_listen()?;
    Ok(format!("{:?}\n", socket.local_address()?))
}

pub fn look_up(name: &str) -> Result<Vec<IpAddr>, Failure> {
    let stream = resolve_addresses(&instance_network(), name)?;
    let mut addresses = Vec::new();
    loop {
        match stream.resolve_next_address() {
            Ok(Some(IpAddress::Ipv4((a, b, c, d)))) => addresses.push(IpAddr::from([a, b, c, d])),
            Ok(Some(IpAddress::Ipv6((a, b, c, d, e, f, g, h)))) => {
                addresses.push(IpAddr::from([a, b, c, d, e, f, g, h]))
            }
            Ok(None) => return Ok(addresses),
            Err(ErrorCode::WouldBlock) => stream.subscribe().block(),
            Err(code) => return Err(code.into()),
        }
    }
}

fn addresses_of(place: &str) -> Result<Vec<SocketAddr>, Failure> {
    if let Ok(address) = place.parse() {
        return Ok(vec![address]);
    }
    let (name, port) = place.rsplit_once(':').ok_or(ErrorCode::InvalidArgument)?;
    let port = port.parse().map_err(|_| ErrorCode::InvalidArgument)?;
    Ok(look_up(name)?.into_iter().map(|address| SocketAddr::new(address, port)).collect())
}

fn family(address: SocketAddr) -> IpAddressFamily {
    match address {
        SocketAddr::V4(_) => IpAddressFamily::Ipv4,
        SocketAddr::V6(_) => IpAddressFamily::Ipv6,
    }
}

fn to_wit(address: SocketAddr) -> IpSocketAddress {
    match address {
        SocketAddr::V4(v4) => {
            let [a, b, c, d] = v4.ip().octets();
            IpSocketAddress::Ipv4(Ipv4SocketAddress { port: v4.port(), address: (a, b, c, d) })
        }
        SocketAddr::V6(v6) => {
            let [a, b, c, d, e, f, g, h] = v6.ip().segments();
            IpSocketAddress::Ipv6(Ipv6SocketAddress {
                port: v6.port(),
                flow_info: v6.flowinfo(),
                address: (a, b, c, d, e, f, g, h),
                scope_id: v6.scope_id(),
            })
        }
    }
}
