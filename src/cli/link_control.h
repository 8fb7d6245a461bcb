// What `weft link` asks of a `weft up` that serves.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/control.h"
#include "cli/key_value_stores.h"
#include "trigger/http_app.h"

namespace weft::cli {

// Answers `weft link` on `loop`; null where nothing can be linked. A control socket that cannot be had is one warning.
// `stores` outlives the result.
std::unique_ptr<ControlServer> open_link_control(const std::optional<std::string>& state_dir,
                                                 const trigger::HttpApp& served, Loop& loop, KeyValueStores& stores,
                                                 const std::function<void(std::string_view line)>& warn);

}  // namespace weft::cli
