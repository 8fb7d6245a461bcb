// Fuzz target of the decoder, the validator and the planner, of components and of compositions: any bytes end in a plan
// that keeps its rules or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "component/composition.h"
#include "component/decode.h"
#include "component/plan_bytes.h"
#include "component/validate.h"

using namespace weft;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto bytes = std::make_shared<std::vector<std::byte>>(size);
  if (size != 0) std::memcpy(bytes->data(), data, size);
  const auto component = component::decode(std::move(bytes), {.limits = {}, .accept_cancellable = true});
  if (!component) return 0;
  const auto composition = component::read_composition(**component);
  if (!composition || !component::validate(**component, *composition)) return 0;
  const auto plan = component::make_plan(**component, *composition);
  // What validated can be planned, unless it is too large or wants more of the host than there is.
  if (!plan) {
    if (plan.error().code() == Errc::internal) std::abort();
    return 0;
  }
  if (!component::check_plan(**plan)) std::abort();
  const auto serialized = component::serialize(**plan);
  if (!serialized) return 0;
  const auto read = component::deserialize_plan(*serialized, (*plan)->bytes);
  if (!read || component::serialize(**read).value() != *serialized) std::abort();
  return 0;
}
