// wasi:clocks 0.2: monotonic-clock, wall-clock.
#include "wasi/clocks.h"
#include "wasi/datetime.h"
#include "wasi/p2.h"
#include "wasi/streams.h"

namespace weft::wasi {
namespace {

using bind::Host;
using bind::Own;

Own<PollableResource> subscribe_instant(Host host, std::uint64_t when) {
  host::RequestContext& context = host.context();
  return std::make_unique<PollableResource>(clocks::at(context.loop(), *context.clocks, when));
}

Own<PollableResource> subscribe_duration(Host host, std::uint64_t duration) {
  return subscribe_instant(host, clocks::after(*host.context().clocks, duration));
}

Datetime wall_now(Host host) {
  return datetime_of(host.context().clocks->wall_now());
}
Datetime wall_resolution(Host) {
  return {0, 1};
}

}  // namespace

void p2::add_clocks(bind::Registry& registry) {
  registry.interface("wasi:clocks/monotonic-clock@0.2.0")
      .func<&clocks::monotonic_now>("now")
      .func<&clocks::monotonic_resolution>("resolution")
      .func<&subscribe_instant>("subscribe-instant")
      .func<&subscribe_duration>("subscribe-duration");
  registry.interface("wasi:clocks/wall-clock@0.2.0").func<&wall_now>("now").func<&wall_resolution>("resolution");
}

}  // namespace weft::wasi
