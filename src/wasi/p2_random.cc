// wasi:random 0.2: random, insecure, insecure-seed.
#include "wasi/p2.h"

namespace weft::wasi {
namespace {

using bind::Host;

// Bytes of one call: the guest chooses the length, the host allocates.
constexpr std::uint64_t max_random_bytes = 64 << 20;

std::vector<std::byte> get_bytes(Host host, std::uint64_t len) {
  if (len > max_random_bytes) throw abi::Trap("more than 64 MiB of random bytes in one call");
  std::vector<std::byte> bytes(static_cast<std::size_t>(len));
  host.context().randomness->fill(bytes);
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
