// The core modules that a component needs besides the one that it is made of: in the forms that component/bypass.h
// knows, so that nothing of them is left when it runs.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "component/core_types.h"

namespace weft::componentize {

// A shim has a function for each type, "0", "1" and so on, which calls an element of its table "$imports"; a fix-up
// imports such functions and that table from "", and writes them there.
std::vector<std::byte> shim_module(std::span<const component::CoreFuncType> types);
std::vector<std::byte> fixup_module(std::span<const component::CoreFuncType> types);
inline constexpr const char* shim_table = "$imports";

// Calls the function "" "start" when it is instantiated.
std::vector<std::byte> start_module();
// Exports "run", which calls "" "start" and returns 0: that wasi:cli/run succeeded.
std::vector<std::byte> run_module();

// Whether a function has numbers for parameters and results only, as those between components have.
bool is_of_numbers(const component::CoreFuncType& type);

}  // namespace weft::componentize
