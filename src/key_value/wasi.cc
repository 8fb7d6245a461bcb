// wasi:keyvalue@0.2.0-draft2: store, batch, atomics.
#include "key_value/errors.h"
#include "key_value/registry.h"

namespace weft::key_value {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using provider::Bytes;
using provider::Expected;

// ---- store ----

using StoreError = std::variant<NoSuchStore, AccessDenied, Other>;

template <class T>
using StoreResult = std::expected<T, StoreError>;

struct KeyResponse {
  std::vector<std::string> keys;
  std::optional<std::string> cursor;
  static constexpr auto labels = bind::labels("keys", "cursor");
};

class Bucket final : public host::Resource {
 public:
  static constexpr const char* resource_name = "bucket";
  explicit Bucket(OpenStore opened) : open(std::move(opened)) {}
  const OpenStore open;
};

StoreResult<Own<Bucket>> open(Host host, std::string identifier) {
  auto opened = open_store(host, identifier);
  if (opened) return std::make_unique<Bucket>(*std::move(opened));
  return std::unexpected(to_wit<StoreError>(opened.error()));
}

StoreResult<std::optional<Bytes>> get_value(Host host, Borrow<Bucket> self, std::string key) {
  return to_wit<StoreError>(host, get(host, self->open, std::move(key)));
}

StoreResult<void> set_value(Host host, Borrow<Bucket> self, std::string key, Bytes value) {
  return to_wit<StoreError>(host, set(host, self->open, std::move(key), std::move(value)));
}

StoreResult<void> remove_value(Host host, Borrow<Bucket> self, std::string key) {
  return to_wit<StoreError>(host, remove(host, self->open, std::move(key)));
}

StoreResult<bool> exists_value(Host host, Borrow<Bucket> self, std::string key) {
  return to_wit<StoreError>(host, exists(host, self->open, std::move(key)));
}

StoreResult<KeyResponse> list_keys(Host host, Borrow<Bucket> self, std::optional<std::string> cursor) {
  return to_wit<StoreError>(host, [&]() -> Result<KeyResponse> {
    TRY(auto page, some_keys(host, self->open, std::move(cursor)));
    return KeyResponse{std::move(page.keys), std::move(page.next)};
  }());
}

// ---- batch ----

using Found = std::vector<std::tuple<std::string, std::optional<Bytes>>>;

StoreResult<Found> get_many(Host host, Borrow<Bucket> bucket, std::vector<std::string> keys) {
  return to_wit<StoreError>(host, [&]() -> Result<Found> {
    CHECK_OK(provider::check_keys(keys));
    TRY(auto values, bucket->open.await(host, bucket->open.store->get_many(std::move(keys))));
    Found found;
    found.reserve(values.size());
    for (auto& [key, value] : values) found.emplace_back(std::move(key), std::move(value));
    return found;
  }());
}

StoreResult<void> set_many(Host host, Borrow<Bucket> bucket, std::vector<std::tuple<std::string, Bytes>> key_values) {
  return to_wit<StoreError>(host, [&]() -> Result<void> {
    provider::KeyValues values;
    values.reserve(key_values.size());
    for (auto& [key, value] : key_values) values.emplace_back(std::move(key), std::move(value));
    CHECK_OK(provider::check_pairs(values));
    return bucket->open.await(host, bucket->open.store->set_many(std::move(values)));
  }());
}

StoreResult<void> delete_many(Host host, Borrow<Bucket> bucket, std::vector<std::string> keys) {
  return to_wit<StoreError>(host, [&]() -> Result<void> {
    CHECK_OK(provider::check_keys(keys));
    return bucket->open.await(host, bucket->open.store->remove_many(std::move(keys)));
  }());
}

// ---- atomics ----

// A value that is to be replaced if it is still the one that was read.
class Cas final : public host::Resource {
 public:
  static constexpr const char* resource_name = "cas";
  Cas(OpenStore opened, std::string of, std::shared_ptr<const void> among)
      : open(std::move(opened)), key(std::move(of)), place(std::move(among)) {}

  Result<std::optional<Bytes>> current(Host host) {
    TRY(auto value, open.await(host, open.store->get(key)));
    if (value)
      expected = *value;
    else
      expected = provider::Nothing{};
    return value;
  }

  const OpenStore open;
  const std::string key;
  const std::shared_ptr<const void> place;
  Expected expected = provider::Anything{};  // until it is read
};

struct StoreFault {
  StoreError value;
  static constexpr std::string_view label = "store-error";
};
struct CasFailed {
  Own<Cas> value;
  static constexpr std::string_view label = "cas-failed";
};
using CasError = std::variant<StoreFault, CasFailed>;

StoreResult<Own<Cas>> new_cas(Host host, Borrow<Bucket> bucket, std::string key) {
  if (auto fits = provider::check_key(key); !fits) return std::unexpected(Other{fits.error().message()});
  auto place = OpenCount::take(host.state<KeyValueState>().swaps);
  if (place == nullptr) return std::unexpected(Other{"too many compare_and_swaps opened"});
  return std::make_unique<Cas>(bucket->open, std::move(key), std::move(place));
}

StoreResult<std::optional<Bytes>> current(Host host, Borrow<Cas> self) {
  return to_wit<StoreError>(host, self->current(host));
}

StoreResult<std::int64_t> increment(Host host, Borrow<Bucket> bucket, std::string key, std::int64_t delta) {
  return to_wit<StoreError>(host, [&]() -> Result<std::int64_t> {
    CHECK_OK(provider::check_key(key));
    return bucket->open.await(host, bucket->open.store->increment(std::move(key), delta));
  }());
}

std::expected<void, CasError> swap(Host host, Own<Cas> cas, Bytes value) {
  const auto fault = [&](const Error& error) { return std::unexpected(StoreFault{Other{tell(host, error)}}); };
  if (auto fits = provider::check_value(value.size()); !fits) return fault(fits.error());
  auto swapped = cas->open.await(host, cas->open.store->swap(cas->key, cas->expected, std::move(value)));
  if (!swapped) return fault(swapped.error());
  if (*swapped) return {};
  // The guest gets a handle that has the latest value.
  if (auto latest = cas->current(host); !latest) return fault(latest.error());
  return std::unexpected(CasFailed{std::move(cas)});
}

}  // namespace

void add_wasi(bind::Registry& registry) {
  registry.interface("wasi:keyvalue/store@0.2.0-draft2")
      .resource<Bucket>()
      .func<&open>("open")
      .func<&get_value>("[method]bucket.get")
      .func<&set_value>("[method]bucket.set")
      .func<&remove_value>("[method]bucket.delete")
      .func<&exists_value>("[method]bucket.exists")
      .func<&list_keys>("[method]bucket.list-keys");
  registry.interface("wasi:keyvalue/batch@0.2.0-draft2")
      .func<&get_many>("get-many")
      .func<&set_many>("set-many")
      .func<&delete_many>("delete-many");
  registry.interface("wasi:keyvalue/atomics@0.2.0-draft2")
      .resource<Cas>()
      .func<&new_cas>("[static]cas.new")
      .func<&current>("[method]cas.current")
      .func<&increment>("increment")
      .func<&swap>("swap");
}

}  // namespace weft::key_value
