#include "host/trace.h"

#include <cstdio>
#include <span>

namespace weft::host {
namespace {

// Lower-case hexadecimal digits, all of `text`.
template <class T>
bool parse_hex(std::string_view text, T& out) {
  std::uint64_t value = 0;
  for (const char c : text) {
    std::uint64_t digit = 0;
    if (c >= '0' && c <= '9')
      digit = static_cast<std::uint64_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      digit = static_cast<std::uint64_t>(c - 'a' + 10);
    else
      return false;
    value = value << 4 | digit;
  }
  out = static_cast<T>(value);
  return true;
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view field) {
  constexpr std::size_t length = 55;
  TraceContext trace;
  std::uint8_t version = 0;
  if (field.size() < length || field[2] != '-' || field[35] != '-' || field[52] != '-') return std::nullopt;
  if (!parse_hex(field.substr(0, 2), version) || version == 0xff) return std::nullopt;
  if (version == 0 ? field.size() != length : field.size() > length && field[length] != '-') return std::nullopt;
  if (!parse_hex(field.substr(3, 16), trace.trace_id_high) || !parse_hex(field.substr(19, 16), trace.trace_id_low) ||
      !parse_hex(field.substr(36, 16), trace.span_id) || !parse_hex(field.substr(53, 2), trace.flags)) {
    return std::nullopt;
  }
  if ((trace.trace_id_high == 0 && trace.trace_id_low == 0) || trace.span_id == 0) return std::nullopt;
  return trace;
}

std::string to_traceparent(const TraceContext& trace) {
  char text[56];
  std::snprintf(text, sizeof text, "00-%016lx%016lx-%016lx-%02x", static_cast<unsigned long>(trace.trace_id_high),
                static_cast<unsigned long>(trace.trace_id_low), static_cast<unsigned long>(trace.span_id),
                static_cast<unsigned>(trace.flags));
  return text;
}

TraceContext next_span(const TraceContext& trace, Randomness& randomness) {
  TraceContext next = trace;
  do {
    randomness.fill(std::as_writable_bytes(std::span(&next.span_id, 1)));
  } while (next.span_id == 0);
  return next;
}

}  // namespace weft::host
