// wasi:http/outgoing-handler: who may send what where.
#pragma once

#include <memory>
#include <optional>

#include "bind/registry.h"
#include "host/request_context.h"
#include "http/client.h"
#include "wasi_http/incoming_response.h"
#include "wasi_http/outgoing_request.h"

namespace weft::wasi_http {

// What requests go out through. One for each loop; outlives the instances that use it.
struct Outbound {
  http::Client* client = nullptr;
  // Where the application itself listens, for requests without an authority and to self.alt.
  std::optional<http::Origin> self;
};

// Set before an instance runs: instance.state<OutboundState>().
struct OutboundState {
  const Outbound* outbound = nullptr;
};

// Sends `request`, if it is well-formed, and if host::authorize() allows its destination: that is asked before
// anything is resolved. An error: malformed. A refusal is an answer of the future, as in other hosts.
std::expected<bind::Own<FutureIncomingResponse>, ErrorCode> send(host::RequestContext& context,
                                                                 const Outbound& outbound, OutgoingRequest& request,
                                                                 const RequestOptions* options);

void add_outgoing_handler(bind::Registry& registry);

}  // namespace weft::wasi_http
