// The interfaces of WASI 0.3, each registered by its own source.
#pragma once

#include <array>
#include <string_view>

#include "bind/registry.h"

namespace weft::wasi {

// Versions that are served alike: every 0.3.x, and the candidate that Spin's SDKs of spring 2026 build against, whose
// types are the same.
inline constexpr std::array<std::string_view, 2> p3_versions = {"0.3.0", "0.3.0-rc-2026-03-15"};

namespace p3 {

void add_clocks(bind::Registry& registry, std::string_view version);
void add_random(bind::Registry& registry, std::string_view version);
void add_cli(bind::Registry& registry, std::string_view version);
void add_filesystem(bind::Registry& registry, std::string_view version);

}  // namespace p3
}  // namespace weft::wasi
