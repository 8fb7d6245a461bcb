// A store for tests: in memory, counts its calls and fails when told to.
#pragma once

#include <atomic>

#include "provider/memory_key_value.h"

namespace weft::provider::testing {

class FakeKeyValue final : public MemoryKeyValue {
 public:
  // The next call fails with this; nothing is changed by it.
  void fail_next(Errc code, std::string message = "told to fail") { next_.emplace(code, std::move(message)); }
  std::atomic<std::size_t> gets = 0;
  std::atomic<std::size_t> sets = 0;

  awaitable<Result<std::optional<Bytes>>> get(std::string key) override {
    ++gets;
    if (next_) co_return take();
    co_return co_await MemoryKeyValue::get(std::move(key));
  }
  awaitable<Result<void>> set(std::string key, Bytes value) override {
    ++sets;
    if (next_) co_return take();
    co_return co_await MemoryKeyValue::set(std::move(key), std::move(value));
  }
  awaitable<Result<void>> set_many(KeyValues values) override {
    ++sets;
    if (next_) co_return take();
    co_return co_await MemoryKeyValue::set_many(std::move(values));
  }
  awaitable<Result<KeyPage>> list_keys(std::optional<std::string> cursor) override {
    if (next_) co_return take();
    co_return co_await MemoryKeyValue::list_keys(std::move(cursor));
  }
  awaitable<Result<bool>> swap(std::string key, Expected expected, Bytes value) override {
    if (next_) co_return take();
    co_return co_await MemoryKeyValue::swap(std::move(key), std::move(expected), std::move(value));
  }
  awaitable<Result<void>> check() override {
    if (next_) co_return take();
    co_return Result<void>();
  }

 private:
  std::unexpected<Error> take() {
    Error error = *std::move(next_);
    next_.reset();
    return std::unexpected(std::move(error));
  }
  std::optional<Error> next_;
};

}  // namespace weft::provider::testing
