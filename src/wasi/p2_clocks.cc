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

// Of October: both in one.
Own<PollableResource> subscribe(Host host, std::uint64_t when, bool absolute) {
  return absolute ? subscribe_instant(host, when) : subscribe_duration(host, when);
}

Datetime wall_now(Host host) {
  return datetime_of(host.context().clocks->wall_now());
}
Datetime wall_resolution(Host) {
  return {0, 1};
}

}  // namespace

void p2::add_clocks(bind::Registry& registry, std::string_view version) {
  auto& monotonic = registry.interface(versioned("wasi:clocks/monotonic-clock", version))
                        .func<&clocks::monotonic_now>("now")
                        .func<&clocks::monotonic_resolution>("resolution");
  if (version == p2_october)
    monotonic.func<&subscribe>("subscribe");
  else
    monotonic.func<&subscribe_instant>("subscribe-instant").func<&subscribe_duration>("subscribe-duration");
  registry.interface(versioned("wasi:clocks/wall-clock", version))
      .func<&wall_now>("now")
      .func<&wall_resolution>("resolution");
}

}  // namespace weft::wasi
