// What may fail in the other headers: a value, or an error with its reason. Nothing here throws.
//
//   auto store = weft::Store::open();
//   if (!store) return {.status = 500, .body = store.error().message};
#pragma once

#include <cstdint>
#include <cstdlib>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "weft_message.h"

namespace weft {

// Why something failed, for a log or a developer.
struct Error {
  std::string message;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string message) {
  return std::unexpected(Error{std::move(message)});
}

// What the headers share of the canonical ABI.
namespace abi {

// Takes over what the host has allocated.
inline std::string take(weft_text text) {
  std::string taken(text.data, text.size);
  if (text.size != 0) std::free(const_cast<char*>(text.data));
  return taken;
}

// A result that has a handle, text, or an error of several cases, the last of them with text.
struct Answer {
  std::uint8_t is_error;
  union {
    std::int32_t handle;
    struct {
      std::uint8_t is_some;
      weft_text text;
    } value;
    struct {
      std::uint8_t which;
      weft_text text;
    } error;
  } is;
};

// A resource of the host's that we own.
template <void (*drop)(std::int32_t)>
class Handle {
 public:
  explicit Handle(std::int32_t handle) : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, none)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Handle() {
    if (handle_ != none) drop(handle_);
  }

  std::int32_t get() const { return handle_; }
  // Gives it away.
  std::int32_t release() { return std::exchange(handle_, none); }

 private:
  static constexpr std::int32_t none = -1;
  std::int32_t handle_;
};

}  // namespace abi
}  // namespace weft
