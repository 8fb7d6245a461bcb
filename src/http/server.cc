#include "http/server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "http/connection.h"
#include "util/coarse_clock.h"
#include "util/event.h"
#include "util/timer.h"

namespace weft::http {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;

namespace {

// How often time-outs are looked at: one timer for each loop in place of one for each request. Finer when a time-out is
// short.
constexpr std::chrono::milliseconds max_sweep_interval{500};
constexpr std::chrono::milliseconds min_sweep_interval{10};
// Connections the kernel completes before they are accepted; it takes no more than net.core.somaxconn.
constexpr int accept_backlog = 4096;
// How long accepting rests when it failed.
constexpr std::chrono::milliseconds accept_pause{50};

constexpr auto with_error = asio::as_tuple(use_awaitable);

std::string to_text(const Tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string host = endpoint.address().is_v6() ? "[" + address + "]" : address;
  return host + ":" + std::to_string(endpoint.port());
}

std::chrono::milliseconds sweep_interval(const Limits& limits) {
  const auto shortest = std::min({limits.head_timeout, limits.body_timeout, limits.idle_timeout, limits.write_timeout});
  return std::clamp(shortest / 4, min_sweep_interval, max_sweep_interval);
}

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr std::string_view protocol_http2 = "\x02h2";
constexpr std::string_view protocol_http1 = "\x08http/1.1";

// Chooses among what the client offers (RFC 7301), a list of names with their lengths. A client that offers nothing of
// ours is left without a choice, and gets HTTP/1.1.
template <bool with_http2>
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  for (std::string_view protocol : {protocol_http2, protocol_http1}) {
    if (!with_http2 && protocol == protocol_http2) continue;
    for (unsigned at = 0; at < offered_size; at += 1 + offered[at]) {
      if (offered_size - at < protocol.size() || std::memcmp(offered + at, protocol.data(), protocol.size()) != 0)
        continue;
      *chosen = offered + at + 1;
      *size = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_NOACK;
}

Result<std::shared_ptr<asio::ssl::context>> make_tls(const TlsFiles& files, bool with_http2) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  error_code error;
  context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                           asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1,
                       error);
  if (!error) context->use_certificate_chain_file(files.certificate_chain, error);
  if (error) return fail(Errc::invalid, "TLS certificate " + files.certificate_chain + ": " + error.message());
  context->use_private_key_file(files.private_key, asio::ssl::context::pem, error);
  if (error) return fail(Errc::invalid, "TLS key " + files.private_key + ": " + error.message());
  SSL_CTX_set_alpn_select_cb(context->native_handle(), with_http2 ? choose_protocol<true> : choose_protocol<false>,
                             nullptr);
  return context;
}

// A name that has both is taken as IPv4, as other hosts of Spin applications do.
Result<Tcp::endpoint> resolve(Loop& loop, const std::string& host, unsigned short port) {
  error_code error;
  asio::ip::basic_resolver<Tcp, Executor> resolver(loop);
  const auto found = resolver.resolve(host, std::to_string(port), Tcp::resolver::passive, error);
  if (error || found.empty()) return fail(Errc::invalid, "cannot listen on " + host + ": " + error.message());
  for (const auto& entry : found) {
    if (entry.endpoint().address().is_v4()) return entry.endpoint();
  }
  return found.begin()->endpoint();
}

// The port can be shared by the loops of this process; that another process has it already would go unnoticed, and each
// would get a part of the connections. So the first loop tries it without sharing.
error_code try_alone(Loop& loop, const Tcp::endpoint& endpoint) {
  error_code error;
  Acceptor acceptor(loop);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  return error;
}

}  // namespace

class Server::Impl final : public ConnectionOwner, public std::enable_shared_from_this<Server::Impl> {
 public:
  Impl(Loop& loop, ServerOptions options, Handler& handler)
      : loop_(loop), options_(std::move(options)), handler_(handler), sweep_timer_(loop) {}

  const Limits& limits() const override { return options_.limits; }
  Handler& handler() override { return handler_; }
  bool draining() const override { return draining_; }
  void log(std::string_view line) override {
    if (options_.log) options_.log(line);
  }
  Loop& loop() override { return loop_; }
  std::string_view date() override {
    const std::time_t now = std::time(nullptr);
    if (now != date_second_) {
      date_second_ = now;
      date_ = http_date(now);
    }
    return date_;
  }
  bool speaks_http2() const override { return options_.http2 != nullptr; }
  void on_http2(ServerConnection& connection, std::unique_ptr<Transport> transport, std::string client_address,
                std::string received) override {
    auto next = options_.http2(std::move(transport), *this, std::move(client_address), std::move(received));
    connections_.emplace(next.get(), next);
    connections_.erase(&connection);
    next->start();
    if (draining_) next->drain();
  }
  void on_closed(ServerConnection& connection) override {
    connections_.erase(&connection);
    for (const auto& listener : listeners_) listener->room.notify();
    check_drained();
  }

  Result<unsigned short> listen(const ListenOptions& options) {
    TRY(const Tcp::endpoint endpoint, resolve(loop_, options.host, options.port));
    std::shared_ptr<asio::ssl::context> tls;
    if (options.tls) {
      TRY(tls, make_tls(*options.tls, speaks_http2()));
    }
    error_code error;
    if (!options.join && endpoint.port() != 0) error = try_alone(loop_, endpoint);
    auto listener = std::make_shared<Listener>(loop_, std::move(tls));
    Acceptor& acceptor = listener->acceptor;
    if (!error) acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
    if (!error) acceptor.set_option(ReusePort(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(accept_backlog, error);
    if (!error) acceptor.non_blocking(true, error);
    if (error) {
      return fail(error == asio::error::address_in_use ? Errc::unavailable : Errc::io,
                  "cannot listen on " + to_text(endpoint) + ": " + error.message());
    }
    const unsigned short port = acceptor.local_endpoint().port();
    listeners_.push_back(listener);
    asio::co_spawn(loop_, accept(std::move(listener)), asio::detached);
    if (listeners_.size() == 1) asio::co_spawn(loop_, sweep(), asio::detached);
    return port;
  }

  void drain(std::chrono::milliseconds grace, std::function<void()> drained) {
    draining_ = true;
    drained_ = std::move(drained);
    drain_deadline_ = coarse_now() + grace;
    stop_accepting();
    for_each([](ServerConnection& connection) { connection.drain(); });
    sweep_timer_.cancel();
    check_drained();
  }

  void stop() {
    draining_ = stopped_ = true;
    stop_accepting();
    sweep_timer_.cancel();
    for_each([](ServerConnection& connection) { connection.close(); });
  }

  std::size_t connections() const { return connections_.size(); }

 private:
  struct Listener : Pinned {
    Listener(Loop& loop, std::shared_ptr<asio::ssl::context> context)
        : acceptor(loop), room(loop), tls(std::move(context)) {}
    Acceptor acceptor;
    Event room;  // for one more connection
    std::shared_ptr<asio::ssl::context> tls;
  };

  awaitable<void> accept(std::shared_ptr<Listener> listener) {
    const auto self = shared_from_this();
    bool failing = false;
    while (!draining_) {
      if (connections_.size() >= options_.limits.connections) {
        co_await listener->room.wait();
        continue;
      }
      auto [error, socket] = co_await listener->acceptor.async_accept(with_error);
      if (!error) {
        failing = false;
        serve(std::move(socket), *listener);
      } else if (!draining_ && is_about_the_process(error)) {
        // Connections wait in the kernel's queue meanwhile.
        if (!std::exchange(failing, true)) log("accepting connections failed: " + error.message());
        Timer pause(loop_, accept_pause);
        co_await pause.async_wait(with_error);
      }
    }
  }

  // Other errors are of the one connection that was to be accepted (accept(2), "Error handling").
  static bool is_about_the_process(const error_code& error) {
    return error == asio::error::no_descriptors || error == asio::error::no_memory ||
           error == asio::error::no_buffer_space || error.value() == ENFILE || error.value() == EBADF ||
           error.value() == EINVAL;
  }

  void serve(Socket socket, const Listener& listener) {
    error_code error;
    const auto client = socket.remote_endpoint(error);
    if (!error) socket.non_blocking(true, error);
    if (!error) socket.set_option(Tcp::no_delay(true), error);
    if (error) return;  // it has gone already
    auto transport = listener.tls == nullptr ? make_transport(std::move(socket))
                                             : make_tls_transport(std::move(socket), listener.tls);
    auto connection = std::make_shared<Connection>(std::move(transport), *this, to_text(client));
    connections_.emplace(connection.get(), connection);
    connection->start();
  }

  void stop_accepting() {
    for (const auto& listener : listeners_) {
      // Who is in the queue has connected as far as it can see: it would get a reset.
      error_code error;
      while (!stopped_) {
        Socket socket = listener->acceptor.accept(error);
        if (error) break;
        serve(std::move(socket), *listener);
      }
      listener->acceptor.close(error);
      listener->room.notify();
    }
    listeners_.clear();
  }

  awaitable<void> sweep() {
    const auto self = shared_from_this();
    const auto interval = sweep_interval(options_.limits);
    while (!stopped_ && !(draining_ && connections_.empty())) {
      sweep_timer_.expires_after(interval);
      co_await sweep_timer_.async_wait(with_error);
      const auto now = coarse_now();
      for_each([now](ServerConnection& connection) { connection.check_time(now); });
      if (draining_ && now >= drain_deadline_) for_each([](ServerConnection& connection) { connection.close(); });
    }
  }

  // What `action` does may close connections.
  template <class Action>
  void for_each(Action action) {
    std::vector<std::shared_ptr<ServerConnection>> all;
    all.reserve(connections_.size());
    for (const auto& [at, connection] : connections_) all.push_back(connection);
    for (const auto& connection : all) action(*connection);
  }

  void check_drained() {
    if (draining_ && connections_.empty() && drained_) std::exchange(drained_, nullptr)();
  }

  Loop& loop_;
  ServerOptions options_;
  Handler& handler_;
  Timer sweep_timer_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::unordered_map<ServerConnection*, std::shared_ptr<ServerConnection>> connections_;
  bool draining_ = false;
  bool stopped_ = false;
  std::chrono::steady_clock::time_point drain_deadline_;
  std::function<void()> drained_;
  std::time_t date_second_ = -1;
  std::string date_;
};

Server::Server(Loop& loop, ServerOptions options, Handler& handler)
    : impl_(std::make_shared<Impl>(loop, std::move(options), handler)) {}

Server::~Server() {
  impl_->stop();
}

Result<unsigned short> Server::listen(const ListenOptions& options) {
  return impl_->listen(options);
}

void Server::drain(std::chrono::milliseconds grace, std::function<void()> drained) {
  impl_->drain(grace, std::move(drained));
}

std::size_t Server::connections() const {
  return impl_->connections();
}

}  // namespace weft::http
