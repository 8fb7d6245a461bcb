// One component file, loaded to be run by this process alone.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bind/registry.h"
#include "cli/code_options.h"
#include "runtime/live_component.h"
#include "util/error.h"
#include "util/pinned.h"
#include "wasm/engine.h"

namespace weft::cli {

// The bytes of a component file. Errors name it.
Result<std::shared_ptr<const std::vector<std::byte>>> read_component_file(const std::string& file);

// Whether `file` is an application, and no component that can be run alone.
bool is_application(const std::string& file);

// "weft: <line>" on standard error.
void tell(std::string_view line);

struct LoneComponent : Pinned {
  // Compiled with full effort: it runs with the code it begins with.
  static Result<std::unique_ptr<LoneComponent>> load(const std::string& file, const CodeOptions& options,
                                                     std::function<void(std::string_view line)> log);

  std::shared_ptr<const std::vector<std::byte>> bytes;
  std::unique_ptr<wasm::Engine> engine;
  bind::Registry registry;
  std::unique_ptr<runtime::CodeStore> code;
  std::shared_ptr<const runtime::LiveComponent> live;
};

}  // namespace weft::cli
