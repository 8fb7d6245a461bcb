// Any bytes as a request head: found in the same place however they come, and what is accepted can be written down and
// read again as the same.
#include <string>

#include "http/request_parser.h"
#include "util/testing/require.h"

using namespace weft::http;
using weft::testing::require;

namespace {

struct Outcome {
  std::string head;
  unsigned refused = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome scan(std::string_view bytes, std::size_t piece, const Limits& limits) {
  HeadScanner scanner;
  for (std::size_t size = std::min(piece, bytes.size());; size = std::min(size + piece, bytes.size())) {
    const auto head = scanner.scan(bytes.substr(0, size), limits);
    if (!head) return {"", head.error().status};
    if (*head) return {std::string(**head), 0};
    if (size == bytes.size()) return {};
  }
}

std::string write(const RequestHead& head) {
  std::string text = head.method + " ";
  if (!head.authority.empty() && head.path_with_query != "*") text += "http://" + head.authority;
  text += head.path_with_query + " HTTP/1." + std::to_string(head.version_minor) + "\r\n";
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    text.append(head.fields[i].name).append(":").append(head.fields[i].value).append("\r\n");
  }
  return text + "\r\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Limits limits;
  limits.target_bytes = 200;
  limits.head_bytes = 1000;
  limits.fields = 8;
  limits.body_bytes = 1000;
  const Outcome whole = scan(bytes, SIZE_MAX, limits);
  require(scan(bytes, 1 + data[0] % 16, limits) == whole);
  if (whole.head.empty()) return 0;

  RequestHead head;
  const auto framing = parse_request(whole.head, limits, head);
  if (!framing) return 0;
  require(!head.path_with_query.empty() && (head.path_with_query[0] == '/' || head.path_with_query == "*"));
  require(!head.authority.empty() || head.version_minor == 0);
  require(framing->body != BodyKind::length || framing->length <= limits.body_bytes);
  RequestHead again;
  limits.target_bytes = SIZE_MAX;  // it was without the authority
  const auto framing_again = parse_request(write(head), limits, again);
  require(framing_again.has_value());
  require(write(again) == write(head) && again.authority == head.authority);
  require(framing_again->body == framing->body && framing_again->length == framing->length);
  require(framing_again->keep_alive == framing->keep_alive);
  return 0;
}
