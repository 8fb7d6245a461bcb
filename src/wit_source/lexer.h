// The words of WIT text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "util/error.h"

namespace weft::wit_source {

struct Token {
  enum class Kind : std::uint8_t { end, word, number, text, mark };
  Kind kind = Kind::end;
  std::string_view text = {};  // without the % of a word; a mark is one character, or "->"
  std::uint32_t line = 0;
  bool is_escaped = false;  // it was written with %: no keyword
};

// Works on text that outlives it.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : rest_(text) {}

  // The next one; comments are skipped. Errc::invalid: there is something else; the message has no place.
  Result<Token> next();
  // What stands behind an @: "0.2.0-rc.1+x". Errc::invalid: it is no version.
  Result<std::string> version();
  std::uint32_t line() const { return line_; }

 private:
  Result<void> skip_space();
  std::string_view take(std::size_t size);

  std::string_view rest_;
  std::uint32_t line_ = 1;
};

}  // namespace weft::wit_source
