#include "wasi_http/registry.h"

#include "wasi_http/body.h"
#include "wasi_http/fields.h"
#include "wasi_http/messages.h"

namespace weft::wasi_http {

void add_to_registry(bind::Registry& registry) {
  add_fields(registry);
  add_bodies(registry);
  add_server_messages(registry);
}

}  // namespace weft::wasi_http
