#include "manifest/document.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

#include "manifest/load.h"

namespace weft::manifest {
namespace {
// The library states what it expects of the text in assertions and "unreachable" marks, and some do not hold for every
// text (`[[[`). In a release build they would be assumptions for the optimiser: they must be checked, and a failure is
// a syntax error.
struct BrokenExpectation {};
}  // namespace
}  // namespace weft::manifest

#undef NDEBUG
#define TOML_ASSERT(expression)                                   \
  do {                                                            \
    if (!(expression)) throw weft::manifest::BrokenExpectation{}; \
  } while (false)
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
#define TOML_UNRELEASED_FEATURES 0
#define TOML_MAX_NESTED_VALUES 32  // max_nesting
#include <toml++/impl/forward_declarations.h>

// Its test for wide white space marks U+00A0 to U+0499 as unreachable; the answer for those is no.
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE return false
#include <toml++/impl/unicode.h>

#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE \
  throw weft::manifest::BrokenExpectation {}
#include <toml++/toml.h>

namespace weft::manifest {
namespace {

static_assert(TOML_MAX_NESTED_VALUES == max_nesting);

// Walks over the text as far as it is valid TOML, knowing only strings and comments, and measures what the library
// does not bound: dotted keys (each `.` is a table inside a table) and the number of keys.
class Prescan {
 public:
  explicit Prescan(std::string_view text) : text_(text) {}

  std::optional<SyntaxError> run() {
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '#') {
        skip_line();
      } else if (c == '"' || c == '\'') {
        skip_string(c);
      } else {
        if (auto error = count(c)) return error;
        advance();
      }
    }
    return std::nullopt;
  }

 private:
  std::optional<SyntaxError> count(char c) {
    switch (c) {
      case '.':
        if (++dots_ >= max_nesting) return too_much("keys nested deeper than " + std::to_string(max_nesting));
        break;
      case '=':
      case '[':
        dots_ = 0;
        if (++keys_ > max_keys) return too_much("more than " + std::to_string(max_keys) + " keys");
        break;
      case '\n':
      case ',':
      case '{':
      case '}':
      case ']':
        dots_ = 0;
        break;
      default:
        break;
    }
    return std::nullopt;
  }

  std::optional<SyntaxError> too_much(std::string what) const {
    return SyntaxError{{line_, column_}, "the manifest has " + std::move(what)};
  }

  void advance() {
    if (text_[at_] == '\n') {
      ++line_;
      column_ = 1;
    } else {
      ++column_;
    }
    ++at_;
  }

  void skip_line() {
    while (at_ < text_.size() && text_[at_] != '\n') advance();
  }

  // A string that is not closed ends at its line or at the end of the text: the library reports it.
  void skip_string(char quote) {
    const bool multi_line = text_.substr(at_, 3) == std::string(3, quote);
    const std::size_t width = multi_line ? 3 : 1;
    const std::string close(width, quote);
    for (std::size_t i = 0; i < width; ++i) advance();
    while (at_ < text_.size()) {
      if (text_.substr(at_, width) == close) {
        for (std::size_t i = 0; i < width; ++i) advance();
        // Up to two more quotes may belong to the text of a multi-line string.
        while (multi_line && at_ < text_.size() && text_[at_] == quote) advance();
        return;
      }
      if (!multi_line && text_[at_] == '\n') return;
      if (quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size()) advance();
      advance();
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t column_ = 1;
  std::size_t dots_ = 0;
  std::size_t keys_ = 0;
};

Location place(const toml::source_position& position) {
  return Location{.line = position.line, .column = position.column};
}

Value convert(const toml::node& node);

Value::Table convert_members(const toml::table& table) {
  Value::Table members;
  members.reserve(table.size());
  for (const auto& [key, node] : table) {
    members.push_back(Member{std::string(key.str()), place(key.source().begin), convert(node)});
  }
  std::ranges::sort(members, {}, &Member::at);
  return members;
}

Value convert(const toml::node& node) {
  Value value;
  value.at = place(node.source().begin);
  if (const auto* table = node.as_table()) {
    value.data = convert_members(*table);
  } else if (const auto* array = node.as_array()) {
    Value::Array elements;
    elements.reserve(array->size());
    for (const toml::node& element : *array) elements.push_back(convert(element));
    value.data = std::move(elements);
  } else if (const auto* text = node.as_string()) {
    value.data = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.data = integer->get();
  } else if (const auto* floating = node.as_floating_point()) {
    value.data = floating->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.data = boolean->get();
  } else {
    std::ostringstream out;
    node.visit([&out](const auto& leaf) {
      if constexpr (toml::is_date<decltype(leaf)> || toml::is_time<decltype(leaf)> ||
                    toml::is_date_time<decltype(leaf)>) {
        out << leaf.get();
      }
    });
    value.data = Datetime{std::move(out).str()};
  }
  return value;
}

bool breaks_expectation(std::string_view text) {
  try {
    static_cast<void>(toml::parse(text));
  } catch (const toml::parse_error&) {
    return false;
  } catch (const BrokenExpectation&) {
    return true;
  }
  return false;
}

// The first line that breaks an expectation. The library reads forward, so every longer piece breaks it too.
std::uint32_t broken_line(std::string_view text) {
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') ends.push_back(i + 1);
  }
  std::size_t good = 0;
  std::size_t bad = ends.size() + 1;
  while (bad - good > 1) {
    const std::size_t lines = good + (bad - good) / 2;
    (breaks_expectation(text.substr(0, ends[lines - 1])) ? bad : good) = lines;
  }
  return static_cast<std::uint32_t>(bad);
}

}  // namespace

std::expected<Value, SyntaxError> parse_document(std::string_view text) {
  if (auto error = Prescan(text).run()) return std::unexpected(*std::move(error));
  try {
    return convert(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return std::unexpected(SyntaxError{place(error.source().begin), std::string(error.description())});
  } catch (const BrokenExpectation&) {
    return std::unexpected(SyntaxError{{broken_line(text), 1}, "this line is not valid TOML"});
  }
}

}  // namespace weft::manifest
