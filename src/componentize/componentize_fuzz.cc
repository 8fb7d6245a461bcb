// Fuzz target of what is made of core modules: any bytes end in an error or in a component that can be decoded, and if
// it is valid, planned.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "component/decode.h"
#include "component/plan_bytes.h"
#include "component/validate.h"
#include "componentize/componentize.h"

using namespace weft;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto bytes = std::make_shared<std::vector<std::byte>>(size);
  if (size != 0) std::memcpy(bytes->data(), data, size);
  if (!component::is_core_module(*bytes)) return 0;
  const auto made = componentize::as_component(bytes, "module");
  if (!made) {
    if (made.error().code() == Errc::internal) std::abort();
    return 0;
  }
  const auto component = component::decode(*made);
  if (!component) {
    // Limits are the component's; everything else is for as_component() to get right.
    if (component.error().code() != Errc::limit) std::abort();
    return 0;
  }
  if (!component::validate(**component)) return 0;
  const auto plan = component::make_plan(**component);
  if (!plan) {
    if (plan.error().code() == Errc::internal) std::abort();
    return 0;
  }
  if (!component::check_plan(**plan)) std::abort();
  return 0;
}
