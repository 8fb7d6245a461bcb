// Where the commands keep compiled code.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/code_store.h"

namespace weft::cli {

struct CodeOptions {
  std::string cache_folder = runtime::default_cache_folder();
  bool no_cache = false;
};

// The engines outlive the result; `winch` as for CodeStore. A cache that cannot be used is one line for `log`, and
// code is compiled each time.
std::unique_ptr<runtime::CodeStore> open_code_store(const wasm::Engine& engine, const CodeOptions& options,
                                                    std::function<void(std::string_view line)> log,
                                                    runtime::CodeStore::First first = runtime::CodeStore::First::quick,
                                                    const wasm::Engine* winch = nullptr);

}  // namespace weft::cli
