// wasi:clocks 0.3: monotonic-clock, system-clock.
#include "bind/await.h"
#include "bind/eventual.h"
#include "wasi/clocks.h"
#include "wasi/datetime.h"
#include "wasi/p3.h"

namespace weft::wasi {
namespace {

using bind::Eventual;
using bind::Host;

Eventual<void> wait_until(Host host, std::uint64_t when) {
  host::RequestContext& context = host.context();
  auto instant = clocks::at(context.loop(), *context.clocks, when);
  if (instant->ready()) return {};
  return bind::until_ready(context.loop(), std::move(instant));
}

Eventual<void> wait_for(Host host, std::uint64_t duration) {
  return wait_until(host, clocks::after(*host.context().clocks, duration));
}

p3::Instant system_now(Host host) {
  return p3::instant_of(datetime_of(host.context().clocks->wall_now()));
}

std::uint64_t system_resolution(Host) {
  return 1;
}

}  // namespace

void p3::add_clocks(bind::Registry& registry, std::string_view version) {
  registry.interface("wasi:clocks/monotonic-clock@" + std::string(version))
      .func<&clocks::monotonic_now>("now")
      .func<&clocks::monotonic_resolution>("get-resolution")
      .async_func<&wait_until>("wait-until")
      .async_func<&wait_for>("wait-for");
  registry.interface("wasi:clocks/system-clock@" + std::string(version))
      .func<&system_now>("now")
      .func<&system_resolution>("get-resolution");
}

}  // namespace weft::wasi
