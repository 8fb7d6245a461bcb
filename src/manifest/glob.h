// File patterns: `*` and `?` within a name, `[a-z]` and `[!a-z]`, `**` for any number of directories.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "util/error.h"

namespace weft::manifest {

inline constexpr std::size_t max_glob_bytes = 4096;  // PATH_MAX: a longer pattern matches nothing

// A parsed pattern. Matching takes time proportional to pattern times path, whatever the pattern.
class Glob {
 public:
  // `separators`: whether `*`, `?` and classes may match `/`, as they do in `exclude_files`.
  enum class Separators { apart, matched };
  static Result<Glob> parse(std::string_view pattern, Separators separators = Separators::apart);

  // `path` is relative and `/`-separated.
  bool matches(std::string_view path) const;
  // True when the text has a character that is special in patterns.
  static bool has_wildcard(std::string_view text) { return text.find_first_of("*?[") != std::string_view::npos; }
  // The leading directories without wildcard, "assets/img" of "assets/img/*.png"; what a search can start from.
  const std::string& literal_prefix() const { return literal_prefix_; }
  // Components of a path that can match; 0 when unbounded (`**`).
  std::size_t depth() const { return depth_; }

 private:
  struct Range {
    char first;
    char last;
  };
  enum class Kind : std::uint8_t { character, any, many, set, directories, directories_loop, rest };
  struct Token {
    Kind kind;
    char character = 0;
    bool negated = false;
    std::vector<Range> ranges = {};
  };

  Result<std::size_t> parse_set(std::string_view pattern, std::size_t at);
  bool accepts(const Token& token, char c) const;
  void activate(std::vector<char>& states, std::size_t state) const;

  std::vector<Token> tokens_;
  std::string literal_prefix_;
  std::size_t depth_ = 1;
  bool match_separators_ = false;
};

}  // namespace weft::manifest
