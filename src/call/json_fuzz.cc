// Whatever text is read as whatever type, it is refused or is a value that comes back as it was. The first bytes draw
// the type (testing/random.h); in the seeds these are letters and digits, which end where the JSON begins.
#include <cstdlib>

#include "call/from_json.h"
#include "call/json_text.h"
#include "call/testing/random.h"
#include "call/to_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weft;
  call::testing::Choices choices({data, size});
  abi::TypeTable types;
  const abi::TypeRef type = call::testing::draw_type(types, choices);
  const auto rest = choices.rest();
  const auto value = call::read_json({reinterpret_cast<const char*>(rest.data()), rest.size()});
  if (!value) return 0;
  const auto read = call::from_json(*value, type);
  if (!read) {
    if (read.error().text().empty()) std::abort();
    return 0;
  }
  const auto text = call::to_json(*read, type);
  const auto again = call::from_json(call::read_json(text.value()).value(), type);
  if (!(again.value() == *read)) std::abort();
  return 0;
}
