//! The interfaces, by places and names.

use std::fmt::Debug;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::task::Poll;

use wasip3::clocks::monotonic_clock;
use wasip3::sockets::ip_name_lookup::{ErrorCode as LookUpError, resolve_addresses};
use wasip3::sockets::types::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress, TcpSocket, UdpSocket,
};

/// An error's code as WIT writes it, such as `access-denied`, or what `other` says.
pub struct Failure(pub String);

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Failure {
        match code {
            ErrorCode::Other(said) => Failure(said.unwrap_or_else(|| "unknown".to_string())),
            named => name_of(&named),
        }
    }
}

impl From<LookUpError> for Failure {
    fn from(code: LookUpError) -> Failure {
        match code {
            LookUpError::Other(said) => Failure(said.unwrap_or_else(|| "unknown".to_string())),
            named => name_of(&named),
        }
    }
}

fn name_of(code: &impl Debug) -> Failure {
    let text = format!("{code:?}");
    let mut name = String::new();
    for c in text.rsplit("::").next().unwrap_or_default().chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    Failure(name)
}

pub struct Connection {
    pub socket: TcpSocket,
}

impl Connection {
    pub async fn to(place: &str) -> Result<Connection, Failure> {
        let mut last = Failure("name-unresolvable".to_string());
        for address in addresses_of(place).await? {
            let socket = TcpSocket::create(family(address))?;
            match socket.connect(to_wit(address)).await {
                Ok(()) => return Ok(Connection { socket }),
                Err(code) => last = code.into(),
            }
        }
        Err(last)
    }
}

/// What comes of `work` within that time; what has not come by then is cancelled.
async fn within<T>(milliseconds: u64, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut over = pin!(monotonic_clock::wait_for(milliseconds * 1_000_000));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => over.as_mut().poll(context).map(|()| None),
    })
    .await
}

pub async fn give_up(place: &str) -> Result<String, Failure> {
    let address = first_of(place).await?;
    let socket = TcpSocket::create(family(address))?;
    match within(100, socket.connect(to_wit(address))).await {
        Some(done) => Ok(format!("{done:?}\n")),
        None => Ok(match socket.connect(to_wit(address)).await {
            Ok(()) => "connected\n".to_string(),
            Err(code) => Failure::from(code).0 + "\n",
        }),
    }
}

pub async fn datagram(place: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let address = first_of(place).await?;
    let socket = UdpSocket::create(family(address))?;
    socket.send(bytes, Some(to_wit(address))).await?;
    Ok(socket.receive().await?.0)
}

pub async fn hear(place: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let address = first_of(place).await?;
    let socket = UdpSocket::create(family(address))?;
    socket.connect(to_wit(address))?;
    if within(50, socket.receive()).await.is_some() {
        return Err(Failure("something came".to_string()));
    }
    socket.send(bytes, None).await?;
    let (heard, from) = socket.receive().await?;
    socket.disconnect()?;
    match (from, socket.get_remote_address()) {
        (IpSocketAddress::Ipv4(Ipv4SocketAddress { port, .. }), Err(ErrorCode::InvalidState))
            if port == address.port() =>
        {
            Ok(heard)
        }
        other => Err(Failure(format!("{other:?}"))),
    }
}

pub fn listen(on: &str) -> Result<String, Failure> {
    let address: SocketAddr = on.parse().map_err(|_| ErrorCode::InvalidArgument)?;
    let socket = TcpSocket::create(family(address))?;
    socket.bind(to_wit(address))?;
    let _arrivals = socket.listen()?;
    Ok(format!("{:?}\n", socket.get_local_address()?))
}

pub async fn look_up(name: &str) -> Result<Vec<IpAddr>, Failure> {
    let found = resolve_addresses(name.to_string()).await?;
    Ok(found
        .into_iter()
        .map(|address| match address {
            IpAddress::Ipv4((a, b, c, d)) => IpAddr::from([a, b, c, d]),
            IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => IpAddr::from([a, b, c, d, e, f, g, h]),
        })
        .collect())
}

async fn first_of(place: &str) -> Result<SocketAddr, Failure> {
    let found = addresses_of(place).await?;
    found.first().copied().ok_or_else(|| Failure("name-unresolvable".to_string()))
}

async fn addresses_of(place: &str) -> Result<Vec<SocketAddr>, Failure> {
    if let Ok(address) = place.parse() {
        return Ok(vec![address]);
    }
    let (name, port) = place.rsplit_once(':').ok_or(ErrorCode::InvalidArgument)?;
    let port = port.parse().map_err(|_| ErrorCode::InvalidArgument)?;
    Ok(look_up(name).await?.into_iter().map(|address| SocketAddr::new(address, port)).collect())
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
