// Key-value stores, as wasi:keyvalue@0.2.0-draft2 has them. The manifest grants a component its stores:
// key_value_stores = ["default"].
//
//   auto store = weft::Store::open();
//   if (store) store->set("greeting", "hello");
//
// Two requests may work on one key at the same time: `increment` and `update` lose nothing then, a `get` and a `set` may.
#pragma once

#include <vector>

#include "weft_result.hpp"

namespace weft {
namespace abi {

#define WEFT_STORE(name) WEFT_IMPORT("wasi:keyvalue/store@0.2.0-draft2", name)
#define WEFT_ATOMICS(name) WEFT_IMPORT("wasi:keyvalue/atomics@0.2.0-draft2", name)

extern "C" {
WEFT_STORE("open") void weft_abi_store_open(const char* label, std::size_t, void* result);
WEFT_STORE("[resource-drop]bucket") void weft_abi_bucket_drop(std::int32_t bucket);
WEFT_STORE("[method]bucket.get") void weft_abi_bucket_get(std::int32_t, const char* key, std::size_t, void* result);
WEFT_STORE("[method]bucket.set")
void weft_abi_bucket_set(std::int32_t, const char* key, std::size_t, const char* value, std::size_t, void* result);
WEFT_STORE("[method]bucket.delete")
void weft_abi_bucket_delete(std::int32_t, const char* key, std::size_t, void* result);
WEFT_STORE("[method]bucket.exists")
void weft_abi_bucket_exists(std::int32_t, const char* key, std::size_t, void* result);
WEFT_STORE("[method]bucket.list-keys")
void weft_abi_bucket_list_keys(std::int32_t, std::int32_t has_cursor, const char* cursor, std::size_t, void* result);
WEFT_ATOMICS("increment")
void weft_abi_increment(std::int32_t, const char* key, std::size_t, std::int64_t delta, void* result);
WEFT_ATOMICS("[static]cas.new") void weft_abi_cas_new(std::int32_t, const char* key, std::size_t, void* result);
WEFT_ATOMICS("[resource-drop]cas") void weft_abi_cas_drop(std::int32_t cas);
WEFT_ATOMICS("[method]cas.current") void weft_abi_cas_current(std::int32_t cas, void* result);
WEFT_ATOMICS("swap") void weft_abi_swap(std::int32_t cas, const char* value, std::size_t, void* result);
}

inline std::unexpected<Error> store_error(std::uint8_t which, weft_text text) {
  static constexpr const char* names[] = {"there is no such store", "access denied: see key_value_stores in the manifest"};
  return fail(which < std::size(names) ? names[which] : take(text));
}
inline std::unexpected<Error> store_error(const Answer& answer) {
  return store_error(answer.is.error.which, answer.is.error.text);
}
inline Result<std::optional<std::string>> value_of(const Answer& answer) {
  if (answer.is_error) return store_error(answer);
  if (!answer.is.value.is_some) return std::nullopt;
  return take(answer.is.value.text);
}

}  // namespace abi

class Store {
 public:
  // `label` is one that the manifest grants.
  static Result<Store> open(std::string_view label = "default") {
    abi::Answer answer;
    abi::weft_abi_store_open(label.data(), label.size(), &answer);
    if (answer.is_error) return abi::store_error(answer);
    return Store(answer.is.handle);
  }

  // Nothing when the key has no value.
  Result<std::optional<std::string>> get(std::string_view key) const {
    abi::Answer answer;
    abi::weft_abi_bucket_get(bucket_.get(), key.data(), key.size(), &answer);
    return abi::value_of(answer);
  }
  Result<void> set(std::string_view key, std::string_view value) {
    abi::Answer answer;
    abi::weft_abi_bucket_set(bucket_.get(), key.data(), key.size(), value.data(), value.size(), &answer);
    if (answer.is_error) return abi::store_error(answer);
    return {};
  }
  // A key that has no value is fine too.
  Result<void> remove(std::string_view key) {
    abi::Answer answer;
    abi::weft_abi_bucket_delete(bucket_.get(), key.data(), key.size(), &answer);
    if (answer.is_error) return abi::store_error(answer);
    return {};
  }
  Result<bool> contains(std::string_view key) const {
    abi::Answer answer;
    abi::weft_abi_bucket_exists(bucket_.get(), key.data(), key.size(), &answer);
    if (answer.is_error) return abi::store_error(answer);
    return answer.is.value.is_some != 0;
  }
  // All of them, in no order.
  Result<std::vector<std::string>> keys() const;

  // Adds to a number, of which an absent one is 0, and answers the sum. For values that only this sets.
  Result<std::int64_t> increment(std::string_view key, std::int64_t delta = 1) {
    struct {
      std::uint8_t is_error;
      union {
        std::int64_t sum;
        struct {
          std::uint8_t which;
          weft_text text;
        } error;
      } is;
    } answer;
    abi::weft_abi_increment(bucket_.get(), key.data(), key.size(), delta, &answer);
    if (answer.is_error) return abi::store_error(answer.is.error.which, answer.is.error.text);
    return answer.is.sum;
  }

  // Replaces the value by what `change` makes of it, std::string or Result<std::string> (std::optional<std::string>),
  // and answers that. `change` is called again when somebody else was faster.
  template <class Change>
  Result<std::string> update(std::string_view key, Change&& change);

 private:
  explicit Store(std::int32_t bucket) : bucket_(bucket) {}

  abi::Handle<abi::weft_abi_bucket_drop> bucket_;
};

inline Result<std::vector<std::string>> Store::keys() const {
  std::vector<std::string> all;
  std::optional<std::string> cursor;
  do {
    struct {
      std::uint8_t is_error;
      union {
        struct {
          weft_text* data;
          std::size_t size;
          std::uint8_t has_cursor;
          weft_text cursor;
        } keys;
        struct {
          std::uint8_t which;
          weft_text text;
        } error;
      } is;
    } page;
    abi::weft_abi_bucket_list_keys(bucket_.get(), cursor.has_value(), cursor ? cursor->data() : nullptr,
                                   cursor ? cursor->size() : 0, &page);
    if (page.is_error) return abi::store_error(page.is.error.which, page.is.error.text);
    for (std::size_t i = 0; i < page.is.keys.size; ++i) all.push_back(abi::take(page.is.keys.data[i]));
    if (page.is.keys.size != 0) std::free(page.is.keys.data);
    cursor = page.is.keys.has_cursor ? std::optional(abi::take(page.is.keys.cursor)) : std::nullopt;
  } while (cursor);
  return all;
}

template <class Change>
Result<std::string> Store::update(std::string_view key, Change&& change) {
  abi::Answer made;
  abi::weft_abi_cas_new(bucket_.get(), key.data(), key.size(), &made);
  if (made.is_error) return abi::store_error(made);
  abi::Handle<abi::weft_abi_cas_drop> cas(made.is.handle);
  for (;;) {
    abi::Answer current;
    abi::weft_abi_cas_current(cas.get(), &current);
    auto before = abi::value_of(current);
    if (!before) return std::unexpected(before.error());
    Result<std::string> next = change(*std::move(before));
    if (!next) return next;
    struct {
      std::uint8_t is_error;
      struct {
        std::uint8_t is_faster;  // somebody else was; here is the handle for the next try
        union {
          std::int32_t cas;
          struct {
            std::uint8_t which;
            weft_text text;
          } error;
        } is;
      } error;
    } swapped;
    abi::weft_abi_swap(cas.release(), next->data(), next->size(), &swapped);
    if (!swapped.is_error) return next;
    if (!swapped.error.is_faster)
      return abi::store_error(swapped.error.is.error.which, swapped.error.is.error.text);
    cas = abi::Handle<abi::weft_abi_cas_drop>(swapped.error.is.cas);
  }
}

}  // namespace weft
