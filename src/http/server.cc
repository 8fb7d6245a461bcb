#include "http/server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <unordered_set>

#include "http/connection.h"

namespace weft::http {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

namespace {

// How often time-outs are looked at: one timer for each loop in place of one for each request.
constexpr std::chrono::milliseconds sweep_interval{500};
constexpr int accept_backlog = 1024;

constexpr auto with_error = asio::as_tuple(use_awaitable);

std::string to_text(const Tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string host = endpoint.address().is_v6() ? "[" + address + "]" : address;
  return host + ":" + std::to_string(endpoint.port());
}

std::unexpected<Error> cannot_listen(const std::string& where, const boost::system::error_code& error) {
  const bool in_use = error == asio::error::address_in_use;
  return fail(in_use ? Errc::unavailable : Errc::io, "cannot listen on " + where + ": " + error.message());
}

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

}  // namespace

class Server::Impl final : public ConnectionOwner, public std::enable_shared_from_this<Server::Impl> {
 public:
  Impl(Loop& loop, ServerOptions options, Handler& handler)
      : loop_(loop), options_(std::move(options)), handler_(handler), sweep_timer_(loop), date_timer_second_(0) {}

  const Limits& limits() const override { return options_.limits; }
  Handler& handler() override { return handler_; }
  bool draining() const override { return draining_; }
  void log(std::string_view line) override {
    if (options_.log) options_.log(line);
  }
  Loop& loop() override { return loop_; }
  const std::string& date() override {
    const std::int64_t now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    if (now != date_timer_second_) {
      date_timer_second_ = now;
      date_ = http_date(now);
    }
    return date_;
  }

  Result<unsigned short> listen(const ListenOptions& options) {
    boost::system::error_code error;
    asio::ip::basic_resolver<Tcp, Executor> resolver(loop_);
    auto found = resolver.resolve(options.host, std::to_string(options.port), Tcp::resolver::passive, error);
    if (error) return fail(Errc::invalid, "cannot listen on " + options.host + ": " + error.message());
    // A name that has both is taken as IPv4, as other hosts of Spin applications do.
    Tcp::endpoint endpoint = found.begin()->endpoint();
    for (const auto& entry : found) {
      if (entry.endpoint().address().is_v4()) {
        endpoint = entry.endpoint();
        break;
      }
    }
    std::shared_ptr<asio::ssl::context> tls;
    if (options.tls) {
      TRY(tls, make_tls(*options.tls));
    }
    auto acceptor = std::make_unique<Acceptor>(loop_);
    const std::string where = to_text(endpoint);
    if (!options.join && options.port != 0) {
      // A shared port would be shared with any other process of this user, too: it must be free before it is shared.
      Acceptor probe(loop_);
      probe.open(endpoint.protocol(), error);
      if (!error) probe.set_option(Acceptor::reuse_address(true), error);
      if (!error) probe.bind(endpoint, error);
      if (error) return cannot_listen(where, error);
    }
    acceptor->open(endpoint.protocol(), error);
    if (!error) acceptor->set_option(Acceptor::reuse_address(true), error);
    if (!error) acceptor->set_option(ReusePort(true), error);
    if (!error) acceptor->bind(endpoint, error);
    if (!error) acceptor->listen(accept_backlog, error);
    if (error) return cannot_listen(where, error);
    const unsigned short port = acceptor->local_endpoint().port();
    acceptors_.push_back(std::move(acceptor));
    asio::co_spawn(loop_, accept(*acceptors_.back(), std::move(tls)), asio::detached);
    if (acceptors_.size() == 1) asio::co_spawn(loop_, sweep(), asio::detached);
    return port;
  }

  void drain(std::chrono::milliseconds grace, std::function<void()> drained) {
    draining_ = true;
    drained_ = std::move(drained);
    drain_deadline_ = std::chrono::steady_clock::now() + grace;
    boost::system::error_code ignored;
    for (auto& acceptor : acceptors_) acceptor->close(ignored);
    close_if([](const AnyConnection& c) { return c.idle(); });
    sweep_timer_.cancel();
    check_drained();
  }

  void stop() {
    draining_ = true;
    stopped_ = true;
    boost::system::error_code ignored;
    for (auto& acceptor : acceptors_) acceptor->close(ignored);
    sweep_timer_.cancel();
    close_if([](const AnyConnection&) { return true; });
  }

  std::size_t connections() const { return connections_.size(); }

 private:
  static Result<std::shared_ptr<asio::ssl::context>> make_tls(const TlsFiles& files) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    boost::system::error_code error;
    context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                             asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                             asio::ssl::context::no_tlsv1_1,
                         error);
    if (!error) context->use_certificate_chain_file(files.certificate_chain, error);
    if (error) return fail(Errc::invalid, "TLS certificate " + files.certificate_chain + ": " + error.message());
    context->use_private_key_file(files.private_key, asio::ssl::context::pem, error);
    if (error) return fail(Errc::invalid, "TLS key " + files.private_key + ": " + error.message());
    return context;
  }

  awaitable<void> accept(Acceptor& acceptor, std::shared_ptr<asio::ssl::context> tls) {
    auto self = shared_from_this();
    while (acceptor.is_open()) {
      auto [error, socket] = co_await acceptor.async_accept(with_error);
      if (error == asio::error::operation_aborted || draining_) break;
      if (error) {
        // Out of descriptors or the like: connections wait in the kernel's queue meanwhile.
        log("accepting a connection failed: " + error.message());
        Timer pause(loop_, std::chrono::milliseconds(50));
        co_await pause.async_wait(with_error);
        continue;
      }
      boost::system::error_code ignored;
      const auto endpoint = socket.remote_endpoint(ignored);
      if (ignored) continue;
      socket.set_option(Tcp::no_delay(true), ignored);
      socket.non_blocking(true, ignored);
      if (tls != nullptr) {
        start(std::make_shared<Connection<TlsSocket>>(TlsSocket(std::move(socket), *tls), *this, to_text(endpoint)),
              tls);
      } else {
        start(std::make_shared<Connection<Socket>>(std::move(socket), *this, to_text(endpoint)), nullptr);
      }
      while (connections_.size() >= options_.limits.connections && !draining_) {
        Timer pause(loop_, std::chrono::milliseconds(5));
        co_await pause.async_wait(with_error);
      }
    }
  }

  template <class C>
  void start(std::shared_ptr<C> connection, std::shared_ptr<asio::ssl::context> tls) {
    connections_.insert(connection.get());
    asio::co_spawn(
        loop_, [connection]() -> awaitable<void> { return connection->run(); },
        [self = shared_from_this(), connection, tls](std::exception_ptr failure) {
          if (failure != nullptr) {
            try {
              std::rethrow_exception(failure);
            } catch (const std::exception& e) {
              self->log(std::string("a connection ended by a fault: ") + e.what());
            }
            connection->close();
          }
          self->connections_.erase(connection.get());
          self->check_drained();
        });
  }

  awaitable<void> sweep() {
    auto self = shared_from_this();
    while (!stopped_ && !(draining_ && connections_.empty())) {
      sweep_timer_.expires_after(sweep_interval);
      co_await sweep_timer_.async_wait(with_error);
      const auto now = std::chrono::steady_clock::now();
      std::vector<AnyConnection*> late;
      for (AnyConnection* connection : connections_) {
        if (connection->deadline() <= now) late.push_back(connection);
      }
      for (AnyConnection* connection : late) connection->expire();
      if (draining_ && now >= drain_deadline_) close_if([](const AnyConnection&) { return true; });
    }
  }

  template <class P>
  void close_if(P which) {
    std::vector<AnyConnection*> chosen;
    for (AnyConnection* connection : connections_) {
      if (which(*connection)) chosen.push_back(connection);
    }
    for (AnyConnection* connection : chosen) connection->close();
  }

  void check_drained() {
    if (draining_ && connections_.empty() && drained_) std::exchange(drained_, nullptr)();
  }

  Loop& loop_;
  ServerOptions options_;
  Handler& handler_;
  Timer sweep_timer_;
  std::list<std::unique_ptr<Acceptor>> acceptors_;
  std::unordered_set<AnyConnection*> connections_;
  bool draining_ = false;
  bool stopped_ = false;
  std::chrono::steady_clock::time_point drain_deadline_;
  std::function<void()> drained_;
  std::int64_t date_timer_second_;
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
