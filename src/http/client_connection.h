// One connection of the client. Internal to client.cc and client_dial.cc.
#pragma once

#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <optional>

#include "http/client_exchange.h"
#include "http/client_pool.h"
#include "http/response_parser.h"
#include "http/socket.h"
#include "util/async.h"

namespace weft::http {

using TlsSocket = boost::asio::ssl::stream<Socket>;

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

// An HTTP/1.1 connection over an open transport. HTTP/2, once ALPN chooses it, is another class beside it.
std::shared_ptr<ClientConnection> make_connection(Loop& loop, Route route, Socket socket, const ResponseLimits& limits);
std::shared_ptr<ClientConnection> make_connection(Loop& loop, Route route, TlsSocket stream,
                                                  const ResponseLimits& limits);

// What the failure of reading, writing or a handshake over TLS says.
ClientError tls_error(const boost::system::error_code& error, SSL* ssl);

}  // namespace weft::http
