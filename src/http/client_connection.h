// One connection of the client. Internal to client.cc and client_dial.cc.
#pragma once

#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "http/client_exchange.h"
#include "http/client_pool.h"
#include "http/response_parser.h"
#include "http/transport.h"
#include "util/async.h"

namespace weft::http {

using TlsSocket = boost::asio::ssl::stream<Socket>;

// Interim responses before one response: a server has no use for more.
inline constexpr unsigned max_interim_responses = 16;
// How long a request that expects "100 Continue" waits for it: many servers never say it.
inline constexpr std::chrono::seconds continue_timeout{1};

class ClientConnection : public PooledConnection {
 public:
  struct Outcome {
    std::optional<ClientError> error;
    bool reusable = false;
    // The server closed the connection before any byte of the response: it had been idle for too long.
    bool closed_before_response = false;
    // And the server cannot have seen any of the request.
    bool nothing_sent = false;
  };
  using PooledConnection::PooledConnection;
  // Sends the request and receives the response, to the end of both. An error is not yet told to the exchange.
  virtual awaitable<Outcome> run(std::shared_ptr<ClientExchange> exchange) = 0;
};

// Makes the connection to a server that speaks HTTP/2 over an open transport.
using MakeClientConnection = std::function<std::shared_ptr<ClientConnection>(
    Loop& loop, Route route, std::unique_ptr<Transport> transport, const ResponseLimits& limits)>;

// An HTTP/1.1 connection over an open transport.
std::shared_ptr<ClientConnection> make_connection(Loop& loop, Route route, Socket socket, const ResponseLimits& limits);
std::shared_ptr<ClientConnection> make_connection(Loop& loop, Route route, TlsSocket stream,
                                                  const ResponseLimits& limits);

// What the failure of reading, writing or a handshake over TLS says.
ClientError tls_error(const boost::system::error_code& error, SSL* ssl);

}  // namespace weft::http
