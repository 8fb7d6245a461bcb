// What a component calls in place of a function of the host that it is denied (composition.h).
#pragma once

#include <optional>
#include <string_view>

#include "abi/core_value.h"
#include "abi/type.h"
#include "abi/value.h"

namespace weft::component {

class HostCall;

// The result that says no: the error that the function's type has for it, with `interface` or `subject` (what the
// caller named, if it is text) where it carries text; an empty list; none. nullopt: its type has nothing of the kind.
std::optional<abi::Value> denied_result(const abi::FuncType& type, std::string_view interface,
                                        std::string_view subject);

// [fiber] A HostBinding of every function whose HostFunc::denial says why. Logs and counts the denial; what was handed
// over is dropped. Throws abi::Trap if there is no result that says no.
void deny_call(const void* env, HostCall& call, abi::CoreValue* values);

}  // namespace weft::component
