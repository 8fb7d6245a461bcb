// WebAssembly text to binary, for tests.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace weft::wasm::testing {

// Aborts the test program when the text does not parse.
std::vector<std::byte> wat(std::string_view text);

}  // namespace weft::wasm::testing
