#include "spin/registry.h"

#include "spin/http.h"
#include "spin/variables.h"

namespace weft::spin {

void add_to_registry(bind::Registry& registry) {
  add_http(registry);
  add_variables(registry);
}

}  // namespace weft::spin
