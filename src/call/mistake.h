// What of a JSON value is not as its type says.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace weft::call {

struct [[nodiscard]] Mistake {
  std::string path;  // from the value that was read: ".user.tags[2]"; empty: the value itself
  std::string message;

  // The same seen from what holds it.
  Mistake inside(std::string_view part) && { return {std::string(part) + path, std::move(message)}; }
  // "$.user.name: expected a string, found 3"
  std::string text() const { return "$" + path + ": " + message; }
};

template <class T>
using Read = std::expected<T, Mistake>;

inline std::unexpected<Mistake> mistaken(std::string message) {
  return std::unexpected(Mistake{{}, std::move(message)});
}

}  // namespace weft::call
