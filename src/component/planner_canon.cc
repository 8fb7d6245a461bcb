#include "component/planner.h"

namespace weft::component {
namespace {

std::tuple<CoreItem::Kind, std::uint32_t, std::string> key_of(const CoreItem& item) {
  return {item.kind, item.index, item.name};
}

}  // namespace

Result<FuncSlotIndex> Planner::func_slot(const PlanScope& scope, std::uint32_t core_func) {
  if (core_func >= scope.core_funcs.size()) return not_validated("core function index");
  const CoreItem& item = scope.core_funcs[core_func];
  auto [found, fresh] = func_slots_.by_item.emplace(key_of(item), plan_.func_slots);
  if (fresh) {
    ++plan_.func_slots;
    plan_.steps.emplace_back(ExtractFunc{found->second, item});
  }
  return found->second;
}

Result<MemorySlotIndex> Planner::memory_slot(const PlanScope& scope, std::uint32_t core_memory) {
  if (core_memory >= scope.core_memories.size()) return not_validated("core memory index");
  const CoreItem& item = scope.core_memories[core_memory];
  auto [found, fresh] = memory_slots_.by_item.emplace(key_of(item), plan_.memory_slots);
  if (fresh) {
    ++plan_.memory_slots;
    plan_.steps.emplace_back(ExtractMemory{found->second, item});
  }
  return found->second;
}

Result<TableSlotIndex> Planner::table_slot(const PlanScope& scope, std::uint32_t core_table) {
  if (core_table >= scope.core_tables.size()) return not_validated("core table index");
  const CoreItem& item = scope.core_tables[core_table];
  auto [found, fresh] = table_slots_.by_item.emplace(key_of(item), plan_.table_slots);
  if (fresh) {
    ++plan_.table_slots;
    plan_.steps.emplace_back(ExtractTable{found->second, item});
  }
  return found->second;
}

Result<CanonOptions> Planner::options(const ast::CanonOpts& opts, PlanScope& scope) {
  CanonOptions out;
  out.instance = scope.instance;
  out.async = opts.async;
  out.string_encoding = opts.string_encoding.value_or(ast::StringEncoding::utf8);
  if (opts.memory) {
    TRY(out.memory, memory_slot(scope, *opts.memory));
  }
  if (opts.realloc) {
    TRY(out.realloc, func_slot(scope, *opts.realloc));
  }
  if (opts.post_return) {
    TRY(out.post_return, func_slot(scope, *opts.post_return));
  }
  if (opts.callback) {
    TRY(out.callback, func_slot(scope, *opts.callback));
  }
  return out;
}

Result<void> Planner::lift(const ast::CanonLift& def, PlanScope& scope) {
  Lift lift;
  TRY(lift.core_func, func_slot(scope, def.core_func));
  TRY(lift.options, options(def.opts, scope));
  const auto* type =
      def.type < scope.types.size() ? std::get_if<const abi::FuncType*>(&scope.types[def.type]) : nullptr;
  if (type == nullptr) return not_validated("function type of canon lift");
  lift.type = *type;
  scope.funcs.push_back({FuncRef::Kind::lift, static_cast<std::uint32_t>(plan_.lifts.size())});
  plan_.lifts.push_back(std::move(lift));
  return {};
}

Result<void> Planner::trampoline(Trampoline trampoline, PlanScope& scope) {
  scope.core_funcs.push_back({CoreItem::Kind::trampoline, static_cast<std::uint32_t>(plan_.trampolines.size()), {}});
  plan_.trampolines.push_back(std::move(trampoline));
  return {};
}

Result<void> Planner::lower(const ast::CanonLower& def, PlanScope& scope) {
  if (def.func >= scope.funcs.size()) return not_validated("function index of canon lower");
  LowerTrampoline lower;
  lower.callee = scope.funcs[def.func];
  lower.type = plan_.type_of(lower.callee);
  TRY(lower.caller, options(def.opts, scope));
  return trampoline(std::move(lower), scope);
}

Result<void> Planner::builtin(const ast::CanonBuiltin& def, PlanScope& scope) {
  BuiltinTrampoline made;
  made.kind = def.kind;
  made.async = def.async;
  made.slot = def.slot;
  TRY(made.options, options(def.opts, scope));
  switch (def.kind) {
    case ast::Builtin::resource_new:
    case ast::Builtin::resource_drop:
    case ast::Builtin::resource_rep: {
      TRY(made.resource, resource_at(scope, def.type));
      break;
    }
    case ast::Builtin::task_return: {
      TRY(made.type, optional_type(def.result, scope));
      break;
    }
    case ast::Builtin::stream_new:
    case ast::Builtin::stream_read:
    case ast::Builtin::stream_write:
    case ast::Builtin::stream_cancel_read:
    case ast::Builtin::stream_cancel_write:
    case ast::Builtin::stream_drop_readable:
    case ast::Builtin::stream_drop_writable:
    case ast::Builtin::future_new:
    case ast::Builtin::future_read:
    case ast::Builtin::future_write:
    case ast::Builtin::future_cancel_read:
    case ast::Builtin::future_cancel_write:
    case ast::Builtin::future_drop_readable:
    case ast::Builtin::future_drop_writable: {
      TRY(made.type, value_type(ast::ValType(def.type), scope));
      break;
    }
    case ast::Builtin::waitable_set_wait:
    case ast::Builtin::waitable_set_poll: {
      TRY(made.options.memory, memory_slot(scope, def.memory));
      break;
    }
    case ast::Builtin::thread_new_indirect: {
      TRY(made.table, table_slot(scope, def.table));
      break;
    }
    default:
      break;
  }
  return trampoline(std::move(made), scope);
}

}  // namespace weft::component
