#include "wast/renaming.h"

#include <algorithm>

#include "component/names.h"

namespace weft::wast {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool in_word(char c) {
  return is_digit(c) || is_lower(c) || is_upper(c);
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string to_upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

}  // namespace

std::string Renaming::token(Level level, const std::string& old_text) {
  auto [found, fresh] = tokens_.emplace(std::pair(level, old_text), std::string());
  if (fresh) {
    // A word of a label that no label of a script is likely to have; the last letter ends the number.
    found->second = "xq" + std::to_string(tokens_.size()) + "z";
    old_texts_.emplace(found->second, old_text);
  }
  return found->second;
}

std::string Renaming::word(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), is_digit)) return std::string(text);
  const std::string renamed = token(Level::word, to_lower(text));
  return std::any_of(text.begin(), text.end(), is_upper) ? to_upper(renamed) : renamed;
}

std::string Renaming::component_name(const std::string& name) {
  if (!component::parse_extern_name(name)) return name;
  std::size_t at = name.starts_with('[') ? name.find(']') + 1 : 0;
  const std::size_t version = std::min(name.find('@'), name.size());
  std::string out = name.substr(0, at);
  while (at < version) {
    std::size_t end = at;
    while (end < version && in_word(name[end])) ++end;
    if (end > at) out += word(std::string_view(name).substr(at, end - at));
    if (end < version) out += name[end++];
    at = end;
  }
  return out + name.substr(version);
}

std::string Renaming::core_name(const std::string& name) {
  return token(Level::core, name);
}

std::string Renaming::restore(std::string_view text) const {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    // A token is a whole run of letters and digits.
    std::size_t end = at;
    while (end < text.size() && in_word(text[end])) ++end;
    const std::string_view run = text.substr(at, end - at);
    const auto same = old_texts_.find(run);
    const auto lower = old_texts_.find(to_lower(run));
    if (same != old_texts_.end()) {
      out += same->second;
    } else if (lower != old_texts_.end()) {
      out += to_upper(lower->second);
    } else {
      out += run;
    }
    if (end < text.size()) out += text[end++];
    at = end;
  }
  return out;
}

}  // namespace weft::wast
