// Key-value stores as guests have them: what the shells of all interfaces share.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bind/await.h"
#include "host/resource_table.h"
#include "key_value/call_budget.h"
#include "provider/key_value.h"

namespace weft::key_value {

// Stores that one instance may have open; other hosts have the same number.
inline constexpr std::uint32_t max_open_stores = 256;
// Compare-and-swap handles of one instance, each of which may keep a value.
inline constexpr std::uint32_t max_open_swaps = 256;
// How often a listing begins anew because its store was changed for another.
inline constexpr int max_listings = 3;
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

// What went wrong, for a guest and for the log. Shared by an instance and its calls, which may outlive it: then there
// is no log any more.
class Teller : Pinned {
 public:
  explicit Teller(host::RequestContext& context) : context_(&context) {}
  // What a guest is told of an error. The rest, which may name files and addresses, goes to the log.
  std::string tell(const Error& error) const;
  void instance_ended() { context_ = nullptr; }

 private:
  host::RequestContext* context_;
};

// Set before an instance runs: instance.state<KeyValueState>().
struct KeyValueState {
  KeyValueState() = default;
  KeyValueState(const KeyValueState&) = delete;
  KeyValueState& operator=(const KeyValueState&) = delete;
  ~KeyValueState() {
    if (teller != nullptr) teller->instance_ended();
  }

  const provider::KeyValueLinks* links = nullptr;  // outlives the instance; null: there are no stores
  std::shared_ptr<OpenCount> stores = std::make_shared<OpenCount>(max_open_stores);
  std::shared_ptr<OpenCount> swaps = std::make_shared<OpenCount>(max_open_swaps);
  // Of calls that do not hold the guest: made when it makes the first.
  std::shared_ptr<Teller> teller;
  std::shared_ptr<CallBudget> budget;
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

// As Teller::tell, for who waits.
std::string tell(bind::Host host, const Error& error);
// Keys as a guest may have them: text. Other programs may use bytes that are none.
void make_text(std::vector<std::string>& keys);

// A call of a store that has yet to be awaited, or why it is not made: a limit of keys and values.
template <class T>
using Call = Result<awaitable<Result<T>>>;
Call<std::optional<provider::Bytes>> call_get(const OpenStore& open, std::string key);
Call<void> call_set(const OpenStore& open, std::string key, provider::Bytes value);
Call<void> call_remove(const OpenStore& open, std::string key);
Call<bool> call_exists(const OpenStore& open, std::string key);

// The same, waited for: the guest is held meanwhile.
Result<std::optional<provider::Bytes>> get(bind::Host host, const OpenStore& open, std::string key);
Result<void> set(bind::Host host, const OpenStore& open, std::string key, provider::Bytes value);
Result<void> remove(bind::Host host, const OpenStore& open, std::string key);
Result<bool> exists(bind::Host host, const OpenStore& open, std::string key);
// All keys. Begins anew when the store is changed for another meanwhile. Above provider::max_result_bytes: an error.
Result<std::vector<std::string>> all_keys(bind::Host host, const OpenStore& open);
// As many as fit max_listed_bytes, from `cursor` on.
Result<provider::KeyPage> some_keys(bind::Host host, const OpenStore& open, std::optional<std::string> cursor);

}  // namespace weft::key_value
