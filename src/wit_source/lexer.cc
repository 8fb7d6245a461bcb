#include "wit_source/lexer.h"

#include <algorithm>

namespace weft::wit_source {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_of_word(char c) {
  return is_letter(c) || is_digit(c) || c == '-';
}

template <class Is>
std::size_t span_of(std::string_view text, Is is) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is) - text.begin());
}

// Words joined by `-`, each a letter and letters or digits, all lower or all upper case.
bool is_kebab(std::string_view word) {
  while (true) {
    const std::string_view part = word.substr(0, word.find('-'));
    if (part.empty() || !is_letter(part.front())) return false;
    const auto is_lower = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); };
    const auto is_upper = [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); };
    if (!std::ranges::all_of(part, is_lower) && !std::ranges::all_of(part, is_upper)) return false;
    if (part.size() == word.size()) return true;
    word.remove_prefix(part.size() + 1);
  }
}

std::string shown(std::string_view text) {
  const auto c = static_cast<unsigned char>(text.front());
  if (c > 0x20 && c < 0x7f) return "`" + std::string(1, text.front()) + "`";
  constexpr std::string_view hex = "0123456789abcdef";
  return std::string("the byte 0x") + hex[c >> 4] + hex[c & 15];
}

}  // namespace

std::string_view Lexer::take(std::size_t size) {
  const std::string_view taken = rest_.substr(0, size);
  line_ += static_cast<std::uint32_t>(std::ranges::count(taken, '\n'));
  rest_.remove_prefix(taken.size());
  return taken;
}

Result<void> Lexer::skip_space() {
  while (true) {
    take(span_of(rest_, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }));
    if (rest_.starts_with("//")) {
      take(std::min(rest_.find('\n'), rest_.size()));
    } else if (rest_.starts_with("/*")) {
      // They nest.
      std::size_t depth = 0;
      do {
        const std::size_t at = rest_.find_first_of("/*");
        if (at == std::string_view::npos) return fail(Errc::invalid, "a comment does not end");
        take(at);
        if (rest_.starts_with("/*")) {
          ++depth;
          take(2);
        } else if (rest_.starts_with("*/")) {
          --depth;
          take(2);
        } else {
          take(1);
        }
      } while (depth > 0);
    } else {
      return {};
    }
  }
}

Result<Token> Lexer::next() {
  CHECK_OK(skip_space());
  Token token{.line = line_};
  if (rest_.empty()) return token;
  const char first = rest_.front();
  if (is_letter(first) || first == '%') {
    token.kind = Token::Kind::word;
    token.is_escaped = first == '%';
    if (token.is_escaped) take(1);
    token.text = take(span_of(rest_, is_of_word));
    if (!is_kebab(token.text))
      return fail(Errc::invalid, "`" + std::string(token.text.substr(0, 64)) +
                                     "` is no name: write words of letters and digits, joined by `-`");
    return token;
  }
  if (is_digit(first)) {
    token.kind = Token::Kind::number;
    token.text = take(span_of(rest_, is_digit));
    return token;
  }
  if (first == '"') {
    const std::size_t end = rest_.find('"', 1);
    if (end == std::string_view::npos) return fail(Errc::invalid, "a text does not end");
    token.kind = Token::Kind::text;
    token.text = take(end + 1);
    return token;
  }
  token.kind = Token::Kind::mark;
  if (rest_.starts_with("->")) {
    token.text = take(2);
    return token;
  }
  constexpr std::string_view marks = "{}()<>:;,.=@/_*";
  if (!marks.contains(first)) return fail(Errc::invalid, "unexpected " + shown(rest_));
  token.text = take(1);
  return token;
}

Result<std::string> Lexer::version() {
  CHECK_OK(skip_space());
  const auto is_of_version = [](char c) { return is_of_word(c) || c == '.' || c == '+'; };
  std::size_t size = span_of(rest_, is_of_version);
  // The dot of `use a:b/c@1.0.0.{…}` is none of the version.
  while (size > 0 && rest_[size - 1] == '.') --size;
  const std::string_view text = rest_.substr(0, size);
  const std::string_view numbers = text.substr(0, text.find_first_of("-+"));
  std::size_t parts = 0;
  for (std::string_view left = numbers; !left.empty();) {
    const std::string_view part = left.substr(0, left.find('.'));
    if (part.empty() || !std::ranges::all_of(part, is_digit)) break;
    ++parts;
    left.remove_prefix(std::min(left.size(), part.size() + 1));
  }
  if (parts != 3 || std::ranges::count(numbers, '.') != 2)
    return fail(Errc::invalid, "`" + std::string(text.substr(0, 64)) + "` is no version: write one as 1.2.3");
  return std::string(take(size));
}

}  // namespace weft::wit_source
