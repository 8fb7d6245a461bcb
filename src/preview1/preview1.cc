#include "preview1/preview1.h"

#include "preview1/functions.h"

namespace weft::preview1 {

void add_to_registry(bind::Registry& registry) {
  bind::Interface& interface = registry.interface(interface_name);
  add_process(interface);
  add_streams(interface);
  add_descriptors(interface);
  add_paths(interface);
  add_poll(interface);
}

}  // namespace weft::preview1
