//! A command of WASI 0.3. Its first argument says what it does:
//!
//! - `args`: prints its arguments and its environment, a line each
//! - `cat`: standard input to standard output, past the guest
//! - `upper`: the same in upper case, by the guest's own hand, as it comes
//! - `sleep MS`: that long
//! - `terminals`: which of the standard files are some
//! - `read PATH`: a file to standard output
//! - `listen PLACE COUNT`: prints its address, and echoes so many connections, past the guest, each to its end
//! - `hear PLACE`: prints its address, and echoes a datagram
//! - `fail`: says so on standard error, and returns an error; `exit STATUS`
//!
//! Anything else is a panic.

use wasip3::cli::{environment, exit, stderr, stdin, stdout, terminal_stderr, terminal_stdin, terminal_stdout};
use wasip3::clocks::monotonic_clock;
use wasip3::filesystem::preopens::get_directories;
use wasip3::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags};
use wasip3::sockets::types::{IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, TcpSocket, UdpSocket};
use wasip3::wit_bindgen::StreamResult;
use wasip3::wit_stream;

struct Command;
wasip3::cli::command::export!(Command);

impl wasip3::exports::cli::run::Guest for Command {
    async fn run() -> Result<(), ()> {
        let arguments = environment::get_arguments();
        let words: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
        match *words {
            ["args", ..] => {
                let variables = environment::get_environment().into_iter().map(|(name, value)| format!("{name}={value}"));
                let lines: Vec<String> = arguments.iter().cloned().chain(variables).collect();
                print(lines.join("\n") + "\n").await
            }
            ["cat"] => {
                let (input, read) = stdin::read_via_stream();
                stdout::write_via_stream(input).await.map_err(|_| ())?;
                read.await.map_err(|_| ())
            }
            ["upper"] => upper().await,
            ["sleep", ms] => {
                monotonic_clock::wait_for(ms.parse::<u64>().map_err(|_| ())? * 1_000_000).await;
                Ok(())
            }
            ["terminals"] => {
                let found = [
                    ("stdin", terminal_stdin::get_terminal_stdin().is_some()),
                    ("stdout", terminal_stdout::get_terminal_stdout().is_some()),
                    ("stderr", terminal_stderr::get_terminal_stderr().is_some()),
                ];
                print(found.map(|(name, is)| format!("{name} {is}\n")).concat()).await
            }
            ["read", path] => {
                let (folder, _) = get_directories().into_iter().next().ok_or(())?;
                let flags = (OpenFlags::empty(), DescriptorFlags::READ);
                let file = folder.open_at(PathFlags::empty(), path.to_string(), flags.0, flags.1).await.map_err(|_| ())?;
                stdout::write_via_stream(file.read_via_stream(0).0).await.map_err(|_| ())
            }
            ["listen", place, count] => listen(place, count.parse().map_err(|_| ())?).await,
            ["hear", place] => {
                let socket = UdpSocket::create(IpAddressFamily::Ipv4).map_err(|_| ())?;
                socket.bind(address_of(place)?).map_err(|_| ())?;
                print(format!("{}\n", port_of(socket.get_local_address()))).await?;
                let (data, from) = socket.receive().await.map_err(|_| ())?;
                socket.send(data, Some(from)).await.map_err(|_| ())
            }
            ["fail"] => {
                let (mut out, text) = wit_stream::new();
                let done = stderr::write_via_stream(text);
                out.write_all(b"it failed\n".to_vec()).await;
                drop(out);
                done.await.map_err(|_| ())?;
                Err(())
            }
            ["exit", status] => {
                exit::exit_with_code(status.parse().map_err(|_| ())?);
                unreachable!()
            }
            _ => panic!("what is to be done?"),
        }
    }
}

async fn listen(place: &str, count: usize) -> Result<(), ()> {
    let socket = TcpSocket::create(IpAddressFamily::Ipv4).map_err(|_| ())?;
    socket.bind(address_of(place)?).map_err(|_| ())?;
    let mut arrivals = socket.listen().map_err(|_| ())?;
    print(format!("{}\n", port_of(socket.get_local_address()))).await?;
    let mut echoes = Vec::new();
    while echoes.len() < count {
        let peer = arrivals.next().await.ok_or(())?;
        let (data, received) = peer.receive();
        echoes.push((peer.send(data), received));
    }
    for (sent, received) in echoes {
        sent.await.map_err(|_| ())?;
        received.await.map_err(|_| ())?;
    }
    Ok(())
}

fn address_of(place: &str) -> Result<IpSocketAddress, ()> {
    let place: std::net::SocketAddrV4 = place.parse().map_err(|_| ())?;
    let [a, b, c, d] = place.ip().octets();
    Ok(IpSocketAddress::Ipv4(Ipv4SocketAddress { port: place.port(), address: (a, b, c, d) }))
}

fn port_of<E>(address: Result<IpSocketAddress, E>) -> u16 {
    match address {
        Ok(IpSocketAddress::Ipv4(address)) => address.port,
        _ => 0,
    }
}

async fn print(text: String) -> Result<(), ()> {
    let (mut out, bytes) = wit_stream::new();
    let done = stdout::write_via_stream(bytes);
    out.write_all(text.into_bytes()).await;
    drop(out);
    done.await.map_err(|_| ())
}

async fn upper() -> Result<(), ()> {
    let (mut input, read) = stdin::read_via_stream();
    let (mut out, bytes) = wit_stream::new();
    let done = stdout::write_via_stream(bytes);
    loop {
        let (result, piece) = input.read(Vec::with_capacity(4096)).await;
        if !out.write_all(piece.to_ascii_uppercase()).await.is_empty() {
            break;
        }
        if result == StreamResult::Dropped {
            break;
        }
    }
    drop(out);
    done.await.map_err(|_| ())?;
    read.await.map_err(|_| ())
}
