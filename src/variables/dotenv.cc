#include "variables/dotenv.h"

#include <algorithm>

namespace weft::variables {
namespace {

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name_part(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9');
}

class Parser {
 public:
  Parser(std::string_view text, const EnvironmentLookup& environment) : rest_(text), environment_(environment) {}

  Result<std::vector<std::pair<std::string, Secret>>> run() {
    while (true) {
      skip_space_and_lines();
      if (rest_.empty()) return std::move(entries_);
      if (rest_.front() == '#') {
        skip_line();
        continue;
      }
      CHECK_OK(entry());
    }
  }

 private:
  std::unexpected<Error> fault(std::string_view message) const {
    return fail(Errc::invalid, "line " + std::to_string(line_) + ": " + std::string(message));
  }

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '\n') ++line_;
    return c;
  }
  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool at_blank() const { return at(' ') || at('\t') || at('\r'); }
  void skip_blanks() {
    while (at_blank()) take();
  }
  void skip_space_and_lines() {
    while (at_blank() || at('\n')) take();
  }
  void skip_line() {
    while (!rest_.empty() && !at('\n')) take();
  }
  std::string_view take_name() {
    std::size_t size = 0;
    while (size < rest_.size() &&
           (size == 0 ? is_name_start(rest_[0]) : is_name_part(rest_[size]) || rest_[size] == '.'))
      ++size;
    const std::string_view name = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return name;
  }

  Result<void> entry() {
    std::string_view name = take_name();
    if (name == "export" && at_blank()) {
      skip_blanks();
      name = take_name();
    }
    if (name.empty()) return fault("expected NAME=value");
    skip_blanks();
    if (!at('=')) return fault("there is no = after the name");
    take();
    skip_blanks();
    std::string text;
    CHECK_OK(value(text));
    Secret secret(std::move(text));
    entries_.emplace_back(std::string(name), std::move(secret));
    return {};
  }

  // To the end of the line, beyond it within quotes.
  Result<void> value(std::string& out) {
    while (!rest_.empty() && !at('\n')) {
      if (out.size() > max_dotenv_value_bytes) return fault("the value is too long");
      if (at_blank()) {
        skip_blanks();
        if (at('#')) skip_line();
        if (rest_.empty() || at('\n')) return {};
        return fault("the value has blanks: write it in quotes");
      }
      const char c = take();
      if (c == '\'') {
        CHECK_OK(single_quoted(out));
      } else if (c == '"') {
        CHECK_OK(double_quoted(out));
      } else if (c == '\\') {
        CHECK_OK(escaped(out));
      } else if (c == '$') {
        CHECK_OK(substitute(out));
      } else {
        out += c;
      }
    }
    return {};
  }

  Result<void> single_quoted(std::string& out) {
    const std::size_t end = rest_.find('\'');
    if (end == std::string_view::npos) return fault("a ' has no end");
    while (!at('\'')) out += take();
    take();
    return {};
  }

  Result<void> double_quoted(std::string& out) {
    while (!at('"')) {
      if (rest_.empty()) return fault("a \" has no end");
      if (out.size() > max_dotenv_value_bytes) return fault("the value is too long");
      const char c = take();
      if (c == '\\') {
        CHECK_OK(escaped(out));
      } else if (c == '$') {
        CHECK_OK(substitute(out));
      } else {
        out += c;
      }
    }
    take();
    return {};
  }

  Result<void> escaped(std::string& out) {
    constexpr std::string_view itself = "\\\"'$ ";
    if (at('n')) {
      take();
      out += '\n';
    } else if (!rest_.empty() && itself.find(rest_.front()) != std::string_view::npos) {
      out += take();
    } else {
      return fault("after \\ comes one of \\ \" ' $ n or a blank");
    }
    return {};
  }

  Result<void> substitute(std::string& out) {
    std::string_view name;
    if (at('{')) {
      const std::size_t end = rest_.find('}');
      if (end == std::string_view::npos) return fault("a ${ has no }");
      name = rest_.substr(1, end - 1);
      if (name.find('\n') != std::string_view::npos) return fault("a ${ has no }");
      rest_.remove_prefix(end + 1);
    } else {
      std::size_t size = 0;
      while (size < rest_.size() && is_name_part(rest_[size])) ++size;
      name = rest_.substr(0, size);
      rest_.remove_prefix(size);
    }
    if (auto value = environment_(name)) {
      out += *value;
      return {};
    }
    const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const auto& e) { return e.first == name; });
    if (found != entries_.rend()) out += found->second.reveal();
    return {};
  }

  std::string_view rest_;
  const EnvironmentLookup& environment_;
  unsigned line_ = 1;
  std::vector<std::pair<std::string, Secret>> entries_;
};

}  // namespace

Result<std::vector<std::pair<std::string, Secret>>> parse_dotenv(std::string_view text,
                                                                 const EnvironmentLookup& environment) {
  if (text.size() > max_dotenv_bytes) {
    return fail(Errc::limit, "larger than " + std::to_string(max_dotenv_bytes) + " bytes");
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return Parser(text, environment).run();
}

}  // namespace weft::variables
