// The link plan: everything about instantiating a component that does not depend on the instance.
//
// Nested components, aliases and re-exports are resolved once, so that an instantiation is a flat list of steps over
// numbered slots. Resource types are generative: each instantiation of a component that defines one gives it its own
// abi::ResourceIndex, and every value type in the plan is evaluated with those indices. A plan holds no pointers into
// an engine or a store; together with the core modules' bytes it is all an instantiation needs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "abi/layout.h"
#include "abi/type.h"
#include "abi/type_table.h"
#include "component/ast.h"
#include "component/core_types.h"
#include "util/error.h"
#include "util/pinned.h"

namespace weft::component {

// Steps, functions and instances of one plan: bounds what a few bytes of nested instantiations can ask for.
inline constexpr std::uint32_t max_plan_items = 200'000;
// Component instances inside each other.
inline constexpr std::uint32_t max_plan_depth = 100;

// Exported instances inside each other.
inline constexpr std::uint32_t max_export_depth = 1'000;

// A core item that exists once the steps before it have run: an export of a core instance, or a core function the
// host makes.
struct CoreItem {
  enum class Kind : std::uint8_t { instance_export, trampoline };
  Kind kind = Kind::instance_export;
  std::uint32_t index = 0;  // core instance, or trampoline
  std::string name;         // of the export
  bool operator==(const CoreItem&) const = default;
};

// Slots of an instance, filled by steps.
using MemorySlotIndex = std::uint32_t;
using TableSlotIndex = std::uint32_t;
using FuncSlotIndex = std::uint32_t;

// canonopt*, with slots in place of indices.
struct CanonOptions {
  ast::StringEncoding string_encoding = ast::StringEncoding::utf8;
  std::optional<MemorySlotIndex> memory;
  std::optional<FuncSlotIndex> realloc;
  std::optional<FuncSlotIndex> post_return;
  std::optional<FuncSlotIndex> callback;
  bool async = false;
  std::uint32_t instance = 0;  // the component instance whose handles and flags apply
};

// canon lift: a component function made of a core function.
struct Lift {
  FuncSlotIndex core_func = 0;
  const abi::FuncType* type = nullptr;
  CanonOptions options;
};

// A component function of the plan.
struct FuncRef {
  enum class Kind : std::uint8_t { lift, host_import };
  Kind kind = Kind::lift;
  std::uint32_t index = 0;
  bool operator==(const FuncRef&) const = default;
};

// A function the host must provide.
struct HostFunc {
  std::string interface;  // "wasi:io/poll@0.2.0"; empty for a function imported by the component itself
  std::string name;       // "poll", "[method]pollable.block"
  const abi::FuncType* type = nullptr;
  // Why who calls it here may not have it (composition.h); empty: it may.
  std::string denial = {};
};

// canon lower: what a guest calls. `caller` are the options of the lowering side.
struct LowerTrampoline {
  FuncRef callee;
  const abi::FuncType* type = nullptr;
  CanonOptions caller;

  // What the guest's core function is, and beyond how many core values parameters and results go through memory.
  const abi::CoreSignature& signature() const { return caller.async ? type->lower_async : type->lower; }
  std::uint32_t max_flat_params() const { return caller.async ? abi::kMaxFlatAsyncParams : abi::kMaxFlatParams; }
  std::uint32_t max_flat_results() const { return caller.async ? 0 : abi::kMaxFlatResults; }
};

// A canonical built-in.
struct BuiltinTrampoline {
  ast::Builtin kind = ast::Builtin::resource_new;
  abi::ResourceIndex resource{};
  abi::TypeRef type = nullptr;  // stream, future, or the result of task.return
  CanonOptions options;
  bool async = false;
  std::uint32_t slot = 0;
  std::optional<TableSlotIndex> table;  // of thread.new-indirect
};

// A core function that exists later than what imports it: calls go on to the function in the slot, and trap while the
// slot is empty, as the call of a table's empty element does.
struct ForwardTrampoline {
  FuncSlotIndex slot = 0;
  CoreFuncType type;  // of numbers only
};

using Trampoline = std::variant<LowerTrampoline, BuiltinTrampoline, ForwardTrampoline>;

// A resource type of the plan.
struct Resource {
  // Imported from the host as `interface` . `name`, or defined by the component instance `instance`.
  bool imported = false;
  std::string interface;
  std::string name;
  std::uint32_t instance = 0;
  std::optional<FuncSlotIndex> dtor;
  // Only those import it who are denied the interface: the host need not have it.
  bool denied = false;
};

// ---- steps, in order ----

struct InstantiateCore {
  std::uint32_t module = 0;  // index into LinkPlan::modules
  std::uint32_t core_instance = 0;
  std::uint32_t instance = 0;     // the component instance that its start function runs in
  std::vector<CoreItem> imports;  // positional
  // The instance is made when a function of it is first called. It is only used by ExtractFunc.
  bool deferred = false;
};
struct ExtractMemory {
  MemorySlotIndex slot = 0;
  CoreItem item;
};
struct ExtractTable {
  TableSlotIndex slot = 0;
  CoreItem item;
};
struct ExtractFunc {
  FuncSlotIndex slot = 0;
  CoreItem item;
};
// Calls a function without parameters and results, as a start function is called.
struct CallStart {
  FuncSlotIndex slot = 0;
  std::uint32_t instance = 0;  // the component instance that it runs in
};
using Step = std::variant<InstantiateCore, ExtractMemory, ExtractTable, ExtractFunc, CallStart>;

// ---- exports ----

struct ExportedInstance;
struct ExportedType {};  // types are described by the component's type, not by the plan
struct ExportedModule {
  std::uint32_t module = 0;
};
struct ExportedComponent {};
using ExportItem =
    std::variant<FuncRef, std::shared_ptr<const ExportedInstance>, ExportedType, ExportedModule, ExportedComponent>;
struct ExportedInstance {
  std::vector<std::pair<std::string, ExportItem>> items;
  const ExportItem* find(std::string_view name) const;
};

// Immutable once made; thread-safe.
struct LinkPlan : Pinned {
  abi::TypeTable types;
  ast::Bytes bytes;                     // the whole component; null when nothing of it is needed any more
  std::vector<ast::ByteRange> modules;  // core modules, each once
  std::vector<HostFunc> host_funcs;     // each once for an interface, a name and a denial
  std::vector<Resource> resources;      // by abi::ResourceIndex
  std::vector<Lift> lifts;
  std::vector<Trampoline> trampolines;
  std::vector<Step> steps;
  std::uint32_t core_instances = 0;
  std::uint32_t memory_slots = 0;
  std::uint32_t table_slots = 0;
  std::uint32_t func_slots = 0;
  // By abi::InstanceIndex: the instance that instantiated it; the outermost has none.
  std::vector<std::optional<std::uint32_t>> instance_parents;
  ExportedInstance exports;

  // The type of a component function.
  const abi::FuncType* type_of(FuncRef func) const;
};

// Whether core instances that only pass calls on are left out (bypass.h). `never` is for comparing.
enum class Bypass : std::uint8_t { where_exact, never };

// Makes the plan of a component that validate() accepted. Errc::limit when it would grow beyond the limits above,
// Errc::unsupported for imports the host cannot provide (core modules, components).
Result<std::unique_ptr<LinkPlan>> make_plan(const ast::Component& component, Bypass bypass = Bypass::where_exact);

}  // namespace weft::component
