#include "wasi_http/registry.h"

#include "wasi/p2.h"
#include "wasi/p3.h"
#include "wasi_http/errors.h"
#include "wasi_http/fields.h"
#include "wasi_http/incoming_body.h"
#include "wasi_http/incoming_response.h"
#include "wasi_http/messages.h"
#include "wasi_http/october.h"
#include "wasi_http/outgoing_body.h"
#include "wasi_http/outgoing_handler.h"
#include "wasi_http/outgoing_request.h"
#include "wasi_http/p3_messages.h"

namespace weft::wasi_http {

void add_to_registry(bind::Registry& registry) {
  for (const std::string_view version : wasi::p2_versions) {
    add_errors(registry, version);
    add_fields(registry, version);
    add_incoming_bodies(registry, version);
    add_outgoing_bodies(registry, version);
    add_server_messages(registry, version);
    add_outgoing_requests(registry, version);
    add_incoming_responses(registry, version);
    add_outgoing_handler(registry, version);
  }
  october::add_types(registry);
  october::add_outgoing_handler(registry);
  for (const std::string_view version : wasi::p3_versions) {
    p3::add_fields(registry, version);
    p3::add_messages(registry, version);
    p3::add_request_options(registry, version);
    p3::add_client(registry, version);
  }
}

}  // namespace weft::wasi_http
