#include "wit_source/token_reader.h"

namespace weft::wit_source {

std::unexpected<Error> TokenReader::fault(const std::string& message) const {
  return fail(Errc::invalid, "line " + std::to_string(token_.line) + ": " + message);
}

std::unexpected<Error> TokenReader::expected(std::string_view what) const {
  const std::string found = at_end() ? "the end" : "`" + std::string(token_.text.substr(0, 64)) + "`";
  return fault("expected " + std::string(what) + ", found " + found);
}

Result<void> TokenReader::advance() {
  auto token = lexer_.next();
  if (!token) return fail(Errc::invalid, "line " + std::to_string(lexer_.line()) + ": " + token.error().message());
  token_ = *token;
  return {};
}

Result<void> TokenReader::expect(std::string_view mark) {
  if (!is_mark(mark)) return expected("`" + std::string(mark) + "`");
  return advance();
}

Result<bool> TokenReader::take(std::string_view mark) {
  if (!is_mark(mark)) return false;
  CHECK_OK(advance());
  return true;
}

Result<bool> TokenReader::take_word(std::string_view keyword) {
  if (!is_word(keyword)) return false;
  CHECK_OK(advance());
  return true;
}

Result<std::string> TokenReader::name() {
  if (token_.kind != Token::Kind::word) return expected("a name");
  if (++names_ > max_names) return fault("more than " + std::to_string(max_names) + " names");
  std::string taken(token_.text);
  CHECK_OK(advance());
  return taken;
}

Result<std::string> TokenReader::version() {
  auto text = lexer_.version();
  if (!text) return fault(text.error().message());
  CHECK_OK(advance());
  return text;
}

}  // namespace weft::wit_source
