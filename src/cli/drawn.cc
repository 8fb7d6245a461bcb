#include "cli/drawn.h"

#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace weft::cli {
namespace {

// All of `text`, in decimal.
template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> nanoseconds(std::string_view text) {
  struct Unit {
    std::string_view suffix;
    std::int64_t nanoseconds;
  };
  // "s" is also the end of others.
  static constexpr std::array<Unit, 5> units = {
      {{"ms", 1'000'000}, {"us", 1'000}, {"μs", 1'000}, {"ns", 1}, {"s", 1'000'000'000}}};
  std::int64_t unit = 1'000'000'000;
  for (const Unit& each : units) {
    if (!text.ends_with(each.suffix)) continue;
    text.remove_suffix(each.suffix.size());
    unit = each.nanoseconds;
    break;
  }
  const auto value = number<std::uint32_t>(text);
  if (!value || *value > std::numeric_limits<std::int64_t>::max() / unit) return std::nullopt;
  return *value * unit;
}

template <class T, class Read>
Result<trigger::Drawn<T>> read(std::string_view text, Read read_one, const char* expected) {
  const std::size_t dots = text.find("..");
  const std::optional<T> from = read_one(text.substr(0, dots));
  const std::optional<T> below = dots == std::string_view::npos ? from : read_one(text.substr(dots + 2));
  if (!from || !below) return fail(Errc::invalid, std::string(text) + ": expected " + expected);
  if (dots != std::string_view::npos && *from >= *below)
    return fail(Errc::invalid, std::string(text) + ": nothing is in this range, whose end is not part of it");
  return trigger::Drawn<T>{.from = *from, .below = *below};
}

}  // namespace

Result<trigger::Drawn<std::uint32_t>> read_drawn_count(const std::string& text) {
  return read<std::uint32_t>(text, number<std::uint32_t>, "a number or a range, for example 16 or 1..8");
}

Result<trigger::Drawn<std::chrono::nanoseconds::rep>> read_drawn_time(const std::string& text) {
  return read<std::chrono::nanoseconds::rep>(
      text, nanoseconds, "a time (s, ms, us or ns) or a range of times, for example 2s or 100ms..2s");
}

}  // namespace weft::cli
