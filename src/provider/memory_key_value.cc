#include "provider/memory_key_value.h"

#include <charconv>
#include <span>

namespace weft::provider {

namespace {

// Nothing for what is no decimal number, or too large for a counter.
std::optional<std::int64_t> decimal(const Bytes& value) {
  const auto* begin = reinterpret_cast<const char*>(value.data());  // any object may be read as bytes
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(begin, begin + value.size(), number);
  if (value.empty() || error != std::errc() || end != begin + value.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<std::int64_t> counter_value(const Bytes& value) {
  if (const auto number = decimal(value)) return *number;
  if (value.size() != sizeof(std::int64_t)) {
    return fail(Errc::invalid, "the value is not a counter: it is neither 8 bytes nor a decimal number");
  }
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < value.size(); ++i) bits |= std::to_integer<std::uint64_t>(value[i]) << (8 * i);
  return static_cast<std::int64_t>(bits);
}

Bytes counter_bytes(std::int64_t value, const Bytes* before) {
  if (before != nullptr && decimal(*before)) {
    const std::string text = std::to_string(value);
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
  }
  Bytes bytes(sizeof value);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i));
  }
  return bytes;
}

Result<std::int64_t> counter_sum(std::int64_t value, std::int64_t delta) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(value, delta, &sum)) return fail(Errc::invalid, "the counter would overflow");
  return sum;
}

awaitable<Result<std::optional<Bytes>>> MemoryKeyValue::get(std::string key) {
  const std::lock_guard lock(mutex_);
  const auto found = values_.find(key);
  if (found == values_.end()) co_return std::nullopt;
  co_return found->second;
}

awaitable<Result<void>> MemoryKeyValue::set(std::string key, Bytes value) {
  const std::lock_guard lock(mutex_);
  values_.insert_or_assign(std::move(key), std::move(value));
  co_return Result<void>();
}

awaitable<Result<void>> MemoryKeyValue::remove(std::string key) {
  const std::lock_guard lock(mutex_);
  values_.erase(key);
  co_return Result<void>();
}

awaitable<Result<bool>> MemoryKeyValue::exists(std::string key) {
  const std::lock_guard lock(mutex_);
  co_return values_.contains(key);
}

awaitable<Result<KeyPage>> MemoryKeyValue::list_keys(std::optional<std::string> cursor) {
  // A cursor is the last key of the page before it, after a mark that tells it from other stores' cursors.
  if (cursor && !cursor->starts_with('>')) co_return fail(Errc::invalid, "not a cursor of this store");
  const std::lock_guard lock(mutex_);
  KeyPage page;
  auto at = cursor ? values_.upper_bound(std::string_view(*cursor).substr(1)) : values_.begin();
  for (; at != values_.end() && page.keys.size() < max_page_keys; ++at) page.keys.push_back(at->first);
  if (at != values_.end()) page.next = ">" + page.keys.back();
  co_return page;
}

awaitable<Result<FoundValues>> MemoryKeyValue::get_many(std::vector<std::string> keys) {
  const std::lock_guard lock(mutex_);
  FoundValues found;
  ResultBudget budget;
  for (std::string& key : keys) {
    const auto at = values_.find(key);
    CO_CHECK_OK(budget.add(key.size() + key_overhead_bytes + (at == values_.end() ? 0 : at->second.size())));
    found.emplace_back(std::move(key), at == values_.end() ? std::nullopt : std::optional(at->second));
  }
  co_return found;
}

awaitable<Result<void>> MemoryKeyValue::set_many(KeyValues values) {
  const std::lock_guard lock(mutex_);
  for (auto& [key, value] : values) values_.insert_or_assign(std::move(key), std::move(value));
  co_return Result<void>();
}

awaitable<Result<void>> MemoryKeyValue::remove_many(std::vector<std::string> keys) {
  const std::lock_guard lock(mutex_);
  for (const std::string& key : keys) values_.erase(key);
  co_return Result<void>();
}

awaitable<Result<std::int64_t>> MemoryKeyValue::increment(std::string key, std::int64_t delta) {
  const std::lock_guard lock(mutex_);
  const auto at = values_.find(key);
  std::int64_t value = 0;
  if (at != values_.end()) {
    CO_TRY(value, counter_value(at->second));
  }
  CO_TRY(value, counter_sum(value, delta));
  values_.insert_or_assign(std::move(key), counter_bytes(value, at == values_.end() ? nullptr : &at->second));
  co_return value;
}

awaitable<Result<bool>> MemoryKeyValue::swap(std::string key, Expected expected, Bytes value) {
  const std::lock_guard lock(mutex_);
  const auto at = values_.find(key);
  if (std::holds_alternative<Nothing>(expected) && at != values_.end()) co_return false;
  const Bytes* wanted = std::get_if<Bytes>(&expected);
  if (wanted != nullptr && (at == values_.end() || at->second != *wanted)) co_return false;
  values_.insert_or_assign(std::move(key), std::move(value));
  co_return true;
}

awaitable<Result<void>> MemoryKeyValue::check() {
  co_return Result<void>();
}

}  // namespace weft::provider
