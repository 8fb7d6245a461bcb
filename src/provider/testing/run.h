// Runs coroutines to their end, from a test's thread.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>
#include <string_view>

#include "provider/key_value.h"

namespace weft::provider::testing {

// Turns `loop` until everything in it is done, and returns what `work` returned.
template <class T>
T run(Loop& loop, awaitable<T> work) {
  std::optional<T> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(
      loop, [&]() -> awaitable<void> { result.emplace(co_await std::move(work)); },
      [&](std::exception_ptr thrown) { failure = thrown; });
  loop.restart();
  loop.run();
  if (failure != nullptr) std::rethrow_exception(failure);
  return std::move(*result);
}

inline Bytes bytes(std::string_view text) {
  const auto* at = reinterpret_cast<const std::byte*>(text.data());  // any object may be read as bytes
  return {at, at + text.size()};
}

inline std::string text(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace weft::provider::testing
