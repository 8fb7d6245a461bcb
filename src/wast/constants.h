// Constants of scripts: arguments, and the results that an assertion expects.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "abi/core_value.h"
#include "abi/type.h"
#include "abi/value.h"
#include "util/error.h"
#include "wasm/handles.h"

namespace weft::wast {

// The component value that `constant` writes. Errc::invalid if it is not one of `type`.
Result<abi::Value> component_value(const nlohmann::json& constant, abi::TypeRef type);

// The core value that `constant` writes. Errc::invalid if it is not one of `type`, Errc::unsupported for references
// and vectors.
Result<abi::CoreValue> core_value(const nlohmann::json& constant, wasm::CoreType type);

// Whether `value` is what `constant` expects, which may be a class of NaNs. Errors as core_value.
Result<bool> core_matches(const nlohmann::json& constant, wasm::CoreType type, const abi::CoreValue& value);

std::string to_string(const abi::CoreValue& value, wasm::CoreType type);

}  // namespace weft::wast
