// Canonical definitions (Binary.md "Canonical Definitions").
#include "wast/encoder.h"

namespace weft::wast {
namespace {

namespace ast = component::ast;
using ast::Builtin;

std::uint8_t opcode(Builtin kind) {
  switch (kind) {
    case Builtin::resource_new:
      return 0x02;
    case Builtin::resource_drop:
      return 0x03;
    case Builtin::resource_rep:
      return 0x04;
    case Builtin::task_cancel:
      return 0x05;
    case Builtin::subtask_cancel:
      return 0x06;
    case Builtin::task_return:
      return 0x09;
    case Builtin::context_get:
      return 0x0a;
    case Builtin::context_set:
      return 0x0b;
    case Builtin::thread_yield:
      return 0x0c;
    case Builtin::subtask_drop:
      return 0x0d;
    case Builtin::stream_new:
      return 0x0e;
    case Builtin::stream_read:
      return 0x0f;
    case Builtin::stream_write:
      return 0x10;
    case Builtin::stream_cancel_read:
      return 0x11;
    case Builtin::stream_cancel_write:
      return 0x12;
    case Builtin::stream_drop_readable:
      return 0x13;
    case Builtin::stream_drop_writable:
      return 0x14;
    case Builtin::future_new:
      return 0x15;
    case Builtin::future_read:
      return 0x16;
    case Builtin::future_write:
      return 0x17;
    case Builtin::future_cancel_read:
      return 0x18;
    case Builtin::future_cancel_write:
      return 0x19;
    case Builtin::future_drop_readable:
      return 0x1a;
    case Builtin::future_drop_writable:
      return 0x1b;
    case Builtin::error_context_new:
      return 0x1c;
    case Builtin::error_context_debug_message:
      return 0x1d;
    case Builtin::error_context_drop:
      return 0x1e;
    case Builtin::waitable_set_new:
      return 0x1f;
    case Builtin::waitable_set_wait:
      return 0x20;
    case Builtin::waitable_set_poll:
      return 0x21;
    case Builtin::waitable_set_drop:
      return 0x22;
    case Builtin::waitable_join:
      return 0x23;
    case Builtin::backpressure_inc:
      return 0x24;
    case Builtin::backpressure_dec:
      return 0x25;
    case Builtin::thread_index:
      return 0x26;
    case Builtin::thread_new_indirect:
      return 0x27;
    case Builtin::thread_resume_later:
      return 0x28;
    case Builtin::thread_suspend:
      return 0x29;
    case Builtin::thread_suspend_then_resume:
      return 0x2a;
    case Builtin::thread_yield_then_resume:
      return 0x2b;
    case Builtin::thread_suspend_then_promote:
      return 0x2c;
    case Builtin::thread_yield_then_promote:
      return 0x2d;
  }
  return 0xff;
}

}  // namespace

void Encoder::lift(ByteWriter& w, const ast::CanonLift& def) {
  w.byte(0x00);
  w.byte(0x00);
  w.u32(def.core_func);
  canon_opts(w, def.opts);
  w.u32(def.type);
}

void Encoder::lower(ByteWriter& w, const ast::CanonLower& def) {
  w.byte(0x01);
  w.byte(0x00);
  w.u32(def.func);
  canon_opts(w, def.opts);
}

void Encoder::canon_opts(ByteWriter& w, const ast::CanonOpts& opts) {
  ByteWriter content;
  std::uint32_t count = 0;
  const auto option = [&](std::uint8_t code, const Opt<std::uint32_t>& index) {
    if (!index) return;
    ++count;
    content.byte(code);
    content.u32(*index);
  };
  const auto flag = [&](std::uint8_t code) {
    ++count;
    content.byte(code);
  };
  if (opts.string_encoding) flag(static_cast<std::uint8_t>(*opts.string_encoding));
  option(0x03, opts.memory);
  option(0x04, opts.realloc);
  option(0x05, opts.post_return);
  if (opts.async) flag(0x06);
  option(0x07, opts.callback);
  w.u32(count);
  w.raw(content.bytes());
}

void Encoder::builtin(ByteWriter& w, const ast::CanonBuiltin& def) {
  w.byte(opcode(def.kind));
  switch (def.kind) {
    case Builtin::resource_new:
    case Builtin::resource_drop:
    case Builtin::resource_rep:
    case Builtin::stream_new:
    case Builtin::stream_drop_readable:
    case Builtin::stream_drop_writable:
    case Builtin::future_new:
    case Builtin::future_drop_readable:
    case Builtin::future_drop_writable:
      return w.u32(def.type);
    case Builtin::stream_read:
    case Builtin::stream_write:
    case Builtin::future_read:
    case Builtin::future_write:
      w.u32(def.type);
      return canon_opts(w, def.opts);
    case Builtin::stream_cancel_read:
    case Builtin::stream_cancel_write:
    case Builtin::future_cancel_read:
    case Builtin::future_cancel_write:
      w.u32(def.type);
      return w.byte(def.async ? 1 : 0);
    case Builtin::subtask_cancel:
      return w.byte(def.async ? 1 : 0);
    case Builtin::task_return:
      result_list(w, def.result);
      return canon_opts(w, def.opts);
    case Builtin::context_get:
    case Builtin::context_set:
      write_core_valtype(w, def.core_type);
      return w.u32(def.slot);
    case Builtin::error_context_new:
    case Builtin::error_context_debug_message:
      return canon_opts(w, def.opts);
    case Builtin::waitable_set_wait:
    case Builtin::waitable_set_poll:
      w.byte(def.cancellable ? 1 : 0);
      return w.u32(def.memory);
    case Builtin::thread_new_indirect:
      w.u32(def.core_func_type);
      return w.u32(def.table);
    case Builtin::thread_suspend:
    case Builtin::thread_yield:
    case Builtin::thread_suspend_then_resume:
    case Builtin::thread_yield_then_resume:
    case Builtin::thread_suspend_then_promote:
    case Builtin::thread_yield_then_promote:
      return w.byte(def.cancellable ? 1 : 0);
    case Builtin::backpressure_inc:
    case Builtin::backpressure_dec:
    case Builtin::task_cancel:
    case Builtin::subtask_drop:
    case Builtin::error_context_drop:
    case Builtin::waitable_set_new:
    case Builtin::waitable_set_drop:
    case Builtin::waitable_join:
    case Builtin::thread_index:
    case Builtin::thread_resume_later:
      return;
  }
}

}  // namespace weft::wast
