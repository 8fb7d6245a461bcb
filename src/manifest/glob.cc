#include "manifest/glob.h"

#include <algorithm>
#include <utility>

namespace weft::manifest {

Result<Glob> Glob::parse(std::string_view pattern, Separators separators) {
  if (pattern.size() > max_glob_bytes) return fail(Errc::limit, "the pattern is longer than a path can be");
  if (pattern.find('\0') != std::string_view::npos) return fail(Errc::invalid, "the pattern holds a NUL character");
  Glob glob;
  glob.match_separators_ = separators == Separators::matched;
  bool unbounded = false;
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c == '*' && pattern.substr(at, 2) == "**") {
      const bool starts = at == 0 || pattern[at - 1] == '/';
      const bool ends = at + 2 == pattern.size();
      if (!starts || (!ends && pattern[at + 2] != '/')) {
        return fail(Errc::invalid, "`**` stands for whole directories: write `a/**/b`");
      }
      unbounded = true;
      if (ends) {
        glob.tokens_.push_back({Kind::rest});
        break;
      }
      glob.tokens_.push_back({Kind::directories});
      glob.tokens_.push_back({Kind::directories_loop});
      at += 3;
    } else if (c == '*') {
      glob.tokens_.push_back({Kind::many});
      ++at;
    } else if (c == '?') {
      glob.tokens_.push_back({Kind::any});
      ++at;
    } else if (c == '[') {
      TRY(at, glob.parse_set(pattern, at));
    } else {
      if (c == '/') ++glob.depth_;
      glob.tokens_.push_back({Kind::character, c});
      ++at;
    }
  }
  if (unbounded) glob.depth_ = 0;
  const std::size_t wildcard = pattern.find_first_of("*?[");
  const std::size_t slash = pattern.substr(0, wildcard).rfind('/');
  if (slash != std::string_view::npos) glob.literal_prefix_ = pattern.substr(0, slash);
  return glob;
}

// `[abc]`, `[a-z]`, `[!a-z]`; a `]` right after the opening is a member. Returns the position after the set.
Result<std::size_t> Glob::parse_set(std::string_view pattern, std::size_t at) {
  Token token{Kind::set};
  ++at;
  if (at < pattern.size() && pattern[at] == '!') {
    token.negated = true;
    ++at;
  }
  const std::size_t close = pattern.find(']', at + 1);
  if (close == std::string_view::npos) return fail(Errc::invalid, "a `[` has no matching `]`");
  while (at < close) {
    if (at + 2 < close && pattern[at + 1] == '-') {
      token.ranges.push_back({pattern[at], pattern[at + 2]});
      at += 3;
    } else {
      token.ranges.push_back({pattern[at], pattern[at]});
      ++at;
    }
  }
  tokens_.push_back(std::move(token));
  return close + 1;
}

bool Glob::accepts(const Token& token, char c) const {
  if (token.kind == Kind::character) return token.character == c;
  if (c == '/' && !match_separators_) return false;
  if (token.kind != Kind::set) return true;
  const bool inside = std::ranges::any_of(token.ranges, [c](Range r) {
    return static_cast<unsigned char>(c) >= static_cast<unsigned char>(r.first) &&
           static_cast<unsigned char>(c) <= static_cast<unsigned char>(r.last);
  });
  return inside != token.negated;
}

// Marks a state and those reached from it without a character.
void Glob::activate(std::vector<char>& states, std::size_t state) const {
  while (!states[state]) {
    states[state] = 1;
    if (state == tokens_.size()) return;
    switch (tokens_[state].kind) {
      case Kind::many:
      case Kind::rest:
        ++state;
        break;
      case Kind::directories:  // no directory at all, or into the loop
        states[state + 1] = 1;
        state += 2;
        break;
      default:
        return;
    }
  }
}

bool Glob::matches(std::string_view path) const {
  std::vector<char> now(tokens_.size() + 1);
  std::vector<char> next(tokens_.size() + 1);
  activate(now, 0);
  for (char c : path) {
    std::ranges::fill(next, 0);
    for (std::size_t state = 0; state < tokens_.size(); ++state) {
      if (!now[state]) continue;
      const Token& token = tokens_[state];
      switch (token.kind) {
        case Kind::directories:
          break;
        case Kind::directories_loop:
          next[state] = 1;
          if (c == '/') activate(next, state + 1);
          break;
        case Kind::rest:
          activate(next, state);
          break;
        case Kind::many:
          if (accepts(token, c)) activate(next, state);
          break;
        default:
          if (accepts(token, c)) activate(next, state + 1);
          break;
      }
    }
    std::swap(now, next);
  }
  return now.back() != 0;
}

}  // namespace weft::manifest
