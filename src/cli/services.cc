#include "cli/services.h"

#include "key_value/registry.h"
#include "preview1/preview1.h"
#include "spin/registry.h"
#include "wasi/wasi.h"
#include "wasi_http/registry.h"
#include "wasi_sockets/registry.h"

namespace weft::cli {

void add_services(bind::Registry& registry) {
  wasi::add_to_registry(registry);
  preview1::add_to_registry(registry);
  wasi_sockets::add_to_registry(registry);
  wasi_http::add_to_registry(registry);
  key_value::add_to_registry(registry);
  spin::add_to_registry(registry);
}

}  // namespace weft::cli
