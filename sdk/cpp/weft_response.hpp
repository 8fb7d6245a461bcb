// What a handler answers, in weft_http.hpp and weft_http_p3.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "weft_message.h"

namespace weft {

class Writer;

struct Response {
  std::uint16_t status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  // Writes what comes after `body`, piece by piece, so that it need not fit into memory. Called after the handler has
  // returned: what it captures by reference must still be there, as the request is.
  std::function<void(Writer&)> stream{};
};

namespace abi {

// Views of them.
inline std::vector<weft_header> headers_of(const std::vector<std::pair<std::string, std::string>>& headers) {
  std::vector<weft_header> all;
  for (const auto& [name, value] : headers) all.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  return all;
}

}  // namespace abi

}  // namespace weft
