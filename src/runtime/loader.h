// From a component's bytes to a component that can be instantiated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "component/linked.h"
#include "runtime/code_improver.h"
#include "runtime/core_module.h"
#include "runtime/known_plans.h"
#include "runtime/live_component.h"
#include "util/error.h"
#include "wasm/engine.h"

namespace weft::runtime {

// A component file: the largest real ones, language runtimes with their libraries, are below 200 MB.
inline constexpr std::size_t max_component_bytes = std::size_t{512} << 20;

class CodeCache;

struct Code {
  std::vector<wasm::Module> modules;
  bool is_quick = false;                 // some of it was compiled quickly, and better code may come
  const wasm::Engine* engine = nullptr;  // the one that it runs in; null: the process's usual one
};

// Compiles core modules, or finds them compiled. Thread-safe.
class ModuleSource {
 public:
  virtual ~ModuleSource() = default;
  // In the order of `modules`. Errors are those of the first module that has one.
  virtual Result<Code> modules(std::span<CoreModule> modules) = 0;
  // Asks for better code, later. Only for what modules() said is quick.
  virtual void improve(QuickModules) {}
  // Where plans are kept; null: nowhere.
  virtual CodeCache* cache() const { return nullptr; }
};

// Compiles each time, in this process.
class Compiler final : public ModuleSource {
 public:
  explicit Compiler(const wasm::Engine& engine) : engine_(engine) {}
  Result<Code> modules(std::span<CoreModule> modules) override;

 private:
  const wasm::Engine& engine_;
};

// For what is loaded again and again while somebody works on it. Its plan is looked for among those that this process
// knows; among those in the cache only the first time, since the hash it takes there may take longer than to plan it.
struct Again {
  KnownPlans& plans;
  std::shared_ptr<const LiveComponent> before;  // what was loaded last, likewise; null: it is the first time
};

// Plans a component, or finds it planned; compiles and links it. `name` goes into messages. `engine` and `linker`
// outlive `modules`, which may replace the code later. Returns `again->before` if the component is the same.
Result<std::shared_ptr<const LiveComponent>> load_component(const wasm::Engine& engine, ModuleSource& modules,
                                                            const component::HostLinker& linker,
                                                            std::shared_ptr<const std::vector<std::byte>> bytes,
                                                            const std::string& name,
                                                            component::Bypass bypass = component::Bypass::where_exact,
                                                            const Again* again = nullptr);

}  // namespace weft::runtime
