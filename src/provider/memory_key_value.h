// A store in memory: what a label is bound to whose values need not outlive the process, and the fake of the tests.
#pragma once

#include <map>
#include <mutex>

#include "provider/key_value.h"

namespace weft::provider {

// New counters are 8 bytes, least significant first, as SQLite's are.
class MemoryKeyValue : public KeyValueStore {
 public:
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
  std::string summary() const override { return "a temporary in-memory store"; }

 private:
  // Never held across a wait.
  std::mutex mutex_;
  std::map<std::string, Bytes, std::less<>> values_;
};

// A counter's value: 8 bytes, least significant first, or decimal text, as other stores keep theirs; a value that is
// both is text, since no counter gets that far.
Result<std::int64_t> counter_value(const Bytes& value);
// As `before` has it; without one 8 bytes.
Bytes counter_bytes(std::int64_t value, const Bytes* before);
// The sum, or an error when it does not fit.
Result<std::int64_t> counter_sum(std::int64_t value, std::int64_t delta);

}  // namespace weft::provider
