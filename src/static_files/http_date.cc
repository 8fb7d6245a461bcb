// HTTP-date (RFC 9110, 5.6.7).
#include <array>
#include <ctime>

#include "static_files/conditions.h"

namespace weft::static_files {
namespace {

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> short_days = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> long_days = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                       "Friday", "Saturday", "Sunday"};

// Takes a date apart from its front; every step is a no-op once one has failed.
class Parser {
 public:
  explicit Parser(std::string_view text) : left_(text) {}

  bool ok() const { return ok_; }
  bool done() const { return ok_ && left_.empty(); }

  void skip(std::string_view literal) {
    if (ok_ && left_.starts_with(literal))
      left_.remove_prefix(literal.size());
    else
      ok_ = false;
  }
  // Index of the name that stands here.
  template <std::size_t n>
  int name(const std::array<std::string_view, n>& names) {
    for (std::size_t i = 0; ok_ && i < n; ++i) {
      if (!left_.starts_with(names[i])) continue;
      left_.remove_prefix(names[i].size());
      return static_cast<int>(i);
    }
    ok_ = false;
    return 0;
  }
  int number(std::size_t digits) {
    int value = 0;
    if (left_.size() < digits) ok_ = false;
    for (std::size_t i = 0; ok_ && i < digits; ++i) {
      const char c = left_[i];
      if (c < '0' || c > '9') ok_ = false;
      value = value * 10 + (c - '0');
    }
    if (ok_) left_.remove_prefix(digits);
    return ok_ ? value : 0;
  }
  // 2DIGIT / ( SP 1DIGIT )
  int padded_day() {
    if (left_.starts_with(' ')) {
      skip(" ");
      return number(1);
    }
    return number(2);
  }
  void time(std::tm& into) {
    into.tm_hour = number(2);
    skip(":");
    into.tm_min = number(2);
    skip(":");
    into.tm_sec = number(2);
  }

 private:
  std::string_view left_;
  bool ok_ = true;
};

int days_of(int month, int year) {
  constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[static_cast<std::size_t>(month)] + (month == 1 && is_leap ? 1 : 0);
}

std::optional<std::int64_t> seconds_of(std::tm parts) {
  const bool is_day = parts.tm_mday >= 1 && parts.tm_mday <= days_of(parts.tm_mon, parts.tm_year + 1900);
  // Second 60 is a leap second.
  if (!is_day || parts.tm_hour > 23 || parts.tm_min > 59 || parts.tm_sec > 60) return std::nullopt;
  return timegm(&parts);
}

// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<std::int64_t> parse_fixdate(std::string_view text) {
  Parser parser(text);
  std::tm parts{};
  parser.name(short_days);
  parser.skip(", ");
  parts.tm_mday = parser.number(2);
  parser.skip(" ");
  parts.tm_mon = parser.name(months);
  parser.skip(" ");
  parts.tm_year = parser.number(4) - 1900;
  parser.skip(" ");
  parser.time(parts);
  parser.skip(" GMT");
  return parser.done() ? seconds_of(parts) : std::nullopt;
}

// Sunday, 06-Nov-94 08:49:37 GMT
std::optional<std::int64_t> parse_rfc850(std::string_view text, std::int64_t now) {
  Parser parser(text);
  std::tm parts{};
  parser.name(long_days);
  parser.skip(", ");
  parts.tm_mday = parser.number(2);
  parser.skip("-");
  parts.tm_mon = parser.name(months);
  parser.skip("-");
  const int year = parser.number(2);
  parser.skip(" ");
  parser.time(parts);
  parser.skip(" GMT");
  if (!parser.done()) return std::nullopt;
  const std::time_t present = now;
  std::tm today{};
  gmtime_r(&present, &today);
  // A year that seems more than 50 years ahead is the last one with these digits.
  const int century = today.tm_year / 100 * 100;
  parts.tm_year = century + year;
  if (parts.tm_year > today.tm_year + 50) parts.tm_year -= 100;
  return seconds_of(parts);
}

// Sun Nov  6 08:49:37 1994
std::optional<std::int64_t> parse_asctime(std::string_view text) {
  Parser parser(text);
  std::tm parts{};
  parser.name(short_days);
  parser.skip(" ");
  parts.tm_mon = parser.name(months);
  parser.skip(" ");
  parts.tm_mday = parser.padded_day();
  parser.skip(" ");
  parser.time(parts);
  parser.skip(" ");
  parts.tm_year = parser.number(4) - 1900;
  return parser.done() ? seconds_of(parts) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_date(std::string_view text, std::int64_t now) {
  if (const auto date = parse_fixdate(text)) return date;
  if (const auto date = parse_rfc850(text, now)) return date;
  return parse_asctime(text);
}

}  // namespace weft::static_files
