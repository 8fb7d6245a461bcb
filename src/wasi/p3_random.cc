// wasi:random 0.3: random, insecure, insecure-seed.
#include <algorithm>

#include "wasi/p3.h"
#include "wasi/random.h"

namespace weft::wasi {
namespace {

// As many as may be in one call; the guest asks again for the rest.
std::vector<std::byte> get_bytes(bind::Host host, std::uint64_t max_len) {
  return random::get_bytes(host, std::min(max_len, random::max_bytes));
}

}  // namespace

void p3::add_random(bind::Registry& registry, std::string_view version) {
  registry.interface("wasi:random/random@" + std::string(version))
      .func<&get_bytes>("get-random-bytes")
      .func<&random::get_u64>("get-random-u64");
  registry.interface("wasi:random/insecure@" + std::string(version))
      .func<&get_bytes>("get-insecure-random-bytes")
      .func<&random::get_u64>("get-insecure-random-u64");
  registry.interface("wasi:random/insecure-seed@" + std::string(version)).func<&random::seed>("get-insecure-seed");
}

}  // namespace weft::wasi
