// Configuration: what the manifest has under [component.NAME.variables] and [component.NAME.secrets], as
// wasi:config/store has it.
#pragma once

#include "weft_result.hpp"

namespace weft {
namespace abi {

extern "C" WEFT_IMPORT("wasi:config/store@0.2.0-draft-2024-09-27", "get") void weft_abi_config_get(
    const char* key, std::size_t, void* result);

}  // namespace abi

// Nothing when there is no variable of that name.
inline Result<std::optional<std::string>> config(std::string_view name) {
  abi::Answer answer;
  abi::weft_abi_config_get(name.data(), name.size(), &answer);
  if (answer.is_error) return fail(abi::take(answer.is.error.text));
  if (!answer.is.value.is_some) return std::nullopt;
  return abi::take(answer.is.value.text);
}

}  // namespace weft
