// What the sockets of one instance have in common.
#pragma once

#include <cstdint>
#include <memory>

#include "bind/registry.h"
#include "util/resolver.h"
#include "wasi/open_file.h"
#include "wasi_sockets/access.h"
#include "wasi_sockets/connection.h"
#include "wasi_sockets/socket_quota.h"

namespace weft::wasi_sockets {

// Sockets one instance may have open at a time: a handler of a request needs a few. They count among the process's
// files of guests too.
inline constexpr std::uint32_t max_sockets = 64;
// Look-ups one instance may have under way: the process has few threads for them.
inline constexpr std::uint32_t max_lookups = 8;

// Goes with the instance, after everything that a guest had a handle to.
struct SocketState : Pinned {
  SocketState(host::RequestContext& context, std::shared_ptr<wasi::OpenFileLimit> of_process)
      : access(context),
        limit(std::make_shared<wasi::OpenFileLimit>(max_sockets, with_quota(context, std::move(of_process)))) {}

  Access access;
  std::shared_ptr<wasi::OpenFileLimit> limit;
  std::shared_ptr<std::uint32_t> lookups = std::make_shared<std::uint32_t>(0);  // under way
  std::shared_ptr<Outgoing> outgoing = std::make_shared<Outgoing>();
};

// That of the calling instance, made when it is first needed.
SocketState& socket_state(bind::Host host);

}  // namespace weft::wasi_sockets
