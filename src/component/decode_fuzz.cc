// Fuzz target of the decoder and the validator: any bytes end in a component or an error.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "component/decode.h"
#include "component/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto bytes = std::make_shared<std::vector<std::byte>>(size);
  if (size != 0) std::memcpy(bytes->data(), data, size);
  const auto component = weft::component::decode(std::move(bytes), {.limits = {}, .accept_cancellable = true});
  if (component) (void)weft::component::validate(**component);
  return 0;
}
