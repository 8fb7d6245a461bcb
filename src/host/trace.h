// W3C trace context: which trace a request belongs to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft::host {

// All zero: none.
struct TraceContext {
  std::uint64_t trace_id_high = 0;
  std::uint64_t trace_id_low = 0;
  std::uint64_t span_id = 0;
  std::uint8_t flags = 0;  // bit 0: sampled
  bool operator==(const TraceContext&) const = default;
};

// A `traceparent` field ("00-<32 hex>-<16 hex>-<2 hex>", https://www.w3.org/TR/trace-context/). Nothing if it is
// malformed, which the specification says to ignore. Later versions are read as version 00 with more at its end.
std::optional<TraceContext> parse_traceparent(std::string_view field);
// As version 00.
std::string to_traceparent(const TraceContext& trace);

}  // namespace weft::host
