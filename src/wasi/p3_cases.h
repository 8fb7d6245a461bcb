// Cases of the variants of WASI 0.3.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weft::wasi::p3 {

// A case without a payload, by its label.
template <std::size_t Size>
struct Label {
  char text[Size];
  consteval Label(const char (&from)[Size]) {  // NOLINT(google-explicit-constructor)
    for (std::size_t i = 0; i < Size; ++i) text[i] = from[i];
  }
};
template <Label Text>
struct Case {
  static constexpr std::string_view label{Text.text, sizeof Text.text - 1};
};
struct OtherCase {
  std::optional<std::string> value;
  static constexpr std::string_view label = "other";
};

}  // namespace weft::wasi::p3
