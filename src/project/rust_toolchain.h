// Rust as it is installed, and what cargo must be told so that it makes components.
//
// rustup's targets wasm32-wasip1 and -wasip2 have a compiled std. Debian's Rust has none: there std is built from the
// packaged sources, against Debian's wasi-libc. Of the target wasm32-wasip1 the plain result is a core module; the
// linker wasm-component-ld, which comes with both, makes a component of it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace weft::project {

struct RustToolchain {
  std::filesystem::path sysroot;           // empty: there is no rustc
  std::filesystem::path component_linker;  // wasm-component-ld; empty: none
  bool knows_wasm32_wasi = false;          // under the name of old compilers

  // Whether std is there compiled, or can be built as said above.
  bool has_std(std::string_view target) const;
  bool can_build_std() const;
};

// Asks the rustc that commands run in `folder` would use. The answer is remembered in this process until another rustc
// is chosen: `weft watch` builds at every save. From any thread.
RustToolchain find_rust(const std::filesystem::path& folder);

// NAME=VALUE for commands that call cargo. What our own environment has already is left to it.
std::vector<std::string> cargo_environment(const RustToolchain& rust);

// How to get what `target` lacks; empty when it lacks nothing.
std::string rust_target_remedy(const RustToolchain& rust, std::string_view target);

}  // namespace weft::project
