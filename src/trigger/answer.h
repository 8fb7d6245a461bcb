// Whole answers.
#pragma once

#include <string>
#include <string_view>

#include "http/exchange.h"

namespace weft::trigger {

// `type`: of the body; empty: the response does not say.
inline void answer(http::Exchange& exchange, unsigned status, std::string_view type, std::string body) {
  http::ResponseHead head;
  head.status = status;
  if (!type.empty()) head.fields.append("content-type", type);
  exchange.respond(std::move(head), std::move(body));
}

}  // namespace weft::trigger
