// Validation of canonical definitions (CanonicalABI.md "Canonical Definitions").
#include "component/builtins.h"
#include "component/canon_types.h"
#include "component/layout.h"
#include "component/validator.h"
#include "gaps/gaps.h"

namespace weft::component {
namespace {

using ast::Builtin;

constexpr CoreValKind i32 = CoreValKind::i32;
constexpr CoreValKind i64 = CoreValKind::i64;

// Number of context slots of a thread.
constexpr uint32_t kContextSlots = 2;

std::unexpected<Error> invalid(std::string message) {
  return fail(Errc::invalid, std::move(message));
}

std::unexpected<Error> required(std::string_view option) {
  return invalid(cat("canonical option `", option, "` is required"));
}

std::string list_of(const std::vector<CoreValType>& types) {
  std::string text = "[";
  for (const CoreValType& type : types) {
    std::string name = to_text(type);
    name.front() = static_cast<char>(name.front() - 'a' + 'A');
    text += cat(text.size() > 1 ? ", " : "", name);
  }
  return text + "]";
}

// Memories of canonical options are subtypes of (memory 0), of any page size: the ABI counts bytes.
Result<void> check_memory(const CoreMemoryType& memory) {
  if (memory.limits.is64)
    return std::unexpected(gaps::refuse_saying(gaps::Gap::memory64, "64-bit memories (memory64) are a gated feature"));
  if (memory.limits.shared)
    return invalid("mismatch in the shared flag for memories: canonical option `memory` cannot be a shared memory");
  return {};
}

}  // namespace

Result<const CoreFuncType*> Validator::core_func(Scope& scope, uint32_t index) {
  TRY(const uint32_t id, at(scope.spaces.core_funcs, index, "function"));
  if (const CoreFuncType* func = arena_.core_types().func(id)) return func;
  return invalid(cat("core function ", index, " does not have a function type"));
}

Result<void> Validator::memory_at(Scope& scope, uint32_t index) {
  TRY(const CoreMemoryType memory, at(scope.spaces.core_memories, index, "memory"));
  return check_memory(memory);
}

Result<void> Validator::option_func(Scope& scope, std::optional<uint32_t> index, std::string_view option,
                                    const CoreFuncType& expected) {
  if (!index) return {};
  TRY(const CoreFuncType* func, core_func(scope, *index));
  if (*func == expected) return {};
  return invalid(cat("canonical option `", option, "` uses a core function with an incorrect signature"));
}

// The rules for options that do not depend on the types.
Result<void> Validator::canon_opts(Scope& scope, const ast::CanonOpts& opts, bool is_lift) {
  if (opts.memory) CHECK_OK(memory_at(scope, *opts.memory));
  CHECK_OK(option_func(scope, opts.realloc, "realloc", {{i32, i32, i32, i32}, {i32}}));
  if (opts.realloc && !opts.memory) {
    return invalid("canonical option `realloc` requires `memory` to also be specified");
  }
  if (!is_lift && opts.post_return) {
    return invalid("canonical option `post-return` cannot be specified for lowerings");
  }
  if (!is_lift && opts.callback) return invalid("canonical option `callback` cannot be specified for lowerings");
  if (opts.callback && !opts.async) return invalid("cannot specify callback without async");
  if (opts.post_return && opts.async) return invalid("cannot specify post-return function in async");
  return option_func(scope, opts.callback, "callback", {{i32, i32, i32}, {i32}});
}

// Values come to the guest (parameters of a lift, results of a lower) …
Result<void> Validator::check_incoming(const ast::CanonOpts& opts, const ValueType* type) {
  if (type == nullptr || !type->contains_list) return {};
  if (!opts.memory) return required("memory");
  if (!opts.realloc) return required("realloc");
  return {};
}

// … or are read from it.
Result<void> Validator::check_outgoing(const ast::CanonOpts& opts, const ValueType* type) {
  if (type == nullptr || !type->contains_list || opts.memory) return {};
  return required("memory");
}

Result<void> Validator::lift(Scope& scope, const ast::CanonLift& canon) {
  TRY(const AnyType any, type_at(scope, canon.type));
  const auto* type = std::get_if<const FuncType*>(&any);
  if (type == nullptr) return invalid(cat("type index ", canon.type, " is not a function type"));
  const FuncType& func = **type;
  arena_.spend(func.params.size());
  const ast::CanonOpts& opts = canon.opts;
  TRY(const CoreFuncType* callee, core_func(scope, canon.core_func));
  CHECK_OK(canon_opts(scope, opts, true));
  if (opts.async && !func.async) return invalid("the `async` canonical option requires an async function type");
  for (const Field& param : func.params) CHECK_OK(check_incoming(opts, param.type));
  CHECK_OK(check_outgoing(opts, func.result));
  if (flatten(func.params).count > kMaxFlatParams) {
    if (!opts.memory) return required("memory");
    if (!opts.realloc) return required("realloc");
  }
  const size_t max_results = opts.async ? kMaxFlatParams : kMaxFlatResults;
  if (func.result != nullptr && func.result->flat.count > max_results && !opts.memory) return required("memory");

  const CoreFuncType expected = flatten_functype(func, {opts.async, opts.callback.has_value()}, CanonContext::lift);
  if (callee->params != expected.params) {
    return invalid(cat("lowered parameter types `", list_of(expected.params), "` do not match parameter types `",
                       list_of(callee->params), "` of core function ", canon.core_func));
  }
  if (callee->results != expected.results) {
    return invalid(cat("lowered result types `", list_of(expected.results), "` do not match result types `",
                       list_of(callee->results), "` of core function ", canon.core_func));
  }
  CHECK_OK(option_func(scope, opts.post_return, "post-return", {expected.results, {}}));
  scope.spaces.funcs.push_back(*type);
  return {};
}

Result<void> Validator::lower(Scope& scope, const ast::CanonLower& canon) {
  TRY(const FuncType* func, at(scope.spaces.funcs, canon.func, "function"));
  arena_.spend(func->params.size());
  const ast::CanonOpts& opts = canon.opts;
  CHECK_OK(canon_opts(scope, opts, false));
  if (opts.async && !func->async) return invalid("the `async` canonical option requires an async function type");
  for (const Field& param : func->params) CHECK_OK(check_outgoing(opts, param.type));
  const size_t max_params = opts.async ? kMaxFlatAsyncParams : kMaxFlatParams;
  const size_t max_results = opts.async ? 0 : kMaxFlatResults;
  const bool in_memory =
      flatten(func->params).count > max_params || (func->result != nullptr && func->result->flat.count > max_results);
  if (in_memory && !opts.memory) return required("memory");
  CHECK_OK(check_incoming(opts, func->result));
  const CoreFuncType core = flatten_functype(*func, {opts.async, false}, CanonContext::lower);
  scope.spaces.core_funcs.push_back(arena_.core_types().add_func(core));
  return {};
}

Result<void> Validator::builtin_def(Scope& scope, const ast::CanonBuiltin& canon) {
  TRY(CoreFuncType type, builtin(scope, canon));
  scope.spaces.core_funcs.push_back(arena_.core_types().add_func(std::move(type)));
  return {};
}

Result<const ValueType*> Validator::value_type_at(Scope& scope, uint32_t index) {
  TRY(const AnyType any, type_at(scope, index));
  if (const auto* value = std::get_if<const ValueType*>(&any)) return *value;
  return invalid(cat("type index ", index, " is not a defined type"));
}

Result<const ValueType*> Validator::stream_element(Scope& scope, const ast::CanonBuiltin& canon) {
  TRY(const ValueType* type, value_type_at(scope, canon.type));
  if (const auto* stream = std::get_if<StreamType>(&type->shape)) return stream->element;
  return invalid(cat("`", name_of(canon.kind), "` requires a stream type"));
}

Result<const ValueType*> Validator::future_element(Scope& scope, const ast::CanonBuiltin& canon) {
  TRY(const ValueType* type, value_type_at(scope, canon.type));
  if (const auto* future = std::get_if<FutureType>(&type->shape)) return future->element;
  return invalid(cat("`", name_of(canon.kind), "` requires a future type"));
}

Result<void> Validator::local_resource(Scope& scope, uint32_t index) {
  TRY(const ResourceType* resource, resource_at(scope, index));
  if (scope.local_resources.contains(resource->id)) return {};
  return invalid(cat("type index ", index, " is not a local resource"));
}

Result<void> Validator::copy_opts(Scope& scope, const ast::CanonOpts& opts, const ValueType* element, bool incoming) {
  CHECK_OK(canon_opts(scope, opts, false));
  if (element == nullptr) return {};
  if (!opts.memory) return required("memory");
  return incoming ? check_incoming(opts, element) : check_outgoing(opts, element);
}

Result<CoreFuncType> Validator::task_return(Scope& scope, const ast::CanonBuiltin& canon) {
  const ast::CanonOpts& opts = canon.opts;
  CHECK_OK(canon_opts(scope, opts, false));
  if (opts.realloc) return invalid("cannot specify `realloc` option on `task.return`");
  if (opts.async) return invalid("cannot specify `async` option on `task.return`");
  TRY(const ValueType* result, value_ref(scope, canon.result));
  FuncType func;
  if (result != nullptr) {
    if (result->contains_borrow) return invalid("function result cannot contain a `borrow` type");
    CHECK_OK(check_outgoing(opts, result));
    if (result->flat.count > kMaxFlatParams && !opts.memory) return required("memory");
    func.params.push_back({"result", result});
  }
  return flatten_functype(func, {}, CanonContext::lower);
}

Result<CoreFuncType> Validator::thread_new_indirect(Scope& scope, const ast::CanonBuiltin& canon) {
  TRY(const CoreTypeEntry entry, at(scope.spaces.core_types, canon.core_func_type, "type"));
  const auto* id = std::get_if<uint32_t>(&entry);
  const CoreFuncType* start = id == nullptr ? nullptr : arena_.core_types().func(*id);
  if (start == nullptr || !(*start == CoreFuncType{{i32}, {}})) {
    return invalid("the start function of a thread must take a single `i32` argument and return nothing");
  }
  TRY(const CoreTableType table, at(scope.spaces.core_tables, canon.table, "table"));
  if (table.limits.is64)
    return std::unexpected(gaps::refuse_saying(gaps::Gap::memory64, "64-bit tables (memory64) are a gated feature"));
  const CoreRefType funcref{.nullable = true, .heap = {.kind = CoreHeapKind::func}};
  if (!arena_.core_types().is_subtype(table.element, funcref)) {
    return invalid("the table of `thread.new-indirect` must have elements of type `funcref`");
  }
  return CoreFuncType{{i32, i32}, {i32}};
}

// The type of a built-in, after checking its immediates.
Result<CoreFuncType> Validator::builtin(Scope& scope, const ast::CanonBuiltin& canon) {
  switch (canon.kind) {
    case Builtin::resource_new:
    case Builtin::resource_rep:
      CHECK_OK(local_resource(scope, canon.type));
      return CoreFuncType{{i32}, {i32}};
    case Builtin::resource_drop:
      CHECK_OK(resource_at(scope, canon.type));
      return CoreFuncType{{i32}, {}};
    case Builtin::backpressure_inc:
    case Builtin::backpressure_dec:
    case Builtin::task_cancel:
      return CoreFuncType{};
    case Builtin::task_return:
      return task_return(scope, canon);
    case Builtin::context_get:
    case Builtin::context_set:
      if (!(canon.core_type == CoreValType(i32))) return invalid("context slots must have type `i32`");
      if (canon.slot >= kContextSlots) return invalid(cat("context slot ", canon.slot, " must be less than 2"));
      return canon.kind == Builtin::context_get ? CoreFuncType{{}, {i32}} : CoreFuncType{{i32}, {}};
    case Builtin::subtask_cancel:
      return CoreFuncType{{i32}, {i32}};
    case Builtin::subtask_drop:
    case Builtin::error_context_drop:
    case Builtin::waitable_set_drop:
    case Builtin::thread_resume_later:
      return CoreFuncType{{i32}, {}};
    case Builtin::stream_new:
      CHECK_OK(stream_element(scope, canon));
      return CoreFuncType{{}, {i64}};
    case Builtin::future_new:
      CHECK_OK(future_element(scope, canon));
      return CoreFuncType{{}, {i64}};
    case Builtin::stream_read:
    case Builtin::stream_write: {
      TRY(const ValueType* element, stream_element(scope, canon));
      CHECK_OK(copy_opts(scope, canon.opts, element, canon.kind == Builtin::stream_read));
      return CoreFuncType{{i32, i32, i32}, {i32}};
    }
    case Builtin::future_read:
    case Builtin::future_write: {
      TRY(const ValueType* element, future_element(scope, canon));
      CHECK_OK(copy_opts(scope, canon.opts, element, canon.kind == Builtin::future_read));
      return CoreFuncType{{i32, i32}, {i32}};
    }
    case Builtin::stream_cancel_read:
    case Builtin::stream_cancel_write:
      CHECK_OK(stream_element(scope, canon));
      return CoreFuncType{{i32}, {i32}};
    case Builtin::future_cancel_read:
    case Builtin::future_cancel_write:
      CHECK_OK(future_element(scope, canon));
      return CoreFuncType{{i32}, {i32}};
    case Builtin::stream_drop_readable:
    case Builtin::stream_drop_writable:
      CHECK_OK(stream_element(scope, canon));
      return CoreFuncType{{i32}, {}};
    case Builtin::future_drop_readable:
    case Builtin::future_drop_writable:
      CHECK_OK(future_element(scope, canon));
      return CoreFuncType{{i32}, {}};
    case Builtin::error_context_new:
    case Builtin::error_context_debug_message: {
      CHECK_OK(canon_opts(scope, canon.opts, false));
      const bool is_new = canon.kind == Builtin::error_context_new;
      if (canon.opts.async) return invalid("cannot specify `async` option on an `error-context` built-in");
      if (!canon.opts.memory) return required("memory");
      if (!is_new && !canon.opts.realloc) return required("realloc");
      return is_new ? CoreFuncType{{i32, i32}, {i32}} : CoreFuncType{{i32, i32}, {}};
    }
    case Builtin::waitable_set_new:
      return CoreFuncType{{}, {i32}};
    case Builtin::waitable_set_wait:
    case Builtin::waitable_set_poll:
      CHECK_OK(memory_at(scope, canon.memory));
      return CoreFuncType{{i32, i32}, {i32}};
    case Builtin::waitable_join:
      return CoreFuncType{{i32, i32}, {}};
    case Builtin::thread_new_indirect:
      return thread_new_indirect(scope, canon);
    case Builtin::thread_index:
    case Builtin::thread_suspend:
    case Builtin::thread_yield:
      return CoreFuncType{{}, {i32}};
    case Builtin::thread_suspend_then_resume:
    case Builtin::thread_yield_then_resume:
    case Builtin::thread_suspend_then_promote:
    case Builtin::thread_yield_then_promote:
      return CoreFuncType{{i32}, {i32}};
  }
  return invalid("unknown built-in");
}

}  // namespace weft::component
