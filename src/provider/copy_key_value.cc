#include "provider/copy_key_value.h"

#include <algorithm>

namespace weft::provider {
namespace {

using Keys = std::vector<std::string>;

awaitable<Result<void>> copy_one(KeyValueStore& from, KeyValueStore& to, std::string key) {
  CO_TRY(auto value, co_await from.get(key));
  if (value) co_return co_await to.set(std::move(key), *std::move(value));
  co_return co_await to.remove(std::move(key));
}

// As many as are copied at once.
awaitable<Result<void>> copy_some(KeyValueStore& from, KeyValueStore& to, Keys keys) {
  auto found = co_await from.get_many(keys);
  if (!found && found.error().code() == Errc::limit) {
    // Together they are too much, one by one they are not.
    for (std::string& key : keys) CO_CHECK_OK(co_await copy_one(from, to, std::move(key)));
    co_return Result<void>();
  }
  if (!found) co_return std::unexpected(std::move(found).error());
  KeyValues values;
  Keys missing;
  for (auto& [key, value] : *found) {
    if (value)
      values.emplace_back(std::move(key), *std::move(value));
    else
      missing.push_back(std::move(key));
  }
  CO_CHECK_OK(co_await to.set_many(std::move(values)));
  co_return co_await to.remove_many(std::move(missing));
}

}  // namespace

awaitable<Result<void>> copy_keys(KeyValueStore& from, KeyValueStore& to, Keys keys) {
  for (std::size_t at = 0; at < keys.size(); at += max_copied_keys) {
    const std::size_t end = std::min(keys.size(), at + max_copied_keys);
    const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(at);
    Keys some(std::make_move_iterator(begin), std::make_move_iterator(keys.begin() + static_cast<std::ptrdiff_t>(end)));
    CO_CHECK_OK(co_await copy_some(from, to, std::move(some)));
  }
  co_return Result<void>();
}

awaitable<Result<void>> copy_keys(KeyValueStore& from, KeyValueStore& to, const std::set<std::string>& keys) {
  co_return co_await copy_keys(from, to, Keys(keys.begin(), keys.end()));
}

awaitable<Result<std::size_t>> copy_all(KeyValueStore& from, KeyValueStore& to) {
  std::size_t copied = 0;
  std::optional<std::string> cursor;
  do {
    CO_TRY(KeyPage page, co_await from.list_keys(std::move(cursor)));
    copied += page.keys.size();
    CO_CHECK_OK(co_await copy_keys(from, to, std::move(page.keys)));
    cursor = std::move(page.next);
  } while (cursor);
  co_return copied;
}

awaitable<Result<void>> remove_all(KeyValueStore& store) {
  std::optional<std::string> cursor;
  do {
    CO_TRY(KeyPage page, co_await store.list_keys(std::move(cursor)));
    CO_CHECK_OK(co_await store.remove_many(std::move(page.keys)));
    cursor = std::move(page.next);
  } while (cursor);
  co_return Result<void>();
}

}  // namespace weft::provider
