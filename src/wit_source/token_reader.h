// Reads WIT text token by token, for the parsers of its parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "util/error.h"
#include "wit_source/lexer.h"
#include "wit_source/parse.h"
#include "wit_source/syntax.h"

namespace weft::wit_source {

// Errors start with the line of the present token: "line 3: …".
class TokenReader {
 protected:
  TokenReader(std::string_view text, std::uint32_t file) : lexer_(text), file_(file) {}

  At here() const { return {file_, token_.line}; }
  bool at_end() const { return token_.kind == Token::Kind::end; }
  const Token& token() const { return token_; }
  bool is_mark(std::string_view mark) const { return token_.kind == Token::Kind::mark && token_.text == mark; }
  bool is_word(std::string_view keyword) const {
    return token_.kind == Token::Kind::word && !token_.is_escaped && token_.text == keyword;
  }
  std::unexpected<Error> fault(const std::string& message) const;
  std::unexpected<Error> expected(std::string_view what) const;

  Result<void> advance();
  // Takes the mark, which must be there.
  Result<void> expect(std::string_view mark);
  // Whether it was there; it is taken then.
  Result<bool> take(std::string_view mark);
  Result<bool> take_word(std::string_view keyword);
  Result<std::string> name();
  // What stands behind the present token, a mark.
  Result<std::string> version();
  // `{ one, one, }` with `one` for each.
  template <class One>
  Result<void> listed(std::string_view open, std::string_view close, One one) {
    CHECK_OK(expect(open));
    while (!is_mark(close)) {
      CHECK_OK(one());
      if (is_mark(close)) break;
      if (!is_mark(",")) return expected("`,` or `" + std::string(close) + "`");
      CHECK_OK(advance());
    }
    return advance();
  }

 private:
  Lexer lexer_;
  const std::uint32_t file_;
  Token token_;
  std::size_t names_ = 0;
};

}  // namespace weft::wit_source
