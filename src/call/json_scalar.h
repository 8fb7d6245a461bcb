// Numbers, booleans and characters from JSON.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "abi/type.h"
#include "call/base64.h"
#include "call/json_text.h"
#include "call/mistake.h"

namespace weft::call {

// "expected a string, found 3"
inline std::unexpected<Mistake> expected(std::string_view what, const nlohmann::json& found) {
  return mistaken("expected " + std::string(what) + ", found " + shown(found));
}

// "u8, 0 to 255"
template <class T>
std::string range_of(std::string_view name) {
  return std::string(name) + ", " + std::to_string(std::numeric_limits<T>::min()) + " to " +
         std::to_string(std::numeric_limits<T>::max());
}

// The integer that `value` is, if T has it.
template <class T>
std::optional<T> integer_of(const nlohmann::json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (std::in_range<T>(number)) return static_cast<T>(number);
  } else if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    if (std::in_range<T>(number)) return static_cast<T>(number);
  } else if (value.is_number_float()) {
    // 3.0 and 1e3 are integers, as far as a double is exact.
    constexpr double exact = 9007199254740992.0;
    const auto number = value.get<double>();
    if (std::trunc(number) == number && std::abs(number) <= exact) {
      const auto whole = static_cast<std::int64_t>(number);
      if (std::in_range<T>(whole)) return static_cast<T>(whole);
    }
  } else if (value.is_string() && sizeof(T) == 8) {
    // What programs write whose numbers are doubles.
    const auto& text = value.get_ref<const std::string&>();
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return number;
  }
  return std::nullopt;
}

// `kind` is that of T, for messages.
template <class T>
Read<T> scalar_of(const nlohmann::json& value, abi::Kind kind) {
  if constexpr (std::same_as<T, bool>) {
    if (value.is_boolean()) return value.get<bool>();
    return expected("true or false", value);
  } else if constexpr (std::same_as<T, char32_t>) {
    if (value.is_string()) {
      if (const auto found = one_char(value.get_ref<const std::string&>())) return *found;
    }
    return expected("a char: a string with one Unicode scalar value", value);
  } else if constexpr (std::integral<T>) {
    if (const auto number = integer_of<T>(value)) return *number;
    return expected(range_of<T>(abi::to_string(kind)), value);
  } else {
    if (value.is_string()) {
      const auto& text = value.get_ref<const std::string&>();
      if (text == "NaN") return std::numeric_limits<T>::quiet_NaN();
      if (text == "Infinity") return std::numeric_limits<T>::infinity();
      if (text == "-Infinity") return -std::numeric_limits<T>::infinity();
    } else if (value.is_number()) {
      const auto number = value.get<double>();
      if (std::abs(number) <= static_cast<double>(std::numeric_limits<T>::max())) return static_cast<T>(number);
      return mistaken(shown(value) + " is beyond " + std::string(abi::to_string(kind)));
    }
    return expected(R"(a number, or "NaN", "Infinity" or "-Infinity")", value);
  }
}

}  // namespace weft::call
