// From a component's bytes to a component that can be instantiated.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "component/linked.h"
#include "util/error.h"
#include "wasm/engine.h"
#include "wasm/module_rewrite.h"

namespace weft::runtime {

// A component file: the largest real ones, language runtimes with their libraries, are below 200 MB.
inline constexpr std::size_t max_component_bytes = std::size_t{512} << 20;

// Compiles core modules, or finds them compiled. Thread-safe.
class ModuleSource {
 public:
  virtual ~ModuleSource() = default;
  // In the order of `modules`. Errors are those of the first module that has one.
  virtual Result<std::vector<wasm::Module>> modules(std::span<const wasm::SeparatedModule> modules) = 0;
};

// Compiles each time, in this process.
class Compiler final : public ModuleSource {
 public:
  explicit Compiler(const wasm::Engine& engine) : engine_(engine) {}
  Result<std::vector<wasm::Module>> modules(std::span<const wasm::SeparatedModule> modules) override;

 private:
  const wasm::Engine& engine_;
};

// Decodes, validates, plans, compiles and links. `name` goes into messages.
Result<std::shared_ptr<const component::LinkedComponent>> load_component(
    const wasm::Engine& engine, ModuleSource& modules, const component::HostLinker& linker,
    std::shared_ptr<const std::vector<std::byte>> bytes, const std::string& name,
    component::Bypass bypass = component::Bypass::where_exact);

}  // namespace weft::runtime
