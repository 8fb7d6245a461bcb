// Reads any bytes as a link plan; one that is accepted keeps the rules, and is written and read again unchanged.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "component/plan_bytes.h"
#include "component/plan_format.h"
#include "component/reader.h"

using namespace weft::component;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The checksum would stop nearly every input.
  const auto payload = std::as_bytes(std::span(data, size));
  std::vector<std::byte> serialized;
  for (const char c : plan_format::magic) serialized.push_back(static_cast<std::byte>(c));
  static_assert(plan_version < 0x80);
  serialized.push_back(static_cast<std::byte>(plan_version));
  for (std::uint64_t sum = plan_format::checksum(payload), i = 0; i < 8; ++i) {
    serialized.push_back(static_cast<std::byte>(sum >> (8 * i)));
  }
  serialized.insert(serialized.end(), payload.begin(), payload.end());
  // The plan begins with the size of its component; what that contains is not looked at.
  Reader::State state{std::nullopt, 0};
  constexpr std::uint64_t max_component = 1 << 20;
  const std::uint64_t claimed = Reader(payload, 0, payload.size(), state).u64();
  const auto component = std::make_shared<const std::vector<std::byte>>(std::min(claimed, max_component));
  const auto plan = deserialize_plan(serialized, component);
  if (!plan) return 0;
  if (!check_plan(**plan)) std::abort();
  const auto again = serialize(**plan);
  if (!again) std::abort();
  const auto read = deserialize_plan(*again, component);
  if (!read || serialize(**read).value() != *again) std::abort();
  return 0;
}
