// The one error type of weft's own failures, and the macros that pass it on.
//
// Four kinds of failure exist and never mix: absence is std::optional; a WIT `result` is std::expected of the
// WIT error type; a guest's fault is the exception abi::Trap; everything else that can fail is Result<T>.
#pragma once

#include <exception>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace weft {

// What a caller can decide on. Detail belongs in the message.
enum class Errc {
  invalid,      // the input breaks a rule: a file, a manifest, a component, a request
  unsupported,  // a valid thing that weft refuses by name (see the gap registry)
  not_found,
  denied,  // not granted
  limit,   // a named limit was reached
  timeout,
  cancelled,
  unavailable,  // a peer or resource cannot be reached now
  io,
  internal,  // a fault of weft itself
};

std::string_view to_string(Errc code);

// An error with its cause spelled out: "reading spin.toml: line 3: ...". Value type.
class [[nodiscard]] Error {
 public:
  Error(Errc code, std::string message) : code_(code), message_(std::move(message)) {}

  Errc code() const { return code_; }
  const std::string& message() const { return message_; }

  // The same error seen from one level up: "<what>: <message>".
  Error context(std::string_view what) &&;

  // From errno, as "<what>: <strerror>".
  static Error from_errno(std::string_view what, int error_number);

 private:
  Errc code_;
  std::string message_;
};

template <class T>
using Result = std::expected<T, Error>;

// What a caught exception says. REQUIRES: not null.
std::string what_of(const std::exception_ptr& exception);

inline std::unexpected<Error> fail(Errc code, std::string message) {
  return std::unexpected(Error(code, std::move(message)));
}

}  // namespace weft

#define WEFT_CONCAT_INNER(a, b) a##b
#define WEFT_CONCAT(a, b) WEFT_CONCAT_INNER(a, b)
#define WEFT_TRY_IMPL(tmp, ret, decl, expr)              \
  auto tmp = (expr);                                     \
  if (!tmp) ret std::unexpected(std::move(tmp).error()); \
  decl = *std::move(tmp)
#define WEFT_CHECK_IMPL(tmp, ret, expr) \
  if (auto tmp = (expr); !tmp) ret std::unexpected(std::move(tmp).error())

// TRY(auto x, f());  assigns the value or returns the error. CO_TRY is the same in a coroutine.
#define TRY(decl, ...) WEFT_TRY_IMPL(WEFT_CONCAT(try_, __LINE__), return, decl, (__VA_ARGS__))
#define CO_TRY(decl, ...) WEFT_TRY_IMPL(WEFT_CONCAT(try_, __LINE__), co_return, decl, (__VA_ARGS__))
// CHECK_OK(f());  for Result<void>: returns the error, if any.
#define CHECK_OK(...) WEFT_CHECK_IMPL(WEFT_CONCAT(check_, __LINE__), return, (__VA_ARGS__))
#define CO_CHECK_OK(...) WEFT_CHECK_IMPL(WEFT_CONCAT(check_, __LINE__), co_return, (__VA_ARGS__))
