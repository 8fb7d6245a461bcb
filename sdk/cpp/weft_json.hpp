// JSON with nlohmann/json (Debian: nlohmann-json3-dev), which is not part of weft.
//
//   const auto user = weft::parse_json(body);
//   if (!user) return weft::json_response(400, {{"error", user.error().message}});
#pragma once

#include <nlohmann/json.hpp>

#include "weft_response.hpp"
#include "weft_result.hpp"

namespace weft {

using Json = nlohmann::json;

// What is no JSON is an error; nothing is thrown, whatever the text has.
inline Result<Json> parse_json(std::string_view text) {
  Json value = Json::parse(text, nullptr, false);
  if (!value.is_discarded()) return value;
  return fail("the text is not valid JSON");
}

// What is no UTF-8 in a string becomes U+FFFD.
inline std::string to_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

inline Response json_response(std::uint16_t status, const Json& value) {
  return {.status = status, .headers = {{"content-type", "application/json"}}, .body = to_text(value)};
}

}  // namespace weft
