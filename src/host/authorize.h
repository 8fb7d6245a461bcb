// The one decision whether a guest may open or dial something.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <string>
#include <string_view>

namespace weft::host {

class RequestContext;

enum class Capability { outbound_http, outbound_socket, socket_bind, name_lookup, directory, key_value };

std::string_view to_string(Capability capability);

// What is to be opened. For outbound_http: scheme, host and port of the URL as the guest gave it, or an empty host for
// the application itself; for a socket: the scheme "tcp" or "udp", a port, and an address or the name it was looked up
// by, and its own address when it is bound; for a look-up: the name in `host`; for a directory: its path in `host`; for
// a key-value store: its label in `host`.
struct Target {
  std::string_view scheme;
  std::string_view host;
  unsigned port = 0;
};

struct Decision {
  bool allowed = false;
  std::string reason;  // for the log: what rule decided
  std::string remedy;  // when denied: the manifest line that would allow it
};

// What a component was granted. Immutable; shared by all requests of one generation of an application.
class Grants {
 public:
  virtual ~Grants() = default;
  virtual Decision decide(Capability capability, const Target& target) const = 0;
};

// Grants nothing: the default.
const Grants& no_grants();

// Called whenever something is opened or dialled, and nowhere else. Counts denials in the context's account.
Decision authorize(RequestContext& context, Capability capability, const Target& target);

// Asked besides, once it is known where `target` leads: whether the site lets guests reach that address. Logs and
// counts a denial.
bool authorize_address(RequestContext& context, Capability capability, const Target& target,
                       const boost::asio::ip::address& address);
// The same without a word.
bool is_blocked(const RequestContext& context, const boost::asio::ip::address& address);

}  // namespace weft::host
