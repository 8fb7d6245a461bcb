// Any bytes as a chunked body: the same however they come and however little is taken at once, and what is accepted can
// be written down and read again as the same.
#include <algorithm>
#include <string>

#include "http/chunks.h"
#include "util/testing/require.h"

using namespace weft::http;
using weft::testing::require;

namespace {

struct Outcome {
  std::string body;
  std::string trailers;
  std::size_t used = 0;
  bool done = false;
  bool fault = false;
  bool operator==(const Outcome&) const = default;
};

Outcome decode(std::string_view bytes, std::size_t piece, std::size_t max) {
  Outcome out;
  ChunkDecoder decoder;
  std::size_t there = 0;
  while (!decoder.done()) {
    const auto step = decoder.next(bytes.substr(out.used, there - out.used), max);
    if (!step) {
      // How much was decoded before a fault was seen depends on how the bytes came.
      return {.body = {}, .trailers = {}, .fault = true};
    }
    require(step->data.size() <= max);
    out.body += step->data;
    out.used += step->used;
    require(out.used <= there);
    if (step->used > 0 || decoder.done()) continue;
    if (there == bytes.size()) break;
    there = std::min(there + piece, bytes.size());
  }
  out.done = decoder.done();
  if (!out.done) return {};
  const Fields trailers = decoder.take_trailers();
  for (std::size_t i = 0; i < trailers.size(); ++i) {
    out.trailers.append(trailers[i].name).append(":").append(trailers[i].value).append("\n");
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Outcome whole = decode(bytes, SIZE_MAX, SIZE_MAX);
  require(decode(bytes, 1 + data[0] % 16, 1 + data[1]) == whole);
  if (!whole.done) return 0;
  std::string wire;
  if (!whole.body.empty()) wire = chunk_header(whole.body.size()) + whole.body + "\r\n";
  const Outcome again = decode(wire + last_chunk(std::nullopt), SIZE_MAX, SIZE_MAX);
  require(again.done && again.body == whole.body);
  return 0;
}
