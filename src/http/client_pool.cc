#include "http/client_pool.h"

#include <algorithm>
#include <utility>

namespace weft::http {
namespace {

// How often idle connections are looked at: a peer's close shall not be noticed only by the next request.
constexpr std::chrono::seconds idle_check_interval{5};

}  // namespace

ConnectionPool::ConnectionPool(Loop& loop, const PoolLimits& limits) : loop_(loop), limits_(limits) {
  if (limits_.quota == nullptr) return;
  member_ = std::make_shared<ConnectionQuota::Member>(
      loop_, [this] { serve_waiters(); },
      [this] {
        if (!idle_.empty()) drop_idle(0);
      });
  limits_.quota->join(member_);
}

ConnectionPool::Waiter::~Waiter() {
  if (queued_) pool_.waiters_.remove(this);
  if (!grant_) return;
  if (grant_->connection == nullptr)
    pool_.not_opened(route_);
  else if (grant_->connection->is_shared())
    pool_.leave(grant_->connection);
  else
    pool_.give_back(std::move(grant_->connection));
}

bool ConnectionPool::may_open(const Route& route) const {
  if (count_ >= limits_.connections) return false;
  const auto owned = of_owner_.find(route.owner);
  return owned == of_owner_.end() || owned->second < limits_.connections_of_owner;
}

bool ConnectionPool::count(const Route& route) {
  while (member_ != nullptr && !limits_.quota->take(ConnectionKind::request, member_.get())) {
    if (idle_.empty()) return false;
    drop_idle(0);
  }
  ++count_;
  ++of_owner_[route.owner];
  return true;
}

void ConnectionPool::uncount(const Route& route) {
  --count_;
  if (member_ != nullptr) limits_.quota->give_back(ConnectionKind::request);
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
  if (route.may_share) {
    if (auto connection = take_shared(route)) return Grant{std::move(connection)};
  }
  if (!fresh) {
    if (auto connection = take_idle(route)) return Grant{std::move(connection)};
  }
  if (route.may_share && is_worth_waiting_for(route)) return std::nullopt;
  if (!may_open(route)) {
    drop_victim(route);
    if (!may_open(route)) return std::nullopt;
  }
  if (!count(route)) return std::nullopt;
  if (route.may_share) opening_.push_back(route);
  return Grant{};
}

void ConnectionPool::drop_victim(const Route& route) {
  // Of somebody else; of one's own when it is the owner's limit that is reached.
  const auto is_victim = [&](const PooledConnection& connection) {
    return count_ >= limits_.connections || connection.route().owner == route.owner;
  };
  for (std::size_t i = 0; i < idle_.size(); ++i) {
    if (is_victim(*idle_[i])) return drop_idle(i);
  }
  for (std::size_t i = 0; i < shared_.size(); ++i) {
    if (shared_[i].users == 0 && is_victim(*shared_[i].connection)) return drop_shared(i);
  }
}

bool ConnectionPool::wait(Waiter& waiter) {
  if (member_ != nullptr && limits_.quota->is_none(ConnectionKind::request)) return false;
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
  const Route* full = nullptr;            // nor for this route
  for (auto at = waiters_.begin(); at != waiters_.end();) {
    Waiter& waiter = **at;
    if ((at_limit != nullptr && waiter.route_.owner == *at_limit) || (full != nullptr && waiter.route_ == *full)) {
      ++at;
      continue;
    }
    std::optional<Grant> grant = acquire(waiter.route_, false);
    if (!grant) {
      // Who waits for a place on a shared connection says nothing of the others of its owner.
      if (waiter.route_.may_share) {
        full = &waiter.route_;
      } else {
        if (count_ >= limits_.connections && idle() == 0) return;
        at_limit = &waiter.route_.owner;
      }
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
  if (closing_) {
    connection->close();
    return give_up(connection->route());
  }
  connection->idle_since_ = std::chrono::steady_clock::now();
  idle_.push_back(std::move(connection));
  if (!waiters_.empty()) serve_waiters();
  // One that nobody here takes is better given to another loop.
  if (member_ != nullptr && !idle_.empty() && limits_.quota->is_wanted()) drop_idle(idle_.size() - 1);
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
  sweep_shared(now);
  if (!waiters_.empty()) serve_waiters();
  if (!shared_.empty()) return now + idle_check_interval;
  if (idle_.empty()) return std::nullopt;
  return std::min<Time>(now + idle_check_interval, idle_.front()->idle_since_ + limits_.idle_timeout);
}

void ConnectionPool::close_idle() {
  closing_ = true;
  while (!idle_.empty()) drop_idle(idle_.size() - 1);
  for (std::size_t i = shared_.size(); i-- > 0;) {
    if (shared_[i].users == 0) drop_shared(i);
  }
}

}  // namespace weft::http
