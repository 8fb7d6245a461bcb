// Connections and listening sockets as streams of WASI 0.3.
#pragma once

#include <memory>
#include <tuple>

#include "bind/ends.h"
#include "bind/items.h"
#include "util/async.h"
#include "wasi_sockets/p3_errors.h"
#include "wasi_sockets/tcp_socket.h"

namespace weft::wasi_sockets::p3 {

using Bytes = bind::Stream<std::uint8_t>;
using SocketSource = bind::ItemSource<bind::Own<TcpSocket>>;

// What a peer sends, on `loop`; `connection` may be why there is nothing. Goes on when the instance has ended, as long
// as the host reads it for others.
std::tuple<Bytes, bind::Future<Outcome>> receive(Loop& loop, SocketResult<std::shared_ptr<Connection>> connection);
// Sends `data`, and then the end. Ends with the instance.
bind::Future<Outcome> send(SocketResult<std::shared_ptr<Connection>> connection, Bytes data);
// The connections to a socket that listens, accepted as they are asked for. `access` is the instance's.
SocketSource::Ref arrivals(Loop& loop, std::shared_ptr<TcpState> listener, Access& access);

}  // namespace weft::wasi_sockets::p3
