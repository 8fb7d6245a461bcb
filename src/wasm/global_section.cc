#include "wasm/global_section.h"

#include <algorithm>
#include <cstdint>

#include "wasm/core_syntax.h"

namespace weft::wasm {
namespace {

constexpr std::byte i32_const{0x41};
constexpr std::byte i64_const{0x42};
constexpr std::size_t longest_i32 = 5;  // bytes of LEB128
constexpr std::size_t longest_i64 = 10;

// To behind the `end` of a constant expression; !ok where it holds an instruction that is not known here.
void skip_constant(CoreReader& reader) {
  while (reader.ok()) {
    switch (reader.byte()) {
      case 0x0b:  // end
        return;
      case 0x23:  // global.get
      case 0xd2:  // ref.func
        reader.leb();
        break;
      case 0x41:  // i32.const
      case 0x42:  // i64.const
      case 0xd0:  // ref.null
        reader.signed_leb();
        break;
      case 0x43:  // f32.const
        reader.bytes(4);
        break;
      case 0x44:  // f64.const
        reader.bytes(8);
        break;
      case 0x6a:  // i32.add, sub, mul
      case 0x6b:
      case 0x6c:
      case 0x7c:  // i64.add, sub, mul
      case 0x7d:
      case 0x7e:
        break;
      case 0xfd:
        if (reader.leb() != 12) reader.stop();  // v128.const
        reader.bytes(16);
        break;
      default:
        reader.stop();
    }
  }
}

}  // namespace

std::optional<std::vector<DefinedGlobal>> read_globals(std::span<const std::byte> section) {
  CoreReader reader(section);
  std::vector<DefinedGlobal> globals;
  for (std::uint64_t count = reader.leb(); count > 0 && reader.ok(); --count) {
    skip_value_type(reader);
    const std::uint8_t flags = reader.byte();
    if (flags > 1) reader.stop();
    const std::size_t begin = reader.position();
    skip_constant(reader);
    globals.push_back({flags == 1, section.subspan(begin, reader.position() - begin)});
  }
  if (!reader.ok() || !reader.at_end()) return std::nullopt;
  return globals;
}

std::vector<std::span<const std::byte>> constants_of(std::span<const DefinedGlobal> globals) {
  std::vector<std::span<const std::byte>> constants;
  for (const DefinedGlobal& global : globals) {
    const std::byte instruction = global.expression.front();
    if (instruction != i32_const && instruction != i64_const) continue;
    const auto rest = global.expression.subspan(1);
    const auto last = std::ranges::find_if(rest, [](std::byte b) { return (b & std::byte{0x80}) == std::byte{0}; });
    const auto size = static_cast<std::size_t>(last - rest.begin()) + 1;
    // One too long is for the engine to refuse, as it is.
    if (size > (instruction == i32_const ? longest_i32 : longest_i64)) return {};
    if (size + 1 == rest.size()) constants.push_back(rest.first(size));
  }
  return constants;
}

}  // namespace weft::wasm
