// The arguments of a call, from JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <span>

#include "abi/type.h"
#include "abi/value.h"
#include "call/mistake.h"

namespace weft::call {

// All arguments in one JSON value: an object with the parameters' names, in which options may be left out, or an array
// with a value for each. For a function of one parameter any other value is the argument itself; so are an array, and
// an object that is not {its name: …}, where the parameter is one that takes them. REQUIRES: all of them are JSON.
Read<abi::Value> arguments_of(const nlohmann::json& all, const abi::FuncType& type);

// The same with a value for each parameter, in order.
Read<abi::Value> arguments_of(std::span<const nlohmann::json> each, const abi::FuncType& type);

}  // namespace weft::call
