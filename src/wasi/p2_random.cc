// wasi:random 0.2: random, insecure, insecure-seed.
#include "abi/trap.h"
#include "wasi/p2.h"
#include "wasi/random.h"

namespace weft::wasi {
namespace {

std::vector<std::byte> get_bytes(bind::Host host, std::uint64_t len) {
  if (len > random::max_bytes) throw abi::Trap("more than 64 MiB of random bytes in one call");
  return random::get_bytes(host, len);
}

}  // namespace

void p2::add_random(bind::Registry& registry, std::string_view version) {
  registry.interface(versioned("wasi:random/random", version))
      .func<&get_bytes>("get-random-bytes")
      .func<&random::get_u64>("get-random-u64");
  registry.interface(versioned("wasi:random/insecure", version))
      .func<&get_bytes>("get-insecure-random-bytes")
      .func<&random::get_u64>("get-insecure-random-u64");
  registry.interface(versioned("wasi:random/insecure-seed", version)).func<&random::seed>("insecure-seed");
}

}  // namespace weft::wasi
