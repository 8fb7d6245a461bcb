// A component ready to be instantiated: its plan, its compiled core modules and the host functions it is given.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "abi/instance.h"
#include "component/plan.h"
#include "util/error.h"
#include "util/pinned.h"
#include "wasm/engine.h"
#include "wasm/host_funcs.h"
#include "wasm/memory_image.h"
#include "wasm/store.h"

namespace weft::component {

class HostCall;
class Instance;

// A host function as the linker hands it out: `call` lifts the arguments from `values`, runs, and lowers the result
// there. It may throw abi::Trap and may wait on the fiber.
struct HostBinding {
  void (*call)(const void* env, HostCall& call, abi::CoreValue* values) = nullptr;
  const void* env = nullptr;
};

// A resource type of the host. Two imports with the same pointer are the same type.
struct HostResourceType {
  std::string name;
};

// What the host offers to components. Thread-safe: read only.
class HostLinker {
 public:
  virtual ~HostLinker() = default;
  // Whether there is anything of `interface`. False: all of it is missing, and need not be listed item by item.
  virtual bool offers(std::string_view interface) const = 0;
  // The resource type that `interface` (any compatible version) exports as `name`, or null.
  virtual const HostResourceType* resource(std::string_view interface, std::string_view name) const = 0;
  // The function, once its type is found to be what the component expects. Errc::not_found: not offered.
  // Errc::invalid: offered with another type; the message has both, a line each.
  // `resources` are the component's resource types, by abi::ResourceIndex; null for those it defines itself.
  virtual Result<HostBinding> bind(const HostFunc& func,
                                   const std::vector<const HostResourceType*>& resources) const = 0;
};

// A compiled core module and what its memories start from.
struct CompiledModule {
  wasm::Module code;
  wasm::MemoryImages images;
};

// What to do about an interface that the host does not have yet: refuse the component, by the names of all that it may
// call; or let the call trap.
enum class NotYet : std::uint8_t { refuse, trap };

// Immutable; thread-safe; shared by all instances.
class LinkedComponent : public std::enable_shared_from_this<LinkedComponent>, Pinned {
 public:
  // `modules` are the plan's, in order. On failure the error lists everything that is missing, a line each.
  static Result<std::shared_ptr<const LinkedComponent>> create(const wasm::Engine& engine,
                                                               std::shared_ptr<const LinkPlan> plan,
                                                               std::vector<CompiledModule> modules,
                                                               const HostLinker& linker,
                                                               NotYet imports = NotYet::refuse);

  const LinkPlan& plan() const { return *plan_; }
  // With NotYet::trap: what of its imports the component fails when it calls it, a line for each package.
  const std::vector<std::string>& fails_calling() const { return fails_calling_; }
  const wasm::Engine& engine() const { return engine_; }
  // The module of a core instance of the plan.
  const wasm::Module& module_of(std::uint32_t core_instance) const {
    return modules_[cores_[core_instance].module].code;
  }
  // Whether what guests change in core instances can be put back (core_state.h).
  bool is_restorable() const { return restorable_; }
  // Whether the memories of a new instance hold what their images do: start functions wrote nothing. Known only once an
  // instance was looked at.
  bool starts_from_images() const { return starts_from_images_.load(std::memory_order_relaxed); }
  void note_start_from_images() const { starts_from_images_.store(true, std::memory_order_relaxed); }

 private:
  friend class Instance;
  // A trampoline as the engine calls it: the environment of a host function.
  struct LinkedTrampoline {
    const Trampoline* trampoline;
    HostBinding binding;  // of a lowered host function
    std::uint32_t slot;   // of a forward
  };
  // An item that a step needs, with its name looked up.
  struct LinkedItem {
    CoreItem::Kind kind = CoreItem::Kind::instance_export;
    std::uint32_t index = 0;  // core instance, or the function's place among those that are got together
    wasm::ExportIndex export_index{};
  };
  // How a core instance is made: of what was prepared, if it imports host functions only, else with these imports.
  struct LinkedCore {
    std::uint32_t module = 0;
    std::unique_ptr<const wasm::InstancePre> prepared;
    std::vector<LinkedItem> imports;
    std::unique_ptr<wasm::HostFuncs> funcs;  // those among the imports
  };

  explicit LinkedComponent(const wasm::Engine& engine) : engine_(engine) {}
  Result<void> link_steps();
  Result<void> link_core(const InstantiateCore& step);
  Result<LinkedItem> link_export(const CoreItem& item) const;
  wasm::HostFunc host_func(std::uint32_t trampoline) const;
  // The instance out of which a guest calls.
  static Instance& entered(wasm::Store& store);
  static void enter_host(void* env, wasm::Store& store, abi::CoreValue* values, std::size_t count);
  static void enter_component(void* env, wasm::Store& store, abi::CoreValue* values, std::size_t count);
  static void enter_builtin(void* env, wasm::Store& store, abi::CoreValue* values, std::size_t count);
  static const wasm::Func& forward(void* env, wasm::Store& store);

  const wasm::Engine& engine_;
  std::vector<std::string> fails_calling_;
  std::shared_ptr<const LinkPlan> plan_;
  std::vector<CompiledModule> modules_;
  std::vector<const HostResourceType*> resources_;     // by abi::ResourceIndex
  std::vector<abi::InstanceIndex> resource_impls_;     // likewise
  std::vector<LinkedTrampoline> trampolines_;          // by trampoline
  std::vector<LinkedCore> cores_;                      // by core instance
  std::vector<LinkedItem> memories_, tables_, funcs_;  // by slot
  wasm::HostFuncs func_trampolines_{engine_};          // those in func slots
  bool restorable_ = false;
  mutable std::atomic<bool> starts_from_images_ = false;
};

}  // namespace weft::component
