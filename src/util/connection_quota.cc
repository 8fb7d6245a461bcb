#include "util/connection_quota.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace weft {

void ConnectionQuota::join(const std::shared_ptr<Member>& member) {
  const std::lock_guard lock(mutex_);
  members_.push_back(member);
}

bool ConnectionQuota::take(ConnectionKind kind, Member* waiting) {
  const std::lock_guard lock(mutex_);
  const auto most = limit(kind);
  const bool room =
      (!most || used(kind) < *most) && (!limits_.total || std::uint64_t{requests_} + sockets_ < *limits_.total);
  if (room) {
    ++used(kind);
    return true;
  }
  // Whoever waits already has asked the others.
  if (waiting != nullptr && std::exchange(waiting->waiting_, true)) return false;
  for (const auto& weak : members_) {
    const auto member = weak.lock();
    if (member == nullptr || member.get() == waiting) continue;
    boost::asio::post(member->loop, [weak] {
      if (const auto there = weak.lock()) there->on_wanted();
    });
  }
  return false;
}

void ConnectionQuota::give_back(ConnectionKind kind) {
  const std::lock_guard lock(mutex_);
  --used(kind);
  for (const auto& weak : members_) {
    const auto member = weak.lock();
    if (member == nullptr || !std::exchange(member->waiting_, false)) continue;
    boost::asio::post(member->loop, [weak] {
      if (const auto there = weak.lock()) there->on_room();
    });
  }
}

bool ConnectionQuota::is_none(ConnectionKind kind) const {
  return limit(kind) == 0u || limits_.total == 0u;
}

bool ConnectionQuota::is_wanted() const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(members_, [](const auto& weak) {
    const auto member = weak.lock();
    return member != nullptr && member->waiting_;
  });
}

}  // namespace weft
