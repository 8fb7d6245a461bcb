#include "static_files/ranges.h"

#include <algorithm>
#include <optional>

#include "static_files/field_values.h"

namespace weft::static_files {
namespace {

// range-spec, once its syntax is known to be right.
struct Spec {
  bool satisfiable = false;
  ByteRange range;
};

// 1*DIGIT; what 64 bits do not hold is beyond every file.
std::optional<std::uint64_t> parse_position(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
  }
  return value;
}

// int-range = first-pos "-" [ last-pos ]; suffix-range = "-" suffix-length. None: malformed.
std::optional<Spec> parse_spec(std::string_view text, std::uint64_t length) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, dash);
  const std::string_view after = text.substr(dash + 1);
  Spec spec;
  if (before.empty()) {
    const auto suffix = parse_position(after);
    if (!suffix) return std::nullopt;
    if (*suffix == 0 || length == 0) return spec;
    spec = {.satisfiable = true, .range = {length - std::min(*suffix, length), length - 1}};
    return spec;
  }
  const auto first = parse_position(before);
  const auto last = after.empty() ? std::optional(UINT64_MAX) : parse_position(after);
  if (!first || !last || *first > *last) return std::nullopt;
  if (*first >= length) return spec;
  spec = {.satisfiable = true, .range = {*first, std::min(*last, length - 1)}};
  return spec;
}

// True: sent as one.
bool join(const ByteRange& a, const ByteRange& b) {
  // No sum overflows: both ends are below the length of a file.
  return a.first <= b.last + joined_gap + 1 && b.first <= a.last + joined_gap + 1;
}

}  // namespace

void Ranges::add(ByteRange range) {
  // Grows the first one it joins; that may now join others behind it, which then go.
  std::size_t at = 0;
  while (at < count_ && !join(ranges_[at], range)) ++at;
  if (at == count_) {
    ranges_[count_++] = range;
    return;
  }
  for (std::size_t i = count_; i-- > at;) {
    if (!join(ranges_[i], range)) continue;
    range = {std::min(ranges_[i].first, range.first), std::max(ranges_[i].last, range.last)};
    std::shift_left(ranges_.begin() + static_cast<std::ptrdiff_t>(i),
                    ranges_.begin() + static_cast<std::ptrdiff_t>(count_), 1);
    --count_;
    i = count_;  // it has grown: those passed over are looked at again
  }
  std::shift_right(ranges_.begin() + static_cast<std::ptrdiff_t>(at),
                   ranges_.begin() + static_cast<std::ptrdiff_t>(count_) + 1, 1);
  ranges_[at] = range;
  ++count_;
}

Ranges parse_ranges(const http::Fields& request, std::uint64_t length) {
  Ranges result;
  std::optional<std::string_view> field;
  std::size_t fields = 0;
  for_each_value(request, "range", [&](std::string_view value) {
    field = value;
    ++fields;
  });
  if (fields != 1) return result;
  constexpr std::string_view unit = "bytes=";
  if (field->size() < unit.size() || !http::equal_names(field->substr(0, unit.size()), unit)) return result;
  Ranges some;
  std::size_t specs = 0;
  bool malformed = false;
  for_each_element(field->substr(unit.size()), [&](std::string_view text) {
    const auto spec = malformed || ++specs > max_ranges ? std::nullopt : parse_spec(text, length);
    if (!spec)
      malformed = true;
    else if (spec->satisfiable)
      some.add(spec->range);
  });
  if (malformed || specs == 0) return result;
  some.kind_ = some.count_ > 0 ? Ranges::Kind::some : Ranges::Kind::unsatisfiable;
  return some;
}

}  // namespace weft::static_files
