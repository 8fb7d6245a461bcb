// From a component's bytes to a component that can be instantiated.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "component/linked.h"
#include "util/error.h"
#include "wasm/engine.h"

namespace weft::runtime {

// Compiles core modules, or finds them compiled. Thread-safe.
class ModuleSource {
 public:
  virtual ~ModuleSource() = default;
  virtual Result<wasm::Module> module(std::span<const std::byte> code) = 0;
};

// Compiles each time.
class Compiler final : public ModuleSource {
 public:
  explicit Compiler(const wasm::Engine& engine) : engine_(engine) {}
  Result<wasm::Module> module(std::span<const std::byte> code) override {
    return wasm::Module::compile(engine_, code);
  }

 private:
  const wasm::Engine& engine_;
};

// Decodes, validates, plans, compiles and links. `name` goes into messages.
Result<std::shared_ptr<const component::LinkedComponent>> load_component(
    const wasm::Engine& engine, ModuleSource& modules, const component::HostLinker& linker,
    std::shared_ptr<const std::vector<std::byte>> bytes, const std::string& name);

}  // namespace weft::runtime
