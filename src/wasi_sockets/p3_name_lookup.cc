// wasi:sockets/ip-name-lookup 0.3.
#include "bind/await.h"
#include "bind/eventual.h"
#include "wasi_sockets/name_lookup.h"
#include "wasi_sockets/p3.h"
#include "wasi_sockets/p3_errors.h"

namespace weft::wasi_sockets::p3 {
namespace {

using bind::Eventual;
using bind::Host;
using Addresses = std::expected<std::vector<IpAddress>, LookupErrorCode>;

Addresses failure(wasi_sockets::ErrorCode code) {
  return std::unexpected(converted_for_lookup(code));
}

Addresses all_of(AddressList& list) {
  std::vector<IpAddress> addresses;
  for (;;) {
    const auto next = list.next();
    if (!next) return failure(next.error());
    if (!*next) break;
    addresses.push_back(**next);
  }
  if (addresses.empty()) return failure(wasi_sockets::ErrorCode::name_unresolvable);
  return addresses;
}

awaitable<Addresses> answered(Loop& loop, std::shared_ptr<AddressList> list) {
  co_await bind::until_ready(loop, list);
  co_return all_of(*list);
}

Eventual<Addresses> resolve_addresses(Host host, std::string name) {
  auto list = look_up(socket_state(host), name);
  if (!list) return failure(list.error());
  if ((*list)->ready()) return all_of(**list);
  return answered(host.context().loop(), *std::move(list));
}

}  // namespace

void add_name_lookup(bind::Registry& registry, std::string_view version) {
  registry.interface("wasi:sockets/ip-name-lookup@" + std::string(version))
      .async_func<&resolve_addresses>("resolve-addresses");
}

}  // namespace weft::wasi_sockets::p3
