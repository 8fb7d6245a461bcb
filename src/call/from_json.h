// From JSON to values of WIT types; README.md has the mapping.
#pragma once

#include <nlohmann/json.hpp>

#include "abi/type.h"
#include "abi/value.h"
#include "call/mistake.h"

namespace weft::call {

// Bytes of memory that the values made of one JSON value may take.
inline constexpr std::size_t max_value_bytes = std::size_t{256} << 20;

// REQUIRES: is_json(type).
Read<abi::Value> from_json(const nlohmann::json& value, abi::TypeRef type);

// Whether JSON has the values of a type: not handles, streams, futures and error contexts. `type` may be null.
bool is_json(abi::TypeRef type);

// Whether values of the type may be written as a JSON object, or as an array.
bool may_be_object(abi::TypeRef type);
bool may_be_array(abi::TypeRef type);

// A part of a path: ".name", or `["any text"]`.
std::string member(std::string_view name);

}  // namespace weft::call
