// Any bytes as the fields and the path of a request for a file: nothing is read beyond them, and what is answered keeps
// its promises, whatever they say.
#include <algorithm>
#include <string>

#include "http/response_writer.h"
#include "static_files/representation.h"
#include "static_files/request_path.h"
#include "util/testing/require.h"

using namespace weft;
using namespace weft::static_files;
using weft::testing::require;

namespace {

constexpr std::string_view names[] = {"range",    "if-range",          "accept-encoding",    "if-none-match",
                                      "if-match", "if-modified-since", "if-unmodified-since"};
constexpr std::uint64_t length = 10'000;
constexpr std::string_view tag = "\"0123456789abcdef\"";

void check_path(std::string_view text) {
  std::string path;
  if (!file_path(text, DotFiles::hidden, path)) return;
  require(path.find('\0') == std::string::npos && !path.starts_with('/'));
  const std::string slashes = "/" + path + "/";
  require(path.empty() || slashes.find("//") == std::string::npos);
  require(slashes.find("/../") == std::string::npos && slashes.find("/./") == std::string::npos);
  require(slashes.find("/.") == std::string::npos || slashes.starts_with("/.well-known/"));
}

void check_answer(const http::RequestHead& request) {
  const Representation what{.length = length,
                            .validators = {.tag = tag, .modified = 784'111'777},
                            .content_type = "text/plain",
                            .coding = Coding::gzip,
                            .varies = true,
                            .cache_control = "no-cache"};
  const Answer answer = answer_to(request, what, {}, 1'800'000'000);
  require(http::fault_of(answer.head) == nullptr);
  std::uint64_t total = 0;
  std::uint64_t of_file = 0;
  for (const Piece& piece : answer.body) {
    require(piece.size <= length && piece.offset <= length - piece.size);
    total += piece.text.size() + piece.size;
    of_file += piece.size;
  }
  require(total == answer.length);
  // However many ranges there are, no byte of the file is sent twice.
  require(of_file <= length);
  switch (answer.head.status) {
    case 200:
      require(of_file == length);
      break;
    case 206:
      require(of_file > 0);
      break;
    case 304:
      require(total == 0);
      break;
    default:
      require(answer.head.status == 412 || answer.head.status == 416);
  }
}

}  // namespace

// One line for each field, in the order of `names`; "-": there is none. The rest is the path.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  http::RequestHead request;
  request.method = "GET";
  for (const std::string_view name : names) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    // As the server hands them on.
    const std::string_view value = http::trim_value(rest.substr(0, end));
    if (value != "-" && http::is_field_value(value)) request.fields.append(name, value);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  check_path(rest);
  check_answer(request);
  const Preferences preferences = negotiate(request.fields);
  require(preferences.codings().size() <= coding_count);
  for (const Coding coding : preferences.codings()) require(std::ranges::count(preferences.codings(), coding) == 1);
  return 0;
}
