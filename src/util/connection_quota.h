// How many connections guests may have open at a time, of all loops together.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "util/async.h"
#include "util/pinned.h"

namespace weft {

enum class ConnectionKind : std::uint8_t { request, socket };

// Thread-safe.
class ConnectionQuota : Pinned {
 public:
  // Absent: no limit.
  struct Limits {
    std::optional<std::uint32_t> requests, sockets, total;
  };
  // Who keeps connections or waits for them, on one loop. Its functions are called on that loop, until it goes.
  struct Member : Pinned {
    Member(Loop& of, std::function<void()> room, std::function<void()> wanted)
        : loop(of), on_room(std::move(room)), on_wanted(std::move(wanted)) {}
    Loop& loop;
    const std::function<void()> on_room;    // there may be room for another connection
    const std::function<void()> on_wanted;  // somebody else waits for one: close one that is idle

   private:
    friend class ConnectionQuota;
    bool waiting_ = false;
  };

  explicit ConnectionQuota(const Limits& limits) : limits_(limits) {}
  // The quota has it as long as it lives.
  void join(const std::shared_ptr<Member>& member);

  // One more; false: there is no room. `waiting`, if there is one, is told when there is.
  bool take(ConnectionKind kind, Member* waiting = nullptr);
  void give_back(ConnectionKind kind);
  // There will never be room.
  bool is_none(ConnectionKind kind) const;
  // Somebody waits. Then a connection is better closed than kept.
  bool is_wanted() const;

 private:
  std::optional<std::uint32_t> limit(ConnectionKind kind) const {
    return kind == ConnectionKind::request ? limits_.requests : limits_.sockets;
  }
  std::uint32_t& used(ConnectionKind kind) { return kind == ConnectionKind::request ? requests_ : sockets_; }

  const Limits limits_;
  mutable std::mutex mutex_;
  std::uint32_t requests_ = 0;
  std::uint32_t sockets_ = 0;
  std::vector<std::weak_ptr<Member>> members_;
};

}  // namespace weft
