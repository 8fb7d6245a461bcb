#include "http/client.h"

#include <boost/asio/co_spawn.hpp>
#include <unordered_set>

#include "http/client_head.h"
#include "util/error.h"
#include "util/timer.h"

namespace weft::http {

namespace asio = boost::asio;

namespace {

using Time = ClientExchange::Time;

// Time-outs are seen at most this late; so often at most all exchanges are looked at.
constexpr std::chrono::milliseconds sweep_spacing{10};

// True when the request may go over the wire a second time after a kept connection was found closed.
bool may_repeat(const ClientExchange& exchange, const ClientConnection::Outcome& outcome, bool whole) {
  return outcome.closed_before_response && whole && (outcome.nothing_sent || is_idempotent(exchange.request().method));
}

}  // namespace

class Client::Impl final : public DeadlineWatch, public std::enable_shared_from_this<Client::Impl> {
 public:
  Impl(Loop& loop, Resolver& resolver, ClientOptions options)
      : loop_(loop),
        pool_(loop, options.pool),
        keep_(options.pool.keep),
        dialer_(loop, resolver, std::move(options.dial), options.response),
        timer_(loop) {}

  void start(std::shared_ptr<ClientExchange> exchange) {
    if (stopped_) exchange->cancel();
    exchange->set_watch(this);
    active_.insert(exchange.get());
    asio::co_spawn(
        loop_, [self = shared_from_this(), exchange] { return self->carry(exchange); },
        [self = shared_from_this(), exchange](std::exception_ptr failure) {
          if (failure != nullptr) exchange->fail({ClientFault::internal, what_of(failure)});
          exchange->set_watch(nullptr);
          self->active_.erase(exchange.get());
        });
  }

  void stop() {
    stopped_ = true;
    timer_.cancel();
    pool_.close_idle();
    for (ClientExchange* exchange : std::unordered_set(active_)) {
      exchange->cancel();
      exchange->set_watch(nullptr);
    }
  }

  void look_at(Time deadline) override {
    if (stopped_ || deadline >= armed_) return;
    // Soon after the last look it waits a little: many deadlines may be close to each other.
    armed_ = std::max(deadline, last_sweep_ + sweep_spacing);
    timer_.expires_at(armed_);
    timer_.async_wait([self = weak_from_this()](boost::system::error_code error) {
      if (error) return;
      if (const auto impl = self.lock()) impl->sweep();
    });
  }

  const ConnectionPool& pool() const { return pool_; }

 private:
  void sweep() {
    armed_ = ClientExchange::never;
    last_sweep_ = std::chrono::steady_clock::now();
    std::vector<ClientExchange*> late;
    Time next = ClientExchange::never;
    for (ClientExchange* exchange : active_) {
      if (exchange->deadline() <= last_sweep_)
        late.push_back(exchange);
      else
        next = std::min(next, exchange->deadline());
    }
    // None of these ends within the call: each only interrupts what its coroutine waits for.
    for (ClientExchange* exchange : late) exchange->expire();
    if (const auto idle = pool_.sweep(last_sweep_)) next = std::min(next, *idle);
    if (next != ClientExchange::never) look_at(next);
  }

  awaitable<std::expected<ConnectionPool::Grant, ClientError>> acquire(const Route& route, ClientExchange& exchange,
                                                                       Time deadline, bool fresh) {
    if (auto grant = pool_.acquire(route, fresh)) co_return *std::move(grant);
    ConnectionPool::Waiter waiter(pool_, route);
    if (!pool_.wait(waiter)) {
      co_return std::unexpected(ClientError{ClientFault::connection_limit, "too many requests wait"});
    }
    exchange.set_interrupt([&waiter] { waiter.event.notify(); });
    exchange.set_deadline(deadline);
    std::expected<ConnectionPool::Grant, ClientError> result;
    for (;;) {
      co_await waiter.event.wait();
      if (exchange.cancelled()) {
        result = std::unexpected(ClientError{ClientFault::cancelled, {}});
      } else if (auto grant = waiter.take()) {
        result = *std::move(grant);
      } else if (exchange.take_expired()) {
        result = std::unexpected(ClientError{ClientFault::connect_timeout, "all connections are in use"});
      } else {
        continue;
      }
      break;
    }
    exchange.set_interrupt(nullptr);
    exchange.set_deadline(ClientExchange::never);
    co_return std::move(result);
  }

  // The right to a connection; given up unless it is released.
  struct Permit {
    enum class For : std::uint8_t { opening, one, place, nothing };
    Impl& impl;
    const Route& route;
    For what;
    std::shared_ptr<PooledConnection> shared;  // that it has a place on
    ~Permit() {
      switch (what) {
        case For::opening:
          impl.pool_.not_opened(route);
          break;
        case For::one:
          impl.pool_.give_up(route);
          break;
        case For::place:
          impl.pool_.leave(shared);
          break;
        case For::nothing:
          break;
      }
    }
    void use(const std::shared_ptr<PooledConnection>& connection) {
      what = connection->is_shared() ? For::place : For::one;
      if (connection->is_shared()) shared = connection;
    }
  };

  awaitable<void> carry(std::shared_ptr<ClientExchange> exchange) {
    if (exchange->cancelled()) co_return;
    if (exchange->request_body().failed()) {
      exchange->fail({ClientFault::request_aborted, exchange->request_body().abort_reason()});
      co_return;
    }
    const ClientRequest& request = exchange->request();
    const Route route{request.origin, request.owner, dialer_.may_share(request.origin)};
    const bool whole = exchange->request_body().finished() && !exchange->request_body().trailers();
    const Time connected_by = from_now(request.timeouts.connect);
    bool fresh = false;
    for (;;) {
      auto grant = co_await acquire(route, *exchange, connected_by, fresh);
      if (!grant) {
        exchange->fail(std::move(grant).error());
        co_return;
      }
      Permit permit{*this, route, Permit::For::opening, nullptr};
      auto connection = std::static_pointer_cast<ClientConnection>(std::move(grant->connection));
      const bool reused = connection != nullptr;
      if (reused) {
        permit.use(connection);
      } else {
        auto dialled = co_await dialer_.dial(route, *exchange, connected_by);
        if (!dialled) {
          exchange->fail(std::move(dialled).error());
          co_return;
        }
        connection = *std::move(dialled);
        permit.use(connection);
        pool_.opened(connection);
      }
      auto outcome = co_await connection->run(exchange);
      if (permit.what == Permit::For::place) {
        // It is there for others, and knows itself when it is not.
        look_at(from_now(idle_sweep));
      } else if (outcome.reusable && !stopped_ && keep_) {
        permit.what = Permit::For::nothing;
        pool_.give_back(std::move(connection));
        look_at(from_now(idle_sweep));
      } else {
        connection->close();
      }
      if (!outcome.error) co_return;
      if (reused && !fresh && may_repeat(*exchange, outcome, whole)) {
        fresh = true;
        continue;
      }
      exchange->fail(*std::move(outcome.error));
      co_return;
    }
  }

  // How soon idle connections are first looked at.
  static constexpr std::chrono::seconds idle_sweep{5};

  Loop& loop_;
  ConnectionPool pool_;
  const bool keep_;
  Dialer dialer_;
  Timer timer_;
  Time armed_ = ClientExchange::never;
  Time last_sweep_{};
  std::unordered_set<ClientExchange*> active_;
  bool stopped_ = false;
};

Client::Client(Loop& loop, Resolver& resolver, ClientOptions options)
    : impl_(std::make_shared<Impl>(loop, resolver, std::move(options))) {}

Client::~Client() {
  impl_->stop();
}

void Client::start(std::shared_ptr<ClientExchange> exchange) {
  impl_->start(std::move(exchange));
}

std::size_t Client::connections() const {
  return impl_->pool().connections();
}

std::size_t Client::idle_connections() const {
  return impl_->pool().idle();
}

}  // namespace weft::http
