// A decoded component: the abstract syntax of the component binary format (Binary.md), with the specification's names.
//
// Plain values, immutable after decode(). Indices are as written in the binary: only validate() (validate.h) makes
// sure that they are in bounds and well-typed. Definitions stand in binary order, because index spaces are built
// incrementally: the n-th definition of a sort counts from the start of the vector (imports, aliases and exports
// add to index spaces too). Offsets count bytes from the start of the outermost binary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "component/ast_types.h"

namespace weft::component::ast {

struct Component;

using Bytes = std::shared_ptr<const std::vector<std::byte>>;

struct ByteRange {
  size_t offset = 0;
  size_t size = 0;
};

struct CustomSection {
  std::string name;
  ByteRange data;  // after the name
};

// A core module, header included; give bytes_of(component, range) to the engine.
struct CoreModule {
  ByteRange range;
};

struct CoreInstantiateArg {
  std::string name;
  uint32_t instance = 0;
};

struct CoreInstantiate {
  uint32_t module = 0;
  std::vector<CoreInstantiateArg> args;
};

struct CoreInlineExport {
  std::string name;
  SortIdx item;
};

struct CoreInstance {
  std::variant<CoreInstantiate, std::vector<CoreInlineExport>> expr;
};

struct InstantiateArg {
  std::string name;
  SortIdx item;
};

struct Instantiate {
  uint32_t component = 0;
  std::vector<InstantiateArg> args;
};

struct InlineExport {
  ExternName name;
  SortIdx item;
};

struct Instance {
  std::variant<Instantiate, std::vector<InlineExport>> expr;
};

enum class StringEncoding : uint8_t { utf8, utf16, latin1_utf16 };

// canonopt*; a repeated option is refused by decode(), a conflicting one by validate().
struct CanonOpts {
  std::optional<StringEncoding> string_encoding;  // absent: utf8
  std::optional<uint32_t> memory;
  std::optional<uint32_t> realloc;
  std::optional<uint32_t> post_return;
  bool async = false;
  std::optional<uint32_t> callback;
};

struct CanonLift {
  uint32_t core_func = 0;
  CanonOpts opts;
  uint32_t type = 0;
};

struct CanonLower {
  uint32_t func = 0;
  CanonOpts opts;
};

// Canonical built-ins (CanonicalABI.md "Canonical Definitions"); the immediates each has are noted.
enum class Builtin : uint8_t {
  resource_new,
  resource_drop,
  resource_rep,  // type
  backpressure_inc,
  backpressure_dec,
  task_return,  // result, opts
  task_cancel,
  context_get,
  context_set,     // core_type, slot
  subtask_cancel,  // async
  subtask_drop,
  stream_new,  // type
  stream_read,
  stream_write,  // type, opts
  stream_cancel_read,
  stream_cancel_write,  // type, async
  stream_drop_readable,
  stream_drop_writable,  // type
  future_new,
  future_read,
  future_write,
  future_cancel_read,
  future_cancel_write,  // as for streams
  future_drop_readable,
  future_drop_writable,
  error_context_new,
  error_context_debug_message,  // opts
  error_context_drop,
  waitable_set_new,
  waitable_set_wait,
  waitable_set_poll,  // memory
  waitable_set_drop,
  waitable_join,
  thread_index,
  thread_new_indirect,  // core_func_type, table
  thread_resume_later,
  thread_suspend,
  thread_yield,
  thread_suspend_then_resume,
  thread_yield_then_resume,
  thread_suspend_then_promote,
  thread_yield_then_promote
};

// A canon definition of any built-in. Adds one core function.
struct CanonBuiltin {
  Builtin kind = Builtin::resource_new;
  uint32_t type = 0;  // typeidx of the resource, stream or future
  CanonOpts opts;
  bool async = false;
  bool cancellable = false;       // reserved: set only if DecodeOptions::accept_cancellable
  std::optional<ValType> result;  // task.return
  CoreValType core_type;          // context.get, context.set
  uint32_t slot = 0;              // context.get, context.set
  uint32_t memory = 0;            // core:memoryidx
  uint32_t core_func_type = 0;    // core:typeidx
  uint32_t table = 0;             // core:tableidx
};

struct Import {
  ExternName name;
  ExternDesc type;
};

struct Export {
  ExternName name;
  SortIdx item;
  std::optional<ExternDesc> type;
};

using NestedComponent = std::shared_ptr<const Component>;

struct Definition {
  size_t offset = 0;
  std::variant<CustomSection, CoreModule, CoreInstance, CoreType, NestedComponent, Instance, Alias, Type, CanonLift,
               CanonLower, CanonBuiltin, Import, Export>
      def;
};

struct Component {
  Bytes bytes;      // the outermost binary, shared by every nested component
  ByteRange range;  // of this component, preamble included
  std::vector<Definition> definitions;
};

// The bytes of a range, valid while `component` (or its `bytes`) lives.
inline std::span<const std::byte> bytes_of(const Component& component, ByteRange range) {
  return std::span(*component.bytes).subspan(range.offset, range.size);
}

}  // namespace weft::component::ast

namespace weft::component {
using ast::Component;
}
