#include "static_files/conditions.h"

#include <algorithm>

#include "static_files/field_values.h"

namespace weft::static_files {
namespace {

enum class Compare : bool { strong, weak };

// The value of a field that stands once; none when it is missing, or stands more often and so says nothing.
std::optional<std::string_view> single(const http::Fields& request, std::string_view name) {
  std::optional<std::string_view> found;
  std::size_t count = 0;
  for_each_value(request, name, [&](std::string_view value) {
    found = value;
    ++count;
  });
  return count == 1 ? found : std::nullopt;
}

// entity-tag = [ "W/" ] opaque-tag; opaque-tag = DQUOTE *etagc DQUOTE. Its length at the front of `text`; 0: none.
std::size_t tag_length(std::string_view text) {
  const std::size_t begin = text.starts_with("W/") ? 2 : 0;
  if (text.size() <= begin || text[begin] != '"') return 0;
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '"') return i + 1;
    if (c < 0x21 || c == 0x7f) return 0;
  }
  return 0;
}

bool same_tag(std::string_view given, std::string_view current, Compare compare) {
  if (current.empty()) return false;
  if (given.starts_with("W/")) {
    if (compare == Compare::strong) return false;
    given.remove_prefix(2);
  }
  return given == current;
}

// Whether "*" or one of the listed tags is `current`. Nothing behind a malformed element counts.
bool lists(const http::Fields& request, std::string_view name, std::string_view current, Compare compare) {
  bool found = false;
  for_each_value(request, name, [&](std::string_view list) {
    if (http::trim_value(list) == "*") found = true;
    while (!found) {
      const std::size_t begin = list.find_first_not_of(", \t");
      if (begin == std::string_view::npos) return;
      list.remove_prefix(begin);
      const std::size_t length = tag_length(list);
      if (length == 0) return;
      found = same_tag(list.substr(0, length), current, compare);
      list.remove_prefix(length);
    }
  });
  return found;
}

}  // namespace

Verdict judge(const http::Fields& request, const Validators& current, std::int64_t now) {
  if (request.has("if-match")) {
    if (!lists(request, "if-match", current.tag, Compare::strong)) return Verdict::failed;
  } else if (const auto since = single(request, "if-unmodified-since"); since && current.modified) {
    const auto date = parse_date(*since, now);
    if (date && *current.modified > *date) return Verdict::failed;
  }
  if (request.has("if-none-match")) {
    return lists(request, "if-none-match", current.tag, Compare::weak) ? Verdict::not_modified : Verdict::proceed;
  }
  if (const auto since = single(request, "if-modified-since"); since && current.modified) {
    const auto date = parse_date(*since, now);
    if (date && *current.modified <= *date) return Verdict::not_modified;
  }
  return Verdict::proceed;
}

bool range_applies(const http::Fields& request, const Validators& current, std::int64_t now) {
  if (!request.has("if-range")) return true;
  const auto given = single(request, "if-range");
  if (!given) return false;
  if (tag_length(*given) == given->size()) return same_tag(*given, current.tag, Compare::strong);
  const auto date = parse_date(*given, now);
  return date && current.modified && *date == *current.modified;
}

}  // namespace weft::static_files
