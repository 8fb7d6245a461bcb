// W3C trace context: which trace a request belongs to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/clocks.h"

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

// A span of the same trace, with an identity of its own. REQUIRES: there is a trace.
TraceContext next_span(const TraceContext& trace, Randomness& randomness);

// What goes on of a `tracestate` field; longer ones are dropped, as the specification allows. It asks for 512 bytes.
inline constexpr std::size_t max_trace_state_bytes = 4096;

}  // namespace weft::host
