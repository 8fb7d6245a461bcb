// poll_oneoff: waiting for times and descriptors.
#include <vector>

#include "host/request_context.h"
#include "preview1/functions.h"
#include "wasi/clocks.h"

namespace weft::preview1 {
namespace {

using bind::Host;

// Subscriptions of one call.
constexpr std::uint32_t max_subscriptions = 10'000;

// One subscription while it is waited for.
struct Waited {
  std::shared_ptr<host::Pollable> until;  // null: there is nothing to wait for
  Event event;
};

std::shared_ptr<host::Pollable> timer(Host host, const Subscription& subscription) {
  host::RequestContext& context = host.context();
  host::Clocks& clocks = *context.clocks;
  const bool absolute = (subscription.flags & subscription_abstime) != 0;
  const bool monotonic = subscription.id == 1;
  std::uint64_t time = subscription.timeout;
  if (absolute && !monotonic) time -= std::min(time, clocks.wall_now());
  const std::uint64_t instant = absolute && monotonic ? time : wasi::clocks::after(clocks, time);
  return wasi::clocks::at(context.loop(), clocks, instant);
}

void describe(const Open& open, Event& event) {
  event.nbytes = 1;
  if (open.file == nullptr || event.type != EventType::fd_read) return;
  const auto status = open.file->status();
  const std::uint64_t size = status ? static_cast<std::uint64_t>(status->st_size) : 0;
  event.nbytes = size > open.position ? size - open.position : 0;
  if (event.nbytes == 0) event.flags = event_hangup;
}

Outcome<Waited> prepare(Host host, const Subscription& subscription) {
  Waited waited{.until = nullptr, .event = {.userdata = subscription.userdata, .type = subscription.type}};
  if (subscription.type > EventType::fd_write) return failed(Errno::inval);
  if (subscription.type == EventType::clock) {
    if (subscription.id > 1) return failed(Errno::inval);
    waited.until = timer(host, subscription);
    return waited;
  }
  const bool reads = subscription.type == EventType::fd_read;
  const auto open =
      Descriptors::of(host).get(subscription.id, right::poll_fd_readwrite | (reads ? right::fd_read : right::fd_write));
  // What is wrong with one is told of that one.
  if (!open || (*open)->is_directory()) {
    waited.event.error = static_cast<std::uint16_t>(open ? Errno::badf : open.error());
    return waited;
  }
  if ((*open)->input != nullptr) waited.until = (*open)->input->readiness();
  if ((*open)->output != nullptr) waited.until = (*open)->output->readiness();
  describe(**open, waited.event);
  return waited;
}

Status poll_oneoff(Host host, GuestPtr in, GuestPtr out, std::uint32_t n, GuestPtr count) {
  if (n == 0 || n > max_subscriptions) return Errno::inval;
  in.check(n, sizeof(Subscription), alignof(Subscription));
  out.check(n, sizeof(Event), alignof(Event));
  std::vector<Waited> all;
  std::vector<host::Pollable*> pollables;
  bool at_once = false;
  for (std::uint32_t i = 0; i < n; ++i) {
    TRY(auto waited, prepare(host, (in + std::uint64_t{i} * sizeof(Subscription)).read<Subscription>()));
    if (waited.until == nullptr)
      at_once = true;
    else
      pollables.push_back(waited.until.get());
    all.push_back(std::move(waited));
  }
  if (!at_once) host.wait_for(pollables);
  std::uint32_t events = 0;
  for (const Waited& waited : all) {
    if (waited.until != nullptr && !waited.until->ready()) continue;
    (out + std::uint64_t{events} * sizeof(Event)).write(waited.event);
    ++events;
  }
  count.write(events);
  return {};
}

}  // namespace

void add_poll(bind::Interface& interface) {
  interface.func<&poll_oneoff>("poll-oneoff");
}

}  // namespace weft::preview1
