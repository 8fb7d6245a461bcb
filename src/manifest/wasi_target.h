// The Rust target `wasm32-wasi`, which current compilers no longer have under that name.
#pragma once

#include <string>
#include <string_view>

#include "manifest/app.h"

namespace weft::manifest {

// True when the component's source or a build command names the target `wasm32-wasi` itself (not wasm32-wasip1).
bool uses_wasm32_wasi(const Component& component);

// `text` with every such `wasm32-wasi` replaced by `wasm32-wasip1`.
std::string replace_wasm32_wasi(std::string_view text);

// The one notice `build` prints.
inline constexpr std::string_view wasm32_wasi_notice =
    "note: the Rust target wasm32-wasi is now named wasm32-wasip1; building for wasm32-wasip1 and providing the result "
    "under target/wasm32-wasi. `weft doctor --fix` edits the manifest.";

}  // namespace weft::manifest
