// The connections of the client: how many there are, which are free, and who waits for one.
//
// Knows no sockets. One loop.
#pragma once

#include <chrono>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "http/url.h"
#include "util/connection_quota.h"
#include "util/event.h"
#include "util/pinned.h"

namespace weft::http {

struct PoolLimits {
  std::size_t connections = 1024;          // of one loop, open or being opened; each is a descriptor
  std::size_t connections_of_owner = 256;  // so that no component takes them all
  std::size_t waiting = 4096;              // requests that wait for a connection, each with its body
  std::size_t waiting_of_owner = 1024;
  bool keep = true;  // connections whose exchange is over, for another
  // Of all loops together; null: there is none.
  std::shared_ptr<ConnectionQuota> quota = nullptr;
  // Shorter than servers usually wait (60 s and more), so that it is mostly the client who closes.
  std::chrono::milliseconds idle_timeout{45'000};
};

// What a connection can be used for.
struct Route {
  Origin origin;
  std::string owner;
  // Its connection may turn out to be one for many exchanges at a time.
  bool may_share = false;
  bool operator==(const Route&) const = default;
};

// A connection as the pool sees it.
class PooledConnection : Pinned {
 public:
  explicit PooledConnection(Route route) : route_(std::move(route)) {}
  virtual ~PooledConnection() = default;
  const Route& route() const { return route_; }
  // False: the peer has closed it, or sent something that nobody asked for.
  virtual bool usable() = 0;
  virtual void close() = 0;
  // Carries many exchanges at a time (HTTP/2); else it is given to one after the other.
  virtual bool is_shared() const { return false; }
  // How many, if so.
  virtual std::size_t capacity() { return 1; }
  // Gives back memory that is only worth keeping between requests that follow each other closely.
  virtual void rest() = 0;

 private:
  friend class ConnectionPool;
  Route route_;
  std::chrono::steady_clock::time_point idle_since_;
};

class ConnectionPool : Pinned {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // The right to one connection: a free one, a place on a shared one, or (null) to open one.
  struct Grant {
    std::shared_ptr<PooledConnection> connection;
  };
  // A request that waits. Leaves the queue when destroyed, and gives back a grant it did not take.
  class Waiter : Pinned {
   public:
    // `route` outlives the waiter.
    Waiter(ConnectionPool& pool, const Route& route) : event(pool.loop_), pool_(pool), route_(route) {}
    Waiter(ConnectionPool& pool, Route&& route) = delete;
    ~Waiter();
    std::optional<Grant> take() { return std::exchange(grant_, std::nullopt); }
    Event event;  // notified when there is a grant; anybody may notify it to have the waiter look up

   private:
    friend class ConnectionPool;
    ConnectionPool& pool_;
    const Route& route_;
    std::optional<Grant> grant_;
    bool queued_ = false;
  };

  ConnectionPool(Loop& loop, const PoolLimits& limits);

  // Nothing: wait, for the limits are reached, or one is being opened that may be shared. `fresh`: not one that was
  // used before and is for one exchange at a time.
  std::optional<Grant> acquire(const Route& route, bool fresh);
  // False: too many wait already. REQUIRES: acquire() gave nothing.
  bool wait(Waiter& waiter);
  // What a grant was to open is there. A shared one is used by the exchange of the grant, and by others from now on.
  void opened(const std::shared_ptr<PooledConnection>& connection);
  // It could not be opened.
  void not_opened(const Route& route);
  // An exchange on a shared connection is over.
  void leave(const std::shared_ptr<PooledConnection>& connection);
  // A granted connection, or one opened by a grant, whose exchange is over and which can serve another.
  void give_back(std::shared_ptr<PooledConnection> connection);
  // A granted connection that is not shared was closed.
  void give_up(const Route& route);

  // Closes those that were idle for too long or closed by their peers. When to call again; nothing: none is idle.
  std::optional<Time> sweep(Time now);
  // The end: what is in use is closed when it is given back or left.
  void close_idle();

  std::size_t connections() const { return count_; }
  // Those without an exchange.
  std::size_t idle() const;
  std::size_t waiting() const { return waiters_.size(); }

 private:
  bool may_open(const Route& route) const;
  // False: the quota has no room.
  bool count(const Route& route);
  void uncount(const Route& route);
  // Hands what has become free to the first who can use it.
  void serve_waiters();
  std::shared_ptr<PooledConnection> take_idle(const Route& route);
  void drop_idle(std::size_t i);
  // Makes room for one more of the route by closing one that is idle, if there is any.
  void drop_victim(const Route& route);

  // ---- shared connections; in client_pool_shared.cc ----
  struct Shared {
    std::shared_ptr<PooledConnection> connection;
    std::size_t users;
  };
  std::shared_ptr<PooledConnection> take_shared(const Route& route);
  // True: one is being opened, or is full, and will do for this route as well.
  bool is_worth_waiting_for(const Route& route) const;
  void drop_shared(std::size_t i);
  void sweep_shared(Time now);

  Loop& loop_;
  PoolLimits limits_;
  std::shared_ptr<ConnectionQuota::Member> member_;  // of the quota; null: there is none
  std::size_t count_ = 0;
  std::unordered_map<std::string, std::size_t> of_owner_;
  std::deque<std::shared_ptr<PooledConnection>> idle_;  // the longest idle first
  std::list<Waiter*> waiters_;
  std::vector<Shared> shared_;
  std::vector<Route> opening_;                // of those that may be shared
  std::unordered_set<std::string> unshared_;  // hosts whose connections turned out not to be shared
  bool closing_ = false;
};

}  // namespace weft::http
