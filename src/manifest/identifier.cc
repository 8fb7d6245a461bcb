#include "manifest/identifier.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "manifest/text.h"

namespace weft::manifest {
namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_alnum(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c);
}

bool is_word(std::string_view word) {
  if (word.empty() || !(is_lower(word[0]) || is_upper(word[0]))) return false;
  if (!std::ranges::all_of(word, is_alnum)) return false;
  return std::ranges::none_of(word, is_upper) || std::ranges::none_of(word, is_lower);
}

template <class Predicate>
bool all_parts(std::string_view text, char delimiter, Predicate predicate) {
  for (;;) {
    std::size_t end = text.find(delimiter);
    if (!predicate(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool is_number(std::string_view text) {
  constexpr std::size_t max_digits = 9;  // fits every consumer's integer
  return !text.empty() && text.size() <= max_digits && std::ranges::all_of(text, is_digit) &&
         (text.size() == 1 || text[0] != '0');
}

// Dot-separated words after `-` or `+` of a version.
bool is_version_tail(std::string_view text) {
  return all_parts(text, '.', [](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, [](char c) { return is_alnum(c) || c == '-'; });
  });
}

// Cuts `+build` and `-pre` off; false when they are malformed.
bool strip_tails(std::string_view& text) {
  if (std::size_t plus = text.find('+'); plus != std::string_view::npos) {
    if (!is_version_tail(text.substr(plus + 1))) return false;
    text = text.substr(0, plus);
  }
  if (std::size_t dash = text.find('-'); dash != std::string_view::npos) {
    if (!is_version_tail(text.substr(dash + 1))) return false;
    text = text.substr(0, dash);
  }
  return true;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_comparator(std::string_view text) {
  text = trim(text);
  for (std::string_view op : {">=", "<=", ">", "<", "=", "^", "~"}) {
    if (text.starts_with(op)) {
      text = trim(text.substr(op.size()));
      break;
    }
  }
  if (!strip_tails(text)) return false;
  std::size_t parts = 0;
  return all_parts(text, '.', [&](std::string_view part) {
    ++parts;
    const bool star = part == "*" || part == "x" || part == "X";
    return parts <= 3 && (is_number(part) || (star && parts > 1));
  });
}

std::string joined_words(std::string_view text, char delimiter) {
  std::string out;
  for (char c : to_lower(text)) {
    if (is_lower(c) || (is_digit(c) && !out.empty() && out.back() != delimiter)) {
      out += c;
    } else if (is_digit(c)) {
      // A word cannot begin with a digit: join it to the word before.
      if (!out.empty()) out.back() = c;
    } else if (!out.empty() && out.back() != delimiter) {
      out += delimiter;
    }
  }
  while (!out.empty() && out.back() == delimiter) out.pop_back();
  return out;
}

// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> two_back(b.size() + 1);
  std::vector<std::size_t> back(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(two_back, back);
    std::swap(back, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({row[j - 1] + 1, back[j] + 1, back[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], two_back[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace

bool is_kebab(std::string_view text) {
  return all_parts(text, '-', is_word);
}
bool is_snake(std::string_view text) {
  return all_parts(text, '_', is_word);
}
bool is_lower_snake(std::string_view text) {
  return is_snake(text) && std::ranges::none_of(text, is_upper);
}
bool is_label(std::string_view text) {
  return is_kebab(text) || is_snake(text);
}

bool is_package_name(std::string_view text) {
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && is_kebab(text.substr(0, colon)) && is_kebab(text.substr(colon + 1));
}

bool is_exact_version(std::string_view text) {
  if (!strip_tails(text)) return false;
  std::size_t parts = 0;
  return all_parts(text, '.', [&](std::string_view part) { return ++parts <= 3 && is_number(part); }) && parts == 3;
}

bool is_version_requirement(std::string_view text) {
  return trim(text) == "*" || all_parts(text, ',', is_comparator);
}

bool is_sha256_digest(std::string_view text) {
  constexpr std::string_view prefix = "sha256:";
  return text.starts_with(prefix) && text.size() == prefix.size() + 64 &&
         std::ranges::all_of(text.substr(prefix.size()), is_hex);
}

bool is_http_url(std::string_view text) {
  for (std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme)) continue;
    text.remove_prefix(scheme.size());
    return !text.empty() && text[0] != '/' && text[0] != ':' &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
  }
  return false;
}

bool is_import_name(std::string_view text) {
  if (text.find(':') == std::string_view::npos) return is_kebab(text);
  if (std::size_t at = text.find('@'); at != std::string_view::npos) {
    if (!is_exact_version(text.substr(at + 1))) return false;
    text = text.substr(0, at);
  }
  if (std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    if (!is_kebab(text.substr(slash + 1))) return false;
    text = text.substr(0, slash);
  }
  return is_package_name(text);
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string suggest_kebab(std::string_view text) {
  return joined_words(text, '-');
}
std::string suggest_snake(std::string_view text) {
  return joined_words(text, '_');
}

std::string kebab_remedy(std::string_view text) {
  const std::string better = suggest_kebab(text);
  return better.empty() ? "use kebab-case: words joined by `-`, each beginning with a letter"
                        : compose("use kebab-case: `{}`", better);
}

std::string suggest(std::string_view word, std::span<const std::string> candidates) {
  return suggest(word, candidates, candidates);
}

std::string suggest(std::string_view word, std::span<const std::string> candidates,
                    std::span<const std::string> listed) {
  constexpr std::size_t max_compared = 64;  // longer words are not typing mistakes
  constexpr std::size_t max_listed = 12;
  const std::string* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(1, std::min<std::size_t>(3, word.size() / 3)) + 1;
  if (word.size() <= max_compared) {
    const std::string lowered = to_lower(word);
    for (const std::string& candidate : candidates) {
      if (candidate.size() > max_compared) continue;
      const std::size_t distance = edit_distance(lowered, to_lower(candidate));
      if (distance < best_distance) {
        best_distance = distance;
        best = &candidate;
      }
    }
  }
  if (best != nullptr) return compose("did you mean `{}`?", *best);
  if (listed.empty()) return {};
  std::string out = "one of: ";
  for (std::size_t i = 0; i < std::min(listed.size(), max_listed); ++i) {
    if (i > 0) out += ", ";
    out += listed[i];
  }
  if (listed.size() > max_listed) out += ", ...";
  return out;
}

}  // namespace weft::manifest
