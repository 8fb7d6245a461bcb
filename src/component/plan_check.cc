#include "component/core_shape.h"
#include "component/plan_bytes.h"
#include "component/text.h"

namespace weft::component {
namespace {

// Context slots of a thread.
constexpr std::uint32_t context_slots = 2;

std::unexpected<Error> broken(std::string_view rule) {
  return fail(Errc::invalid, cat("link plan: ", rule));
}

bool below(const std::optional<std::uint32_t>& index, std::uint32_t end) {
  return !index || *index < end;
}

// Values of these types go through the memory of one side, or may.
struct Passing {
  bool pointers = false;        // they contain some
  bool through_memory = false;  // they are too many to be flat
};

Passing passing(abi::TypeRef type, std::uint32_t max_flat) {
  if (type == nullptr) return {};
  return {type->contains_pointer, type->flat.count() > max_flat};
}

// A guest's memory is read: for what it passes out.
bool can_read(const CanonOptions& options, Passing values) {
  return options.memory || !(values.pointers || values.through_memory);
}

class PlanCheck {
 public:
  explicit PlanCheck(const LinkPlan& plan) : plan_(plan) {}

  Result<void> run() {
    for (const ast::ByteRange& range : plan_.modules) {
      const std::size_t size = plan_.bytes->size();
      if (range.offset > size || range.size > size - range.offset) return broken("a core module is out of bounds");
    }
    CHECK_OK(instances());
    for (const Resource& resource : plan_.resources) {
      if (!resource.imported && resource.instance >= instance_count()) return broken("a resource has no instance");
      if (!below(resource.dtor, plan_.func_slots)) return broken("a destructor has no slot");
    }
    for (const Lift& lift : plan_.lifts) CHECK_OK(this->lift(lift));
    for (const Trampoline& t : plan_.trampolines) {
      CHECK_OK(std::visit([&](const auto& kind) { return trampoline(kind); }, t));
    }
    for (const ast::ByteRange& range : plan_.modules) {
      starts_.push_back(has_start(std::span(*plan_.bytes).subspan(range.offset, range.size)));
    }
    for (const Step& s : plan_.steps) CHECK_OK(std::visit([&](const auto& kind) { return step(kind); }, s));
    CHECK_OK(code_runs());
    const bool complete = core_instances_ == plan_.core_instances && memories_ == plan_.memory_slots &&
                          tables_ == plan_.table_slots && funcs_ == plan_.func_slots;
    if (!complete) return broken("the steps do not make all that is used");
    return exports(plan_.exports);
  }

 private:
  std::uint32_t instance_count() const { return static_cast<std::uint32_t>(plan_.instance_parents.size()); }

  Result<void> instances() const {
    if (plan_.instance_parents.empty() || plan_.instance_parents[0]) return broken("there is no outermost instance");
    for (std::uint32_t i = 1; i < instance_count(); ++i) {
      if (!plan_.instance_parents[i] || *plan_.instance_parents[i] >= i) return broken("an instance has no parent");
    }
    return {};
  }

  // With the slots that exist once `memories` and `funcs` have been extracted.
  bool in_bounds(const CanonOptions& options, std::uint32_t memories, std::uint32_t funcs) const {
    return options.instance < instance_count() && below(options.memory, memories) && below(options.realloc, funcs) &&
           below(options.post_return, funcs) && below(options.callback, funcs);
  }
  bool in_bounds(const CanonOptions& options) const { return in_bounds(options, plan_.memory_slots, plan_.func_slots); }

  Result<void> lift(const Lift& lift) const {
    if (lift.core_func >= plan_.func_slots || !in_bounds(lift.options)) return broken("a lift is out of bounds");
    const bool has_memory =
        can_read(lift.options, passing(lift.type->params, abi::kMaxFlatParams)) &&
        can_read(lift.options,
                 passing(lift.type->result, lift.options.async ? abi::kMaxFlatParams : abi::kMaxFlatResults));
    if (!has_memory) return broken("a lift has no memory");
    return {};
  }

  Result<void> trampoline(const LowerTrampoline& lower) const {
    if (!in_bounds(lower.caller)) return broken("a lower is out of bounds");
    const bool has_memory = can_read(lower.caller, passing(lower.type->params, lower.max_flat_params())) &&
                            can_read(lower.caller, passing(lower.type->result, lower.max_flat_results()));
    if (!has_memory) return broken("a lower has no memory");
    return {};
  }

  Result<void> trampoline(const BuiltinTrampoline& builtin) const {
    if (!in_bounds(builtin.options) || !below(builtin.table, plan_.table_slots))
      return broken("a built-in is out of bounds");
    switch (builtin.kind) {
      case ast::Builtin::resource_new:
      case ast::Builtin::resource_drop:
      case ast::Builtin::resource_rep:
        if (static_cast<std::uint32_t>(builtin.resource) >= plan_.resources.size()) {
          return broken("a built-in has no resource type");
        }
        return {};
      case ast::Builtin::context_get:
      case ast::Builtin::context_set:
        if (builtin.slot >= context_slots) return broken("a context slot is out of bounds");
        return {};
      case ast::Builtin::thread_new_indirect:
        if (!builtin.table) return broken("thread.new-indirect has no table");
        return {};
      case ast::Builtin::waitable_set_wait:
      case ast::Builtin::waitable_set_poll:
        if (!builtin.options.memory) return broken("a wait has no memory for its event");
        return {};
      case ast::Builtin::task_return:
        if (builtin.type != nullptr) CHECK_OK(abi::TypeTable::check(builtin.type));
        if (!can_read(builtin.options, passing(builtin.type, abi::kMaxFlatParams))) {
          return broken("task.return has no memory");
        }
        return {};
      default:
        break;
    }
    const abi::Kind wanted = builtin.kind >= ast::Builtin::future_new ? abi::Kind::future : abi::Kind::stream;
    const bool copies = builtin.kind >= ast::Builtin::stream_new && builtin.kind <= ast::Builtin::future_drop_writable;
    if (!copies) return {};
    if (builtin.type == nullptr || builtin.type->kind != wanted) return broken("a built-in has a type of another kind");
    return abi::TypeTable::check(builtin.type);
  }

  Result<void> trampoline(const ForwardTrampoline& forward) const {
    if (forward.slot >= plan_.func_slots) return broken("a forward is out of bounds");
    return {};
  }

  // Everything the trampoline uses exists by now.
  bool ready(const LowerTrampoline& lower) const {
    if (!in_bounds(lower.caller, memories_, funcs_)) return false;
    if (lower.callee.kind == FuncRef::Kind::host_import) return true;
    const Lift& lift = plan_.lifts[lower.callee.index];
    return lift.core_func < funcs_ && in_bounds(lift.options, memories_, funcs_);
  }
  bool ready(const BuiltinTrampoline& builtin) const {
    if (!in_bounds(builtin.options, memories_, funcs_) || !below(builtin.table, tables_)) return false;
    if (builtin.kind != ast::Builtin::resource_drop) return true;
    return below(plan_.resources[static_cast<std::uint32_t>(builtin.resource)].dtor, funcs_);
  }
  bool ready(const ForwardTrampoline&) const { return true; }  // it traps until it has a slot

  // The item exists. What it is can be called as soon as code runs.
  bool exists(const CoreItem& item, bool may_be_deferred) {
    if (item.kind == CoreItem::Kind::instance_export) {
      return item.index < core_instances_ && (may_be_deferred || !deferred_[item.index]);
    }
    if (item.index >= plan_.trampolines.size()) return false;
    reachable_.push_back(item.index);
    return true;
  }

  // Code of guests runs: all that it can call must be ready.
  Result<void> code_runs() {
    for (const std::uint32_t i : reachable_) {
      if (!std::visit([&](const auto& kind) { return ready(kind); }, plan_.trampolines[i])) {
        return broken("code may run that calls what is not there yet");
      }
    }
    reachable_.clear();
    return {};
  }

  Result<void> step(const InstantiateCore& s) {
    if (s.module >= plan_.modules.size()) return broken("a step has no core module");
    if (s.instance >= instance_count()) return broken("a step is of no instance");
    for (const CoreItem& item : s.imports) {
      if (!exists(item, false)) return broken("a core module imports what is not there yet");
    }
    if (s.core_instance != core_instances_++) return broken("core instances are out of order");
    deferred_.push_back(s.deferred);
    if (starts_[s.module]) return code_runs();
    return {};
  }
  Result<void> step(const ExtractMemory& s) {
    if (!exists(s.item, false) || s.slot != memories_++) return broken("memories are out of order");
    return {};
  }
  Result<void> step(const ExtractTable& s) {
    if (!exists(s.item, false) || s.slot != tables_++) return broken("tables are out of order");
    return {};
  }
  Result<void> step(const ExtractFunc& s) {
    if (!exists(s.item, true) || s.slot != funcs_++) return broken("core functions are out of order");
    return {};
  }
  Result<void> step(const CallStart& s) {
    if (s.slot >= funcs_) return broken("a start function is not there yet");
    if (s.instance >= instance_count()) return broken("a start function is of no instance");
    return code_runs();
  }

  Result<void> exports(const ExportedInstance& instance) const {
    for (const auto& [name, item] : instance.items) {
      if (const auto* func = std::get_if<FuncRef>(&item)) {
        const std::size_t end = func->kind == FuncRef::Kind::lift ? plan_.lifts.size() : plan_.host_funcs.size();
        if (func->index >= end) return broken("an exported function is out of bounds");
      } else if (const auto* inner = std::get_if<std::shared_ptr<const ExportedInstance>>(&item)) {
        CHECK_OK(exports(**inner));
      } else if (const auto* module = std::get_if<ExportedModule>(&item)) {
        if (module->module >= plan_.modules.size()) return broken("an exported core module is out of bounds");
      }
    }
    return {};
  }

  const LinkPlan& plan_;
  // Made by the steps so far.
  std::uint32_t core_instances_ = 0, memories_ = 0, funcs_ = 0;
  std::uint32_t tables_ = 0;
  std::vector<bool> deferred_;            // by core instance
  std::vector<bool> starts_;              // by module: code runs when an instance is made
  std::vector<std::uint32_t> reachable_;  // trampolines that guests have and no code has run since
};

}  // namespace

Result<void> check_plan(const LinkPlan& plan) {
  return PlanCheck(plan).run();
}

}  // namespace weft::component
