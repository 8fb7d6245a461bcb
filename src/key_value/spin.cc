// fermyon:spin/key-value@2.0.0.
#include "key_value/errors.h"
#include "key_value/registry.h"

namespace weft::key_value {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using provider::Bytes;

template <class T>
using StoreResult = std::expected<T, SpinError>;

class Store final : public host::Resource {
 public:
  static constexpr const char* resource_name = "store";
  explicit Store(OpenStore opened) : open(std::move(opened)) {}
  const OpenStore open;
};

StoreResult<Own<Store>> open(Host host, std::string label) {
  auto opened = open_store(host, label);
  if (opened) return std::make_unique<Store>(*std::move(opened));
  return std::unexpected(to_wit<SpinError>(opened.error()));
}

StoreResult<std::optional<Bytes>> get_value(Host host, Borrow<Store> self, std::string key) {
  return to_wit<SpinError>(host, get(host, self->open, std::move(key)));
}

StoreResult<void> set_value(Host host, Borrow<Store> self, std::string key, Bytes value) {
  return to_wit<SpinError>(host, set(host, self->open, std::move(key), std::move(value)));
}

StoreResult<void> remove_value(Host host, Borrow<Store> self, std::string key) {
  return to_wit<SpinError>(host, remove(host, self->open, std::move(key)));
}

StoreResult<bool> exists_value(Host host, Borrow<Store> self, std::string key) {
  return to_wit<SpinError>(host, exists(host, self->open, std::move(key)));
}

StoreResult<std::vector<std::string>> get_keys(Host host, Borrow<Store> self) {
  return to_wit<SpinError>(host, all_keys(host, self->open));
}

}  // namespace

void add_spin(bind::Registry& registry) {
  registry.interface("fermyon:spin/key-value@2.0.0")
      .resource<Store>()
      .func<&open>("[static]store.open")
      .func<&get_value>("[method]store.get")
      .func<&set_value>("[method]store.set")
      .func<&remove_value>("[method]store.delete")
      .func<&exists_value>("[method]store.exists")
      .func<&get_keys>("[method]store.get-keys");
}

void add_to_registry(bind::Registry& registry) {
  add_spin(registry);
  add_spin1(registry);
  add_spin3(registry);
  add_wasi(registry);
}

}  // namespace weft::key_value
