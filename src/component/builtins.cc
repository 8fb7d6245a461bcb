#include "component/builtins.h"

namespace weft::component {
namespace {

using ast::Builtin;
using wasm::CoreType;

CoreType core_type_of(abi::CoreType type) {
  switch (type) {
    case abi::CoreType::i32:
      return CoreType::i32;
    case abi::CoreType::i64:
      return CoreType::i64;
    case abi::CoreType::f32:
      return CoreType::f32;
    case abi::CoreType::f64:
      return CoreType::f64;
  }
  return CoreType::i32;
}

std::vector<CoreType> list_of(const abi::FlatTypes& types) {
  std::vector<CoreType> out;
  for (std::uint32_t i = 0; i < types.count(); ++i) out.push_back(core_type_of(types[i]));
  return out;
}

std::vector<CoreType> list_of(const std::vector<CoreValType>& numbers) {
  std::vector<CoreType> out;
  for (const CoreValType& type : numbers) {
    switch (type.kind) {
      case CoreValKind::i64:
        out.push_back(CoreType::i64);
        break;
      case CoreValKind::f32:
        out.push_back(CoreType::f32);
        break;
      case CoreValKind::f64:
        out.push_back(CoreType::f64);
        break;
      default:
        out.push_back(CoreType::i32);
    }
  }
  return out;
}

// The result's flat values, or where they are in memory.
wasm::FuncType task_return_type(abi::TypeRef result) {
  if (result == nullptr) return {};
  if (result->flat.count() > abi::kMaxFlatParams) return {{CoreType::i32}, {}};
  return {list_of(result->flat), {}};
}

wasm::FuncType core_type_of(const BuiltinTrampoline& builtin) {
  constexpr CoreType i32 = CoreType::i32, i64 = CoreType::i64;
  switch (builtin.kind) {
    case Builtin::backpressure_inc:
    case Builtin::backpressure_dec:
    case Builtin::task_cancel:
      return {};
    case Builtin::task_return:
      return task_return_type(builtin.type);
    case Builtin::context_get:
    case Builtin::waitable_set_new:
    case Builtin::thread_index:
    case Builtin::thread_suspend:
    case Builtin::thread_yield:
      return {{}, {i32}};
    case Builtin::stream_new:
    case Builtin::future_new:
      return {{}, {i64}};
    case Builtin::resource_drop:
    case Builtin::context_set:
    case Builtin::subtask_drop:
    case Builtin::stream_drop_readable:
    case Builtin::stream_drop_writable:
    case Builtin::future_drop_readable:
    case Builtin::future_drop_writable:
    case Builtin::error_context_drop:
    case Builtin::waitable_set_drop:
    case Builtin::thread_resume_later:
      return {{i32}, {}};
    case Builtin::resource_new:
    case Builtin::resource_rep:
    case Builtin::subtask_cancel:
    case Builtin::stream_cancel_read:
    case Builtin::stream_cancel_write:
    case Builtin::future_cancel_read:
    case Builtin::future_cancel_write:
    case Builtin::thread_suspend_then_resume:
    case Builtin::thread_yield_then_resume:
    case Builtin::thread_suspend_then_promote:
    case Builtin::thread_yield_then_promote:
      return {{i32}, {i32}};
    case Builtin::future_read:
    case Builtin::future_write:
    case Builtin::error_context_new:
    case Builtin::waitable_set_wait:
    case Builtin::waitable_set_poll:
    case Builtin::thread_new_indirect:
      return {{i32, i32}, {i32}};
    case Builtin::error_context_debug_message:
    case Builtin::waitable_join:
      return {{i32, i32}, {}};
    case Builtin::stream_read:
    case Builtin::stream_write:
      return {{i32, i32, i32}, {i32}};
  }
  return {};
}

}  // namespace

std::string_view name_of(Builtin kind) {
  switch (kind) {
    case Builtin::resource_new:
      return "resource.new";
    case Builtin::resource_drop:
      return "resource.drop";
    case Builtin::resource_rep:
      return "resource.rep";
    case Builtin::backpressure_inc:
      return "backpressure.inc";
    case Builtin::backpressure_dec:
      return "backpressure.dec";
    case Builtin::task_return:
      return "task.return";
    case Builtin::task_cancel:
      return "task.cancel";
    case Builtin::context_get:
      return "context.get";
    case Builtin::context_set:
      return "context.set";
    case Builtin::subtask_cancel:
      return "subtask.cancel";
    case Builtin::subtask_drop:
      return "subtask.drop";
    case Builtin::stream_new:
      return "stream.new";
    case Builtin::stream_read:
      return "stream.read";
    case Builtin::stream_write:
      return "stream.write";
    case Builtin::stream_cancel_read:
      return "stream.cancel-read";
    case Builtin::stream_cancel_write:
      return "stream.cancel-write";
    case Builtin::stream_drop_readable:
      return "stream.drop-readable";
    case Builtin::stream_drop_writable:
      return "stream.drop-writable";
    case Builtin::future_new:
      return "future.new";
    case Builtin::future_read:
      return "future.read";
    case Builtin::future_write:
      return "future.write";
    case Builtin::future_cancel_read:
      return "future.cancel-read";
    case Builtin::future_cancel_write:
      return "future.cancel-write";
    case Builtin::future_drop_readable:
      return "future.drop-readable";
    case Builtin::future_drop_writable:
      return "future.drop-writable";
    case Builtin::error_context_new:
      return "error-context.new";
    case Builtin::error_context_debug_message:
      return "error-context.debug-message";
    case Builtin::error_context_drop:
      return "error-context.drop";
    case Builtin::waitable_set_new:
      return "waitable-set.new";
    case Builtin::waitable_set_wait:
      return "waitable-set.wait";
    case Builtin::waitable_set_poll:
      return "waitable-set.poll";
    case Builtin::waitable_set_drop:
      return "waitable-set.drop";
    case Builtin::waitable_join:
      return "waitable.join";
    case Builtin::thread_index:
      return "thread.index";
    case Builtin::thread_new_indirect:
      return "thread.new-indirect";
    case Builtin::thread_resume_later:
      return "thread.resume-later";
    case Builtin::thread_suspend:
      return "thread.suspend";
    case Builtin::thread_yield:
      return "thread.yield";
    case Builtin::thread_suspend_then_resume:
      return "thread.suspend-then-resume";
    case Builtin::thread_yield_then_resume:
      return "thread.yield-then-resume";
    case Builtin::thread_suspend_then_promote:
      return "thread.suspend-then-promote";
    case Builtin::thread_yield_then_promote:
      return "thread.yield-then-promote";
  }
  return "";
}

wasm::FuncType core_type_of(const Trampoline& trampoline) {
  if (const auto* builtin = std::get_if<BuiltinTrampoline>(&trampoline)) return core_type_of(*builtin);
  if (const auto* forward = std::get_if<ForwardTrampoline>(&trampoline)) {
    return {list_of(forward->type.params), list_of(forward->type.results)};
  }
  const auto& lower = std::get<LowerTrampoline>(trampoline);
  const abi::CoreSignature& signature = lower.signature();
  return {list_of(signature.params), list_of(signature.results)};
}

}  // namespace weft::component
