// Conditional requests (RFC 9110, 13): entity tags, dates, and what is done first.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/fields.h"

namespace weft::static_files {

// What the representation that would be sent has. Absent: it cannot be told from another one by that.
struct Validators {
  std::string_view tag = {};                            // strong, with its quotes; empty: none
  std::optional<std::int64_t> modified = std::nullopt;  // seconds since 1970
};

enum class Verdict : std::uint8_t {
  proceed,
  not_modified,  // 304
  failed,        // 412
};

// If-Match, else If-Unmodified-Since; then If-None-Match, else If-Modified-Since (13.2.2), for GET and HEAD. `now`
// tells the century of old dates.
Verdict judge(const http::Fields& request, const Validators& current, std::int64_t now);

// Whether Range applies: without If-Range, or when that names exactly this representation.
bool range_applies(const http::Fields& request, const Validators& current, std::int64_t now);

// HTTP-date in its three forms (5.6.7), as seconds since 1970; none for anything else.
std::optional<std::int64_t> parse_date(std::string_view text, std::int64_t now);

}  // namespace weft::static_files
