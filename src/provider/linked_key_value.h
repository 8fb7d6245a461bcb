// The store behind a link: which one it is can be changed while it is used.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "provider/key_value.h"
#include "util/answer.h"

namespace weft::provider {

// What a move does with keys that the new store has already.
enum class Existing {
  refuse,   // does not move if there is any
  replace,  // removes them first: afterwards both stores have the same keys
  merge,    // keeps those that the old store does not have
};

// Thread-safe, as every store. A call runs on the store that is current when it begins; a cursor of one is refused by
// the next.
class LinkedKeyValue final : public KeyValueStore {
 public:
  explicit LinkedKeyValue(std::shared_ptr<KeyValueStore> store) : store_(std::move(store)) {}

  // Copies everything to `next` while calls go on, repeats it for what changed meanwhile, lets calls wait for as long
  // as the last of it takes, and changes to `next` if `commit` succeeds, which is called when all is copied. After an
  // error the old store is as it was, and current. One at a time: `unavailable` while another move is under way.
  // Returns the keys that were copied.
  awaitable<Result<std::size_t>> move_to(std::shared_ptr<KeyValueStore> next, Existing existing,
                                         std::function<Result<void>()> commit = nullptr);
  std::shared_ptr<KeyValueStore> store() const;
  // Grows with each change.
  std::uint64_t generation() const;

  awaitable<Result<std::optional<Bytes>>> get(std::string key) override;
  awaitable<Result<void>> set(std::string key, Bytes value) override;
  awaitable<Result<void>> remove(std::string key) override;
  awaitable<Result<bool>> exists(std::string key) override;
  awaitable<Result<KeyPage>> list_keys(std::optional<std::string> cursor) override;
  awaitable<Result<FoundValues>> get_many(std::vector<std::string> keys) override;
  awaitable<Result<void>> set_many(KeyValues values) override;
  awaitable<Result<void>> remove_many(std::vector<std::string> keys) override;
  awaitable<Result<std::int64_t>> increment(std::string key, std::int64_t delta) override;
  awaitable<Result<bool>> swap(std::string key, Expected expected, Bytes value) override;
  awaitable<Result<void>> check() override;
  std::string summary() const override { return store()->summary(); }

 private:
  class Use;
  using Gate = Answer<std::monostate>;
  using Keys = std::vector<std::string>;

  // Waits while the gate is closed. `keys` are those that the call may change.
  awaitable<Use> enter(Keys keys = {});
  void leave(const Keys& keys);
  awaitable<Result<std::size_t>> copy_and_change(std::shared_ptr<KeyValueStore> next, Existing existing,
                                                 std::function<Result<void>()> commit);
  std::set<std::string> take_changed();
  // The gate, closed and with nobody inside. An error: calls did not end in time, and it is open again.
  awaitable<Result<void>> close_gate();
  void open_gate();

  mutable std::mutex mutex_;  // never held across a wait
  std::shared_ptr<KeyValueStore> store_;
  std::uint64_t generation_ = 1;
  std::size_t inside_ = 0;  // calls under way
  bool closed_ = false;     // calls wait
  bool moving_ = false;     // and what they change is noted
  std::set<std::string> changed_;
  std::vector<std::shared_ptr<Gate>> waiting_;
  std::shared_ptr<Gate> emptied_;  // told when nobody is inside
};

}  // namespace weft::provider
