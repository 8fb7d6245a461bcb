// The component binary decoder (Binary.md): bytes to abstract syntax, no type checking.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "component/ast.h"
#include "util/error.h"

namespace weft::component {

// What a component file may make the decoder build. The input is hostile; every limit gives Errc::limit.
struct DecodeLimits {
  // The whole binary. The largest real components (language runtimes with their libraries) are below 200 MB.
  size_t max_bytes = size_t{256} << 20;
  // One core module; the engine compiles it in memory.
  size_t max_module_bytes = size_t{256} << 20;
  // Nested components and component, instance and module types, counted together: bounds the native stack.
  uint32_t max_nesting = 100;
  // Definitions, declarators and the entries of their lists, in the whole binary: bounds memory, since an entry of
  // a few bytes becomes a struct of about a hundred.
  uint32_t max_items = 4'000'000;
};

struct DecodeOptions {
  DecodeLimits limits;
  // The `cancellable` immediate of the wait, poll, yield and suspend built-ins was withdrawn from the specification:
  // its byte is reserved and must be 0. True accepts 1 too, as older scripts write it; it has no meaning.
  bool accept_cancellable = false;
};

// Whether bytes begin as a core module does, of version 1.
bool is_core_module(std::span<const std::byte> bytes);

// Decodes one component; the result shares `bytes`. Errc::invalid for a malformed binary, Errc::unsupported for
// a well-known encoding whose feature weft gates off (values, memory64, version suffixes, shared threads),
// Errc::limit for a limit. Messages start with "offset 0x…: ".
Result<std::shared_ptr<const ast::Component>> decode(ast::Bytes bytes, const DecodeOptions& options = {});

}  // namespace weft::component
