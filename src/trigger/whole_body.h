// The whole body of a request, for handlers that are not given a stream.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "component/instance.h"
#include "http/exchange.h"

namespace weft::trigger {

// [fiber] Waits for its end. None: it is longer than `most` bytes, which was answered with 413. Traps when it ends
// badly.
std::optional<std::string> read_whole_body(component::Instance& instance,
                                           const std::shared_ptr<http::Exchange>& exchange, std::size_t most);

}  // namespace weft::trigger
