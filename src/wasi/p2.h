// The interfaces of WASI 0.2, each registered by its own source.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "bind/registry.h"

namespace weft::wasi {

// The candidates of October and November 2023, which the first SDKs of Spin 2 build against.
inline constexpr std::string_view p2_october = "0.2.0-rc-2023-10-18";
inline constexpr std::string_view p2_november = "0.2.0-rc-2023-11-10";
// Versions that are served: every 0.2.x, and the candidates. What has the same type in all of them is registered for
// all; where a candidate has its own, its function stands beside the final one's.
inline constexpr std::array<std::string_view, 3> p2_versions = {"0.2.0", p2_november, p2_october};

namespace p2 {

// "wasi:io/poll" and a version as an interface's name.
inline std::string versioned(std::string_view interface, std::string_view version) {
  return std::string(interface).append("@").append(version);
}

void add_io(bind::Registry& registry, std::string_view version);
void add_clocks(bind::Registry& registry, std::string_view version);
void add_random(bind::Registry& registry, std::string_view version);
void add_cli(bind::Registry& registry, std::string_view version);
void add_filesystem(bind::Registry& registry, std::string_view version);

}  // namespace p2
}  // namespace weft::wasi
