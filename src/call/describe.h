// What can be called, said to programs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "call/functions.h"

namespace weft::call {

// {"function": "weft:values/echo@1.2.0#users", "wit": "func(user: user) -> user",
//  "params": [{"name": "user", "type": "record { … }"}], "result": "record { … }"}; "refused" with the reason if it
// cannot be called. `signature`: its type with the names of types.
nlohmann::ordered_json described(const Function& function, const std::string& signature);

}  // namespace weft::call
