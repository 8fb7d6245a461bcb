// fermyon:spin/key-value, as Spin 1 had it: a store is a number.
#include "key_value/errors.h"
#include "key_value/registry.h"

namespace weft::key_value {
namespace {

using bind::Host;
using provider::Bytes;

struct InvalidStore {
  static constexpr std::string_view label = "invalid-store";
};
struct NoSuchKey {
  static constexpr std::string_view label = "no-such-key";
};
struct Io {
  std::string value;
  static constexpr std::string_view label = "io";
};
using StoreError = std::variant<StoreTableFull, NoSuchStore, AccessDenied, InvalidStore, NoSuchKey, Io>;

template <class T>
using StoreResult = std::expected<T, StoreError>;

// By number. Numbers are used again, the lowest first.
struct OpenStores {
  std::vector<std::optional<OpenStore>> by_number;
};

// The store is copied: the guest's number may stand for another one once a call has waited.
template <class T, class F>
StoreResult<T> with_store(Host host, std::uint32_t number, F call) {
  const auto& stores = host.state<OpenStores>().by_number;
  if (number >= stores.size() || !stores[number]) return std::unexpected(InvalidStore{});
  const OpenStore open = *stores[number];
  Result<T> result = call(open);
  if (!result) return std::unexpected(Io{tell(host, result.error())});
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return *std::move(result);
}

StoreResult<std::uint32_t> open(Host host, std::string name) {
  auto opened = open_store(host, name);
  if (!opened) {
    switch (opened.error()) {
      case OpenFault::access_denied:
        return std::unexpected(AccessDenied{});
      case OpenFault::no_such_store:
        return std::unexpected(NoSuchStore{});
      case OpenFault::table_full:
        return std::unexpected(StoreTableFull{});
    }
  }
  auto& stores = host.state<OpenStores>().by_number;
  std::size_t number = 0;
  while (number < stores.size() && stores[number]) ++number;
  if (number == stores.size()) stores.emplace_back();
  stores[number] = *std::move(opened);
  return static_cast<std::uint32_t>(number);
}

StoreResult<Bytes> get_value(Host host, std::uint32_t store, std::string key) {
  auto found = with_store<std::optional<Bytes>>(host, store,
                                                [&](const OpenStore& open) { return get(host, open, std::move(key)); });
  if (!found) return std::unexpected(std::move(found).error());
  if (!*found) return std::unexpected(NoSuchKey{});
  return **std::move(found);
}

StoreResult<void> set_value(Host host, std::uint32_t store, std::string key, Bytes value) {
  return with_store<void>(host, store,
                          [&](const OpenStore& open) { return set(host, open, std::move(key), std::move(value)); });
}

StoreResult<void> remove_value(Host host, std::uint32_t store, std::string key) {
  return with_store<void>(host, store, [&](const OpenStore& open) { return remove(host, open, std::move(key)); });
}

StoreResult<bool> exists_value(Host host, std::uint32_t store, std::string key) {
  return with_store<bool>(host, store, [&](const OpenStore& open) { return exists(host, open, std::move(key)); });
}

StoreResult<std::vector<std::string>> get_keys(Host host, std::uint32_t store) {
  return with_store<std::vector<std::string>>(host, store, [&](const OpenStore& open) { return all_keys(host, open); });
}

void close(Host host, std::uint32_t store) {
  auto& stores = host.state<OpenStores>().by_number;
  if (store < stores.size()) stores[store].reset();
}

}  // namespace

void add_spin1(bind::Registry& registry) {
  registry.interface("fermyon:spin/key-value")
      .func<&open>("open")
      .func<&get_value>("get")
      .func<&set_value>("set")
      .func<&remove_value>("delete")
      .func<&exists_value>("exists")
      .func<&get_keys>("get-keys")
      .func<&close>("close");
}

}  // namespace weft::key_value
