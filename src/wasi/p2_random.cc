// wasi:random 0.2: random, insecure, insecure-seed.
#include <algorithm>

#include "wasi/p2.h"
#include "wasi/turn.h"

namespace weft::wasi {
namespace {

using bind::Host;

// Bytes of one call: the guest chooses the length, the host allocates.
constexpr std::uint64_t max_random_bytes = 64 << 20;
// Made between two turns of the loop: half a millisecond of work.
constexpr std::size_t piece_bytes = 256 << 10;

std::vector<std::byte> get_bytes(Host host, std::uint64_t len) {
  if (len > max_random_bytes) throw abi::Trap("more than 64 MiB of random bytes in one call");
  std::vector<std::byte> bytes(static_cast<std::size_t>(len));
  for (std::span<std::byte> rest = bytes; !rest.empty();) {
    const auto piece = rest.first(std::min(rest.size(), piece_bytes));
    host.context().randomness->fill(piece);
    rest = rest.subspan(piece.size());
    if (!rest.empty()) let_others_run(host);
  }
  return bytes;
}

std::uint64_t get_u64(Host host) {
  std::uint64_t value = 0;
  host.context().randomness->fill(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

std::tuple<std::uint64_t, std::uint64_t> insecure_seed(Host host) {
  const std::uint64_t first = get_u64(host);
  return {first, get_u64(host)};
}

}  // namespace

void p2::add_random(bind::Registry& registry) {
  registry.interface("wasi:random/random@0.2.0").func<&get_bytes>("get-random-bytes").func<&get_u64>("get-random-u64");
  registry.interface("wasi:random/insecure@0.2.0")
      .func<&get_bytes>("get-insecure-random-bytes")
      .func<&get_u64>("get-insecure-random-u64");
  registry.interface("wasi:random/insecure-seed@0.2.0").func<&insecure_seed>("insecure-seed");
}

}  // namespace weft::wasi
