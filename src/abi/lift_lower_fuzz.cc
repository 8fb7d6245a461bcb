// libFuzzer: the properties of testing/property.h. Run with AddressSanitizer.
#include <cstddef>
#include <cstdint>

#include "abi/testing/property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weft::abi::testing::check_lift_lower({data, size});
  return 0;
}
