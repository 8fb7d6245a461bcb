// Key-value stores as guests have them: what the shells of all interfaces share.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bind/await.h"
#include "host/resource_table.h"
#include "provider/key_value.h"

namespace weft::key_value {

// Stores that one instance may have open; other hosts have the same number.
inline constexpr std::uint32_t max_open_stores = 256;
// Compare-and-swap handles of one instance, each of which may keep a value.
inline constexpr std::uint32_t max_open_swaps = 256;
// Bytes of keys that one list-keys answers. Other hosts answer all at once and know no cursor, so it is generous.
inline constexpr std::size_t max_listed_bytes = std::size_t{16} << 20;

// Counts what an instance has open; a count outlives the instance's state.
class OpenCount {
 public:
  explicit OpenCount(std::uint32_t limit) : limit_(limit) {}
  // One more, until the result goes. Null: there are as many as may be.
  static std::shared_ptr<const void> take(const std::shared_ptr<OpenCount>& count);

 private:
  std::uint32_t limit_;
  std::uint32_t open_ = 0;
};

// Set before an instance runs: instance.state<KeyValueState>().
struct KeyValueState {
  const provider::KeyValueLinks* links = nullptr;  // outlives the instance; null: there are no stores
  std::shared_ptr<OpenCount> stores = std::make_shared<OpenCount>(max_open_stores);
  std::shared_ptr<OpenCount> swaps = std::make_shared<OpenCount>(max_open_swaps);
};

// A store that a guest opened.
struct OpenStore {
  std::shared_ptr<provider::KeyValueStore> store;
  std::shared_ptr<const void> place;  // among those that are open

  // Waits for a call of the store.
  template <class T>
  T await(bind::Host host, awaitable<T> call) const {
    return bind::await(host, store, std::move(call));
  }
};

enum class OpenFault { access_denied, no_such_store, table_full };

// The store that `label` is linked to, if the manifest grants it (host::authorize).
std::expected<OpenStore, OpenFault> open_store(bind::Host host, std::string_view label);

// What a guest is told of an error. The rest, which may name files and addresses, goes to the log.
std::string tell(bind::Host host, const Error& error);

// One call of a store each, after a look at the limits of keys and values.
Result<std::optional<provider::Bytes>> get(bind::Host host, const OpenStore& open, std::string key);
Result<void> set(bind::Host host, const OpenStore& open, std::string key, provider::Bytes value);
Result<void> remove(bind::Host host, const OpenStore& open, std::string key);
Result<bool> exists(bind::Host host, const OpenStore& open, std::string key);
// All keys. Begins anew when the store is changed for another meanwhile. Above provider::max_result_bytes: an error.
Result<std::vector<std::string>> all_keys(bind::Host host, const OpenStore& open);
// As many as fit max_listed_bytes, from `cursor` on.
Result<provider::KeyPage> some_keys(bind::Host host, const OpenStore& open, std::optional<std::string> cursor);

}  // namespace weft::key_value
