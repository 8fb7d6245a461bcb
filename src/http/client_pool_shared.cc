// Connections that carry many exchanges at a time: one for each route.
#include <algorithm>
#include <utility>

#include "http/client_pool.h"

namespace weft::http {
namespace {

// Hosts of which it is remembered that they share no connections. Forgotten all at once, which costs each of them one
// connection that is waited for.
constexpr std::size_t max_unshared = 1024;

std::string name_of(const Origin& origin) {
  return origin.host + ":" + std::to_string(origin.port);
}

}  // namespace

std::size_t ConnectionPool::idle() const {
  const auto unused = std::ranges::count_if(shared_, [](const Shared& shared) { return shared.users == 0; });
  return idle_.size() + static_cast<std::size_t>(unused);
}

void ConnectionPool::drop_shared(std::size_t i) {
  const std::shared_ptr<PooledConnection> connection = std::move(shared_[i].connection);
  shared_.erase(shared_.begin() + static_cast<std::ptrdiff_t>(i));
  uncount(connection->route());
  connection->close();
}

std::shared_ptr<PooledConnection> ConnectionPool::take_shared(const Route& route) {
  for (std::size_t i = shared_.size(); i-- > 0;) {
    Shared& shared = shared_[i];
    if (!(shared.connection->route() == route)) continue;
    if (!shared.connection->usable()) {
      // What is under way on it may still end well.
      if (shared.users == 0) drop_shared(i);
    } else if (shared.users < shared.connection->capacity()) {
      ++shared.users;
      return shared.connection;
    }
  }
  return nullptr;
}

bool ConnectionPool::is_worth_waiting_for(const Route& route) const {
  if (unshared_.contains(name_of(route.origin))) return false;
  const auto is_full = [&](const Shared& shared) {
    return shared.connection->route() == route && shared.connection->usable();
  };
  return std::ranges::find(opening_, route) != opening_.end() || std::ranges::any_of(shared_, is_full);
}

void ConnectionPool::opened(const std::shared_ptr<PooledConnection>& connection) {
  const Route& route = connection->route();
  if (!route.may_share) return;
  const std::string name = name_of(route.origin);
  if (connection->is_shared()) {
    shared_.push_back({connection, 1});
    unshared_.erase(name);
  } else {
    if (unshared_.size() >= max_unshared) unshared_.clear();
    unshared_.insert(name);
  }
  if (const auto at = std::ranges::find(opening_, route); at != opening_.end()) opening_.erase(at);
  if (!waiters_.empty()) serve_waiters();
}

void ConnectionPool::not_opened(const Route& route) {
  if (route.may_share) {
    if (const auto at = std::ranges::find(opening_, route); at != opening_.end()) opening_.erase(at);
  }
  give_up(route);
}

void ConnectionPool::leave(const std::shared_ptr<PooledConnection>& connection) {
  const auto at = std::ranges::find(shared_, connection, &Shared::connection);
  if (at == shared_.end()) return;
  if (--at->users == 0) {
    connection->idle_since_ = std::chrono::steady_clock::now();
    if (closing_ || !connection->usable()) drop_shared(static_cast<std::size_t>(at - shared_.begin()));
  }
  if (!waiters_.empty()) serve_waiters();
}

void ConnectionPool::sweep_shared(Time now) {
  for (std::size_t i = shared_.size(); i-- > 0;) {
    const Shared& shared = shared_[i];
    if (shared.users > 0) continue;
    if (now - shared.connection->idle_since_ >= limits_.idle_timeout || !shared.connection->usable())
      drop_shared(i);
    else
      shared.connection->rest();
  }
}

}  // namespace weft::http
