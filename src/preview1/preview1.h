// WASI preview 1 as core modules import it: all functions of wasi_snapshot_preview1, over the services of `wasi`.
#pragma once

#include <string_view>

#include "bind/registry.h"

namespace weft::preview1 {

// Under this name the component that is made of a core module imports them (componentize/namespaces.h).
inline constexpr std::string_view interface_name = "weft:core/wasi-snapshot-preview1@1.0.0";

void add_to_registry(bind::Registry& registry);

}  // namespace weft::preview1
