#include "wast/mutation.h"

#include "wast/definition.h"

namespace weft::wast {
namespace {

constexpr std::size_t preamble_size = 8;

}  // namespace

std::vector<std::byte> Mutation::binary(std::vector<std::byte> bytes) {
  Encoder encoder(names_, random_);
  if (is_core_module(bytes)) return encoder.core_module(bytes);
  if (const auto decoded = decode(bytes)) {
    return encoder.component(**decoded);
  }
  if (!is_component(bytes)) return bytes;
  const auto custom = encoder.custom_section();
  bytes.insert(bytes.begin() + preamble_size, custom.begin(), custom.end());
  return bytes;
}

}  // namespace weft::wast
