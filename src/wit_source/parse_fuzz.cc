// Whatever bytes a file of WIT has, it is a tree or an error with a line.
#include <cstdlib>

#include "wit_source/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = weft::wit_source::parse({reinterpret_cast<const char*>(data), size}, 0);
  if (!parts && !parts.error().message().starts_with("line ")) std::abort();
  return 0;
}
