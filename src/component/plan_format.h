// What writing and reading a link plan share; see plan_bytes.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace weft::component::plan_format {

inline constexpr char magic[8] = {'w', 'e', 'f', 't', 'p', 'l', 'a', 'n'};

// Kinds of trampolines and of steps.
inline constexpr std::uint8_t lower = 0, builtin = 1, forward = 2;
inline constexpr std::uint8_t instantiate_core = 0, extract_memory = 1, extract_func = 2, call_start = 3,
                              extract_table = 4;

// Against damage, not against forgery: FNV-1a.
inline std::uint64_t checksum(std::span<const std::byte> bytes) {
  std::uint64_t sum = 0xcbf2'9ce4'8422'2325;
  for (const std::byte b : bytes) sum = (sum ^ static_cast<std::uint64_t>(b)) * 0x100'0000'01b3;
  return sum;
}

}  // namespace weft::component::plan_format
