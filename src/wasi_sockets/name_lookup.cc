#include "wasi_sockets/name_lookup.h"

#include <netdb.h>

#include "wasi/p2.h"
#include "wasi_sockets/host_name.h"

namespace weft::wasi_sockets {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;

ErrorCode resolver_error(int error) {
  switch (error) {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
      return ErrorCode::name_unresolvable;
    case EAI_AGAIN:
      return ErrorCode::temporary_resolver_failure;
    case EAI_MEMORY:
      return ErrorCode::out_of_memory;
    case EAI_FAIL:
      return ErrorCode::permanent_resolver_failure;
    default:
      return ErrorCode::unknown;
  }
}

SocketResult<Own<ResolveAddressStream>> resolve_addresses(Host host, Borrow<Network>, std::string name) {
  auto list = look_up(socket_state(host), name);
  if (!list) return std::unexpected(list.error());
  return std::make_unique<ResolveAddressStream>(*std::move(list));
}

// Of the candidate of October 2023. All addresses are looked up as available.
SocketResult<Own<ResolveAddressStream>> resolve_addresses_of(Host host, Borrow<Network>, std::string name,
                                                             std::optional<IpAddressFamily> family, bool) {
  auto list = look_up(socket_state(host), name);
  if (!list) return std::unexpected(list.error());
  return std::make_unique<ResolveAddressStream>(*std::move(list), family);
}

SocketResult<std::optional<IpAddress>> resolve_next_address(Host, Borrow<ResolveAddressStream> self) {
  return self->next();
}

Own<wasi::PollableResource> subscribe(Host, Borrow<ResolveAddressStream> self) {
  return std::make_unique<wasi::PollableResource>(self->list());
}

}  // namespace

void AddressList::give(SocketResult<std::vector<boost::asio::ip::address>> answer) {
  answer_ = std::move(answer);
  done_ = true;
  signal_.notify();
}

SocketResult<std::optional<IpAddress>> AddressList::next() {
  if (!done_) return socket_error(ErrorCode::would_block);
  if (!answer_) return std::unexpected(answer_.error());
  if (at_ == answer_->size()) return std::nullopt;
  return to_ip_address((*answer_)[at_++]);
}

SocketResult<std::optional<IpAddress>> ResolveAddressStream::next() {
  for (;;) {
    auto next = list_->next();
    if (!next || !*next || !family_) return next;
    const bool is_v4 = std::holds_alternative<Ipv4AddressCase>(**next);
    if (is_v4 == (*family_ == IpAddressFamily::ipv4)) return next;
  }
}

SocketResult<std::shared_ptr<AddressList>> look_up(SocketState& state, std::string_view text) {
  const auto host = parse_host_name(text);
  if (!host) return std::unexpected(host.error());
  auto list = std::make_shared<AddressList>();
  if (const auto* address = std::get_if<boost::asio::ip::address>(&*host)) {
    list->give(std::vector{*address});
    return list;
  }
  const std::string& name = std::get<std::string>(*host);
  if (!state.access.may_look_up(name)) return socket_error(ErrorCode::access_denied);
  Resolver* resolver = state.access.context().resolver;
  if (resolver == nullptr || *state.lookups >= max_lookups) return socket_error(ErrorCode::temporary_resolver_failure);
  // The list goes with the instance at the latest, and what belongs to the instance is used only while it is there.
  auto done = [list = std::weak_ptr(list), lookups = state.lookups, &access = state.access, name](auto answer) {
    --*lookups;
    const auto waiting = list.lock();
    if (waiting == nullptr) return;
    if (answer.error != 0) {
      waiting->give(socket_error(resolver_error(answer.error)));
      return;
    }
    access.learn(name, answer.addresses);
    waiting->give(std::move(answer.addresses));
  };
  if (!resolver->resolve(state.access.context().loop(), name, std::move(done))) {
    return socket_error(ErrorCode::temporary_resolver_failure);
  }
  ++*state.lookups;
  return list;
}

void add_name_lookup(bind::Registry& registry, std::string_view version) {
  auto& lookup = registry.interface(wasi::p2::versioned("wasi:sockets/ip-name-lookup", version))
                     .resource<ResolveAddressStream>()
                     .func<&resolve_next_address>("[method]resolve-address-stream.resolve-next-address")
                     .func<&subscribe>("[method]resolve-address-stream.subscribe");
  if (version == wasi::p2_october)
    lookup.func<&resolve_addresses_of>("resolve-addresses");
  else
    lookup.func<&resolve_addresses>("resolve-addresses");
}

}  // namespace weft::wasi_sockets
