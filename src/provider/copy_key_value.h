// Copies keys and values from one store to another, a bounded part at a time.
#pragma once

#include <set>

#include "provider/key_value.h"

namespace weft::provider {

// Keys that are copied at once; fewer when their values are large.
inline constexpr std::size_t max_copied_keys = 200;

// Makes `to` have what `from` has for these keys: values, or none.
awaitable<Result<void>> copy_keys(KeyValueStore& from, KeyValueStore& to, std::vector<std::string> keys);
awaitable<Result<void>> copy_keys(KeyValueStore& from, KeyValueStore& to, const std::set<std::string>& keys);
// Every key of `from`, as far as it is there all the time. Returns how many there were.
awaitable<Result<std::size_t>> copy_all(KeyValueStore& from, KeyValueStore& to);
awaitable<Result<void>> remove_all(KeyValueStore& store);

}  // namespace weft::provider
