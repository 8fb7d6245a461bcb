// Builds a message from a pattern: libstdc++ 12 has no std::format.
#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <initializer_list>
#include <ranges>
#include <string>
#include <string_view>

namespace weft::manifest {

// A piece of text or a whole number, for compose().
class TextArgument {
 public:
  TextArgument(std::string_view text) : view_(text) {}
  TextArgument(const std::string& text) : view_(text) {}
  TextArgument(const char* text) : view_(text) {}
  template <std::integral Integer>
  TextArgument(Integer number) : digits_(std::to_string(number)), view_(digits_) {}
  TextArgument(const TextArgument&) = delete;
  TextArgument& operator=(const TextArgument&) = delete;

  std::string_view view() const { return view_; }

 private:
  std::string digits_;
  std::string_view view_;
};

// Replaces each `{}` of the pattern by the next argument; `{{` and `}}` stand for one brace.
std::string compose_text(std::string_view pattern, std::initializer_list<const TextArgument*> arguments);

template <class... Arguments>
std::string compose(std::string_view pattern, const Arguments&... arguments) {
  // The temporaries live until the call ends.
  return [&pattern](const auto&... pieces) { return compose_text(pattern, {&pieces...}); }(TextArgument(arguments)...);
}

// As a TOML string in double quotes.
std::string toml_string(std::string_view text);

// std::ranges::contains with a projection, which libstdc++ 12 lacks.
template <std::ranges::input_range Range, class T, class Projection = std::identity>
bool contains(Range&& range, const T& value, Projection projection = {}) {
  return std::ranges::find(range, value, projection) != std::ranges::end(range);
}

}  // namespace weft::manifest
