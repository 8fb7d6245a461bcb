#include "wasm/testing/wat.h"

#include <cstdio>
#include <cstdlib>

#include "wasm/c_api.h"

namespace weft::wasm::testing {

std::vector<std::byte> wat(std::string_view text) {
  wasm_byte_vec_t out;
  if (wasmtime_error_t* error = wasmtime_wat2wasm(text.data(), text.size(), &out)) {
    std::fprintf(stderr, "%s\n", take_error(Errc::invalid, error).message().c_str());
    std::abort();
  }
  const auto* begin = reinterpret_cast<const std::byte*>(out.data);
  std::vector<std::byte> bytes(begin, begin + out.size);
  wasm_byte_vec_delete(&out);
  return bytes;
}

}  // namespace weft::wasm::testing
