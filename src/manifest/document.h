// TOML text → Value tree. The only place that knows the TOML library.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "manifest/value.h"

namespace weft::manifest {

struct SyntaxError {
  Location at;
  std::string message;
};

// The root table. Fails on invalid TOML or UTF-8 and above max_nesting or max_keys (load.h), which are checked on the
// text, before the library builds anything of that size or depth.
std::expected<Value, SyntaxError> parse_document(std::string_view text);

}  // namespace weft::manifest
