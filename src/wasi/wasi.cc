#include "wasi/wasi.h"

#include "wasi/p2.h"

namespace weft::wasi {

void add_to_registry(bind::Registry& registry) {
  p2::add_io(registry);
  p2::add_clocks(registry);
  p2::add_random(registry);
  p2::add_cli(registry);
  p2::add_filesystem(registry);
}

}  // namespace weft::wasi
