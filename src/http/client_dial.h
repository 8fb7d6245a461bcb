// Opening connections: name look-up, TCP, TLS. Internal to client.cc.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "http/client_connection.h"
#include "util/error.h"
#include "util/event.h"
#include "util/resolver.h"

namespace weft::http {

struct DialOptions {
  // PEM file with the certificates to trust; empty: the system's (SSL_CERT_FILE and SSL_CERT_DIR are heeded).
  std::string ca_file;
  // Looked at for each address before it is dialled; empty: all are allowed.
  std::function<bool(const boost::asio::ip::address&)> allow_address;
  // Serves connections to servers that choose HTTP/2; empty: it is not offered.
  MakeClientConnection http2;
  // "host:port" of servers that are known to speak HTTP/2 without TLS, where nothing is chosen.
  std::vector<std::string> http2_prior_knowledge;
};

class Dialer : Pinned {
 public:
  using Dialled = std::expected<std::shared_ptr<ClientConnection>, ClientError>;

  Dialer(Loop& loop, Resolver& resolver, DialOptions options, const ResponseLimits& limits)
      : loop_(loop), resolver_(resolver), options_(std::move(options)), limits_(limits) {}

  // Whether a connection to `origin` may turn out to be one for many exchanges at a time.
  bool may_share(const Origin& origin) const { return options_.http2 && (origin.tls || is_known_http2(origin)); }
  // Opens a connection for `exchange`, until `deadline`. Its addresses are tried in order.
  awaitable<Dialled> dial(Route route, ClientExchange& exchange, ClientExchange::Time deadline);

 private:
  using Address = boost::asio::ip::address;
  // A look-up under way, shared by all that want the same name.
  struct Lookup {
    std::vector<Event*> waiters;
    std::optional<Resolver::Answer> answer;
  };
  struct Attempt;

  awaitable<std::expected<std::vector<Address>, ClientError>> addresses_of(const Origin& origin, Attempt& attempt);
  awaitable<std::expected<Socket, ClientError>> connect(const std::vector<Address>& addresses, std::uint16_t port,
                                                        Attempt& attempt);
  awaitable<Dialled> handshake(Route route, Socket socket, Attempt& attempt);
  Result<boost::asio::ssl::context*> tls_context();
  bool is_known_http2(const Origin& origin) const;

  Loop& loop_;
  Resolver& resolver_;
  DialOptions options_;
  ResponseLimits limits_;
  std::unordered_map<std::string, std::shared_ptr<Lookup>> lookups_;
  std::unique_ptr<boost::asio::ssl::context> tls_;  // made when first needed: trusted certificates cost memory
};

}  // namespace weft::http
