#include "wasi/random.h"

#include <algorithm>
#include <optional>
#include <span>

#include "wasi/turn.h"
#include "wasi/wasi.h"

namespace weft::wasi::random {
namespace {

// Made between two turns of the loop: half a millisecond of work.
constexpr std::size_t piece_bytes = 256 << 10;

}  // namespace

std::vector<std::byte> get_bytes(bind::Host host, std::uint64_t len) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(len));
  for (std::span<std::byte> rest = bytes; !rest.empty();) {
    const auto piece = rest.first(std::min(rest.size(), piece_bytes));
    host.context().randomness->fill(piece);
    rest = rest.subspan(piece.size());
    if (!rest.empty()) let_others_run(host);
  }
  return bytes;
}

std::uint64_t get_u64(bind::Host host) {
  std::uint64_t value = 0;
  host.context().randomness->fill(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

std::tuple<std::uint64_t, std::uint64_t> seed(bind::Host host) {
  std::optional<WasiState::Seed>& seed = host.state<WasiState>().insecure_seed();
  if (!seed) {
    const std::uint64_t first = get_u64(host);
    seed.emplace(first, get_u64(host));
  }
  return *seed;
}

}  // namespace weft::wasi::random
