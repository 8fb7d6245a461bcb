// Decoding of canonical definitions (Binary.md "Canonical Definitions").
#include "component/decoder.h"

namespace weft::component {
namespace {

using namespace ast;

std::optional<Builtin> builtin(uint8_t opcode) {
  switch (opcode) {
    case 0x02:
      return Builtin::resource_new;
    case 0x03:
      return Builtin::resource_drop;
    case 0x04:
      return Builtin::resource_rep;
    case 0x05:
      return Builtin::task_cancel;
    case 0x06:
      return Builtin::subtask_cancel;
    case 0x09:
      return Builtin::task_return;
    case 0x0a:
      return Builtin::context_get;
    case 0x0b:
      return Builtin::context_set;
    case 0x0c:
      return Builtin::thread_yield;
    case 0x0d:
      return Builtin::subtask_drop;
    case 0x0e:
      return Builtin::stream_new;
    case 0x0f:
      return Builtin::stream_read;
    case 0x10:
      return Builtin::stream_write;
    case 0x11:
      return Builtin::stream_cancel_read;
    case 0x12:
      return Builtin::stream_cancel_write;
    case 0x13:
      return Builtin::stream_drop_readable;
    case 0x14:
      return Builtin::stream_drop_writable;
    case 0x15:
      return Builtin::future_new;
    case 0x16:
      return Builtin::future_read;
    case 0x17:
      return Builtin::future_write;
    case 0x18:
      return Builtin::future_cancel_read;
    case 0x19:
      return Builtin::future_cancel_write;
    case 0x1a:
      return Builtin::future_drop_readable;
    case 0x1b:
      return Builtin::future_drop_writable;
    case 0x1c:
      return Builtin::error_context_new;
    case 0x1d:
      return Builtin::error_context_debug_message;
    case 0x1e:
      return Builtin::error_context_drop;
    case 0x1f:
      return Builtin::waitable_set_new;
    case 0x20:
      return Builtin::waitable_set_wait;
    case 0x21:
      return Builtin::waitable_set_poll;
    case 0x22:
      return Builtin::waitable_set_drop;
    case 0x23:
      return Builtin::waitable_join;
    case 0x24:
      return Builtin::backpressure_inc;
    case 0x25:
      return Builtin::backpressure_dec;
    case 0x26:
      return Builtin::thread_index;
    case 0x27:
      return Builtin::thread_new_indirect;
    case 0x28:
      return Builtin::thread_resume_later;
    case 0x29:
      return Builtin::thread_suspend;
    case 0x2a:
      return Builtin::thread_suspend_then_resume;
    case 0x2b:
      return Builtin::thread_yield_then_resume;
    case 0x2c:
      return Builtin::thread_suspend_then_promote;
    case 0x2d:
      return Builtin::thread_yield_then_promote;
    default:
      return std::nullopt;
  }
}

std::string_view name_of(StringEncoding encoding) {
  switch (encoding) {
    case StringEncoding::utf8:
      return "utf8";
    case StringEncoding::utf16:
      return "utf16";
    default:
      return "latin1-utf16";
  }
}

}  // namespace

void Decoder::read_canon(Reader& r, Component& component) {
  const size_t offset = r.offset();
  const uint8_t opcode = r.byte();
  if (!r.ok()) return;
  const auto add = [&](auto canon) { component.definitions.push_back({offset, std::move(canon)}); };
  switch (opcode) {
    case 0x00: {
      r.expect(0x00, "canonical function lift");
      CanonLift lift;
      lift.core_func = r.u32();
      lift.opts = read_canon_opts(r);
      lift.type = r.u32();
      return add(std::move(lift));
    }
    case 0x01: {
      r.expect(0x00, "canonical function lower");
      CanonLower lower;
      lower.func = r.u32();
      lower.opts = read_canon_opts(r);
      return add(std::move(lower));
    }
    case 0x40:
    case 0x41:
    case 0x42:
      return gated(r, gaps::Gap::shared_everything_threads,
                   "thread.spawn and available-parallelism (shared-everything threads)");
    default:
      return add(read_builtin(r, opcode));
  }
}

CanonOpts Decoder::read_canon_opts(Reader& r) {
  CanonOpts opts;
  const auto once = [&](std::optional<uint32_t>& option, std::string_view name) {
    if (option) r.fail(cat("canonical option `", name, "` is specified more than once"));
    option = r.u32();
  };
  const uint32_t n = r.u32();
  for (uint32_t i = 0; i < n && r.ok(); ++i) {
    const uint8_t b = r.byte();
    if (!r.ok()) break;
    switch (b) {
      case 0x00:
      case 0x01:
      case 0x02: {
        const auto encoding = static_cast<StringEncoding>(b);
        if (opts.string_encoding) {
          r.fail(cat("canonical encoding option `", name_of(*opts.string_encoding), "` conflicts with option `",
                     name_of(encoding), "`"));
        }
        opts.string_encoding = encoding;
        break;
      }
      case 0x03:
        once(opts.memory, "memory");
        break;
      case 0x04:
        once(opts.realloc, "realloc");
        break;
      case 0x05:
        once(opts.post_return, "post-return");
        break;
      case 0x06:
        if (opts.async) r.fail("canonical option `async` is specified more than once");
        opts.async = true;
        break;
      case 0x07:
        once(opts.callback, "callback");
        break;
      default:
        r.bad_byte(b, "canonical option");
    }
  }
  return opts;
}

bool Decoder::read_bool(Reader& r) {
  const uint8_t b = r.byte();
  if (r.ok() && b > 1) r.fail_at(r.offset() - 1, "invalid boolean value");
  return b == 1;
}

bool Decoder::read_cancellable(Reader& r) {
  const bool value = read_bool(r);
  if (r.ok() && value && !options_.accept_cancellable) {
    r.fail_at(r.offset() - 1, "non-zero reserved byte: the `cancellable` option was withdrawn");
  }
  return value;
}

CanonBuiltin Decoder::read_builtin(Reader& r, uint8_t opcode) {
  CanonBuiltin canon;
  const auto kind = builtin(opcode);
  if (!kind) {
    r.bad_byte(opcode, "canonical function");
    return canon;
  }
  canon.kind = *kind;
  switch (*kind) {
    case Builtin::resource_new:
    case Builtin::resource_drop:
    case Builtin::resource_rep:
    case Builtin::stream_new:
    case Builtin::stream_drop_readable:
    case Builtin::stream_drop_writable:
    case Builtin::future_new:
    case Builtin::future_drop_readable:
    case Builtin::future_drop_writable:
      canon.type = r.u32();
      break;
    case Builtin::stream_read:
    case Builtin::stream_write:
    case Builtin::future_read:
    case Builtin::future_write:
      canon.type = r.u32();
      canon.opts = read_canon_opts(r);
      break;
    case Builtin::stream_cancel_read:
    case Builtin::stream_cancel_write:
    case Builtin::future_cancel_read:
    case Builtin::future_cancel_write:
      canon.type = r.u32();
      canon.async = read_bool(r);
      break;
    case Builtin::subtask_cancel:
      canon.async = read_bool(r);
      break;
    case Builtin::task_return:
      canon.result = read_result_list(r);
      canon.opts = read_canon_opts(r);
      break;
    case Builtin::context_get:
    case Builtin::context_set:
      canon.core_type = read_core_valtype(r);
      canon.slot = r.u32();
      if (r.ok() && canon.core_type == CoreValType(CoreValKind::i64))
        gated(r, gaps::Gap::memory64, "i64 context slots (memory64)");
      break;
    case Builtin::error_context_new:
    case Builtin::error_context_debug_message:
      canon.opts = read_canon_opts(r);
      break;
    case Builtin::waitable_set_wait:
    case Builtin::waitable_set_poll:
      canon.cancellable = read_cancellable(r);
      canon.memory = r.u32();
      break;
    case Builtin::thread_new_indirect:
      canon.core_func_type = r.u32();
      canon.table = r.u32();
      break;
    case Builtin::thread_suspend:
    case Builtin::thread_yield:
    case Builtin::thread_suspend_then_resume:
    case Builtin::thread_yield_then_resume:
    case Builtin::thread_suspend_then_promote:
    case Builtin::thread_yield_then_promote:
      canon.cancellable = read_cancellable(r);
      break;
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
      break;
  }
  return canon;
}

}  // namespace weft::component
