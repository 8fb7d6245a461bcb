// The key-value capability: what every backend of a store does, and what a component's labels are bound to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "util/async.h"
#include "util/error.h"
#include "util/pinned.h"

namespace weft::provider {

using Bytes = std::vector<std::byte>;

// Keys are names, not data; an index of longer ones is slow in every backend.
inline constexpr std::size_t max_key_bytes = std::size_t{64} << 10;
// One value, and the keys and values of one batch together, in either direction: what the host keeps for one call.
inline constexpr std::size_t max_result_bytes = std::size_t{128} << 20;
// What one key counts for beyond its bytes: many empty keys are not free.
inline constexpr std::size_t key_overhead_bytes = 32;
// Keys in one page of a listing.
inline constexpr std::size_t max_page_keys = 1000;

struct KeyPage {
  std::vector<std::string> keys;
  std::optional<std::string> next;  // pass it back for the next page; none: this was the last
};

// What a swap demands of the value it replaces.
struct Anything {};  // there may be one or none
struct Nothing {};   // there is none
using Expected = std::variant<Anything, Nothing, Bytes>;

using KeyValues = std::vector<std::pair<std::string, Bytes>>;
using FoundValues = std::vector<std::pair<std::string, std::optional<Bytes>>>;

// One store. Callable from any loop; each call is atomic and answers on the loop that called.
//
// A change is durable when its answer comes, as far as the backend can be: it survives the loss of everything the
// backend had not yet written. Later calls of everyone see it. A caller may drop what it awaits; a change under way is
// then made or not, never in part. Arguments are within the limits above (check_key() and so on).
//
// Errors: `unavailable` (not reached; the change may or may not have been made), `limit` (a named limit), `invalid` (a
// cursor that is not this store's, a counter that is no number), `io`, `cancelled` (the store was stopped).
class KeyValueStore : Pinned {
 public:
  virtual ~KeyValueStore() = default;

  virtual awaitable<Result<std::optional<Bytes>>> get(std::string key) = 0;
  virtual awaitable<Result<void>> set(std::string key, Bytes value) = 0;
  // No error if there is none.
  virtual awaitable<Result<void>> remove(std::string key) = 0;
  virtual awaitable<Result<bool>> exists(std::string key) = 0;
  // One page of keys in the backend's own order. A key that is there from the first page to the last is listed at
  // least once.
  virtual awaitable<Result<KeyPage>> list_keys(std::optional<std::string> cursor) = 0;
  // In the order asked, each key once for each time it was asked for.
  virtual awaitable<Result<FoundValues>> get_many(std::vector<std::string> keys) = 0;
  // The last value of a key that occurs twice counts. All or none.
  virtual awaitable<Result<void>> set_many(KeyValues values) = 0;
  virtual awaitable<Result<void>> remove_many(std::vector<std::string> keys) = 0;
  // Adds to a counter, which is 0 where there is none, and returns the sum. How a counter is kept is the backend's own;
  // `invalid` for another kind of value, or a sum that does not fit.
  virtual awaitable<Result<std::int64_t>> increment(std::string key, std::int64_t delta) = 0;
  // True: the value is now `value`. False: it was not as expected, and stays.
  virtual awaitable<Result<bool>> swap(std::string key, Expected expected, Bytes value) = 0;

  // Answers once the store can be used, or says why it cannot.
  virtual awaitable<Result<void>> check() = 0;
  // "Redis at localhost:6379": for people. Never a password.
  virtual std::string summary() const = 0;
};

// The limits, as errors that name them.
Result<void> check_key(std::string_view key);
Result<void> check_value(std::size_t bytes);
Result<void> check_keys(const std::vector<std::string>& keys);
Result<void> check_pairs(const KeyValues& values);
// Adds up what a result takes. The error is the one that other hosts have for it.
class ResultBudget {
 public:
  Result<void> add(std::size_t bytes);

 private:
  std::size_t used_ = 0;
};

// Which store each label stands for. Immutable: a new one is made when links change.
using KeyValueLinks = std::map<std::string, std::shared_ptr<KeyValueStore>, std::less<>>;

}  // namespace weft::provider
