#include "http/client_pool.h"

#include <algorithm>
#include <utility>

namespace weft::http {
namespace {

// How often idle connections are looked at: a peer's close shall not be noticed only by the next request.
constexpr std::chrono::seconds idle_check_interval{5};

}  // namespace

ConnectionPool::Waiter::~Waiter() {
  if (queued_) pool_.waiters_.remove(this);
  if (!grant_) return;
  if (grant_->connection != nullptr)
    pool_.give_back(std::move(grant_->connection));
  else
    pool_.give_up(route_);
}

bool ConnectionPool::may_open(const Route& route) const {
  if (count_ >= limits_.connections) return false;
  const auto owned = of_owner_.find(route.owner);
  return owned == of_owner_.end() || owned->second < limits_.connections_of_owner;
}

void ConnectionPool::count(const Route& route) {
  ++count_;
  ++of_owner_[route.owner];
}

void ConnectionPool::uncount(const Route& route) {
  --count_;
  const auto owned = of_owner_.find(route.owner);
  if (--owned->second == 0) of_owner_.erase(owned);
}

void ConnectionPool::drop_idle(std::size_t i) {
  const auto at = idle_.begin() + static_cast<std::ptrdiff_t>(i);
  const std::shared_ptr<PooledConnection> connection = std::move(*at);
  idle_.erase(at);
  connection->close();
  uncount(connection->route());
}

std::shared_ptr<PooledConnection> ConnectionPool::take_idle(const Route& route) {
  // The one used last is the least likely to have been closed.
  for (std::size_t i = idle_.size(); i-- > 0;) {
    if (!(idle_[i]->route() == route)) continue;
    if (!idle_[i]->usable()) {
      drop_idle(i);
      continue;
    }
    auto connection = std::move(idle_[i]);
    idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    return connection;
  }
  return nullptr;
}

std::optional<ConnectionPool::Grant> ConnectionPool::acquire(const Route& route, bool fresh) {
  if (!fresh) {
    if (auto connection = take_idle(route)) return Grant{std::move(connection)};
  }
  if (!may_open(route)) {
    // An idle connection of somebody else makes room; of one's own when it is the owner's limit that is reached.
    std::optional<std::size_t> victim;
    for (std::size_t i = 0; i < idle_.size() && !victim; ++i) {
      if (count_ >= limits_.connections || idle_[i]->route().owner == route.owner) victim = i;
    }
    if (victim) drop_idle(*victim);
    if (!may_open(route)) return std::nullopt;
  }
  count(route);
  return Grant{};
}

bool ConnectionPool::wait(Waiter& waiter) {
  if (waiters_.size() >= limits_.waiting) return false;
  const auto same_owner = [&](const Waiter* other) { return other->route_.owner == waiter.route_.owner; };
  if (waiters_.size() >= limits_.waiting_of_owner &&
      static_cast<std::size_t>(std::ranges::count_if(waiters_, same_owner)) >= limits_.waiting_of_owner) {
    return false;
  }
  waiters_.push_back(&waiter);
  waiter.queued_ = true;
  return true;
}

void ConnectionPool::serve_waiters() {
  const std::string* at_limit = nullptr;  // an owner for whom nothing can be done now
  for (auto at = waiters_.begin(); at != waiters_.end();) {
    Waiter& waiter = **at;
    if (at_limit != nullptr && waiter.route_.owner == *at_limit) {
      ++at;
      continue;
    }
    std::optional<Grant> grant = acquire(waiter.route_, false);
    if (!grant) {
      if (count_ >= limits_.connections && idle_.empty()) return;
      at_limit = &waiter.route_.owner;
      ++at;
      continue;
    }
    at = waiters_.erase(at);
    waiter.queued_ = false;
    waiter.grant_ = std::move(grant);
    waiter.event.notify();
  }
}

void ConnectionPool::give_back(std::shared_ptr<PooledConnection> connection) {
  connection->idle_since_ = std::chrono::steady_clock::now();
  idle_.push_back(std::move(connection));
  if (!waiters_.empty()) serve_waiters();
}

void ConnectionPool::give_up(const Route& route) {
  uncount(route);
  if (!waiters_.empty()) serve_waiters();
}

std::optional<ConnectionPool::Time> ConnectionPool::sweep(Time now) {
  for (std::size_t i = idle_.size(); i-- > 0;) {
    if (now - idle_[i]->idle_since_ >= limits_.idle_timeout || !idle_[i]->usable())
      drop_idle(i);
    else
      idle_[i]->rest();
  }
  if (!waiters_.empty()) serve_waiters();
  if (idle_.empty()) return std::nullopt;
  return std::min<Time>(now + idle_check_interval, idle_.front()->idle_since_ + limits_.idle_timeout);
}

void ConnectionPool::close_idle() {
  while (!idle_.empty()) drop_idle(idle_.size() - 1);
}

}  // namespace weft::http
