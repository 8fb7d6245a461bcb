// Any bytes as what a server sends: heads in pieces and at once agree, and so do bodies.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/body_decoder.h"
#include "http/response_parser.h"
#include "http/url.h"

namespace {

using namespace weft::http;

struct Decoded {
  std::string body;
  bool done = false;
  bool failed = false;
  std::size_t used = 0;
};

Decoded decode(const ParsedResponse& response, std::string_view wire, std::size_t piece) {
  BodyDecoder decoder(response.body, response.length);
  Decoded out;
  BodyPipe pipe;
  std::size_t arrived = 0;
  while (!decoder.done()) {
    arrived = std::min(wire.size(), arrived + piece);
    const auto used = decoder.feed(wire.substr(out.used, arrived - out.used), pipe);
    if (!used) {
      out.failed = true;
      return out;
    }
    if (pipe.size() > body_pipe_capacity) __builtin_trap();
    out.used += *used;
    const bool moved = *used > 0 || pipe.size() > 0;
    out.body += pipe.take_all();
    if (!moved && arrived == wire.size()) break;
  }
  out.done = decoder.done() || decoder.close(pipe);
  if (out.done != pipe.finished() && response.body != BodyKind::none && response.length != 0) __builtin_trap();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::size_t piece = 1u + data[0];
  const std::string_view method = data[1] % 4 == 0 ? "HEAD" : "GET";
  std::string_view wire(reinterpret_cast<const char*>(data) + 2, size - 2);
  const ResponseLimits limits{.head_bytes = 4096, .fields = 32};

  const auto whole = find_response_end(wire, 0, limits);
  std::size_t seen = 0;
  for (std::size_t arrived = 0; arrived < wire.size();) {
    arrived = std::min(wire.size(), arrived + piece);
    const auto part = find_response_end(wire.substr(0, arrived), seen, limits);
    if (!part) {
      // Pieces may show an error earlier, never one that is not there.
      if (whole && *whole) __builtin_trap();
      break;
    }
    if (*part) {
      if (!whole || *whole != *part) __builtin_trap();
      break;
    }
    seen = arrived;
  }
  if (whole && *whole) {
    if (**whole > wire.size() || **whole > limits.head_bytes) __builtin_trap();
    const auto response = parse_response(wire.substr(0, **whole), method, limits);
    if (response) {
      const Fields& fields = response->head.fields;
      if (fields.size() > limits.fields) __builtin_trap();
      for (std::size_t i = 0; i < fields.size(); ++i) {
        if (!is_token(fields[i].name) || !is_field_value(fields[i].value)) __builtin_trap();
      }
      if (response->body == BodyKind::until_close && response->keep_alive) __builtin_trap();
      const std::string_view rest = wire.substr(**whole);
      const Decoded at_once = decode(*response, rest, rest.size() + 1);
      const Decoded in_pieces = decode(*response, rest, piece);
      if (at_once.failed != in_pieces.failed || at_once.done != in_pieces.done) __builtin_trap();
      if (!at_once.failed && (at_once.body != in_pieces.body || at_once.used != in_pieces.used)) __builtin_trap();
    }
  }

  if (const auto authority = Authority::parse(wire)) {
    // What is accepted is written and read back as the same.
    const Origin origin{false, authority->host, authority->port.value_or(80)};
    const auto again = Authority::parse(origin.authority());
    if (!again || again->host != authority->host || again->port.value_or(80) != origin.port) __builtin_trap();
  }
  return 0;
}
