// wasi:http/outgoing-handler: who may send what where.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bind/registry.h"
#include "host/request_context.h"
#include "http/client.h"
#include "http/client_tls.h"
#include "wasi_http/incoming_response.h"
#include "wasi_http/outgoing_request.h"

namespace weft::wasi_http {

// What requests go out through. One for each loop; outlives the instances that use it.
struct Outbound {
  http::Client* client = nullptr;
  // Where the application itself listens, for requests without an authority and to self.alt.
  std::optional<http::Origin> self;
  // What nobody may reach, also in other ways than by HTTP. The client knows it too. Null: nothing is blocked.
  const BlockedNetworks* blocked = nullptr;
  // What counts connections, of sockets too. Null: nothing does.
  ConnectionQuota* quota = nullptr;
};

// How many requests may be made in the course of one another between components of an application, without a
// connection: each is an instance that waits for the next. A component that asks itself without end meets it.
inline constexpr unsigned max_chain_depth = 16;

// Components of the same application, which are asked without a connection: http://NAME.spin.internal.
class Services {
 public:
  virtual bool has(std::string_view component) const = 0;
  // Has it answer, later: nothing of it happens within this call. `chain_depth` is the request's
  // (host::RequestShare). REQUIRES: has(component).
  virtual void start(std::string_view component, std::shared_ptr<http::ClientExchange> exchange,
                     unsigned chain_depth) = 0;

 protected:
  ~Services() = default;
};

// How servers are greeted that are not greeted as all others, by host as in http::Origin.
using TlsByHost = std::map<std::string, std::shared_ptr<const http::ClientTls>, std::less<>>;

// Set before an instance runs: instance.state<OutboundState>(). What it points to outlives the instance.
struct OutboundState {
  const Outbound* outbound = nullptr;  // null: there are no requests
  Services* services = nullptr;        // null: there are none
  const TlsByHost* tls = nullptr;
};

// Sends `request`, if it is well-formed, and if host::authorize() allows its destination: that is asked before
// anything is resolved. An error: malformed. A refusal is an answer of the future, as in other hosts.
// REQUIRES: state.outbound.
std::expected<bind::Own<FutureIncomingResponse>, ErrorCode> send(host::RequestContext& context,
                                                                 const OutboundState& state, OutgoingRequest& request,
                                                                 const RequestOptions* options);

void add_outgoing_handler(bind::Registry& registry, std::string_view version);

}  // namespace weft::wasi_http
