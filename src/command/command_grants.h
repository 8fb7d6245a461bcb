// What a command may reach: what its command line grants.
#pragma once

#include <string>
#include <vector>

#include "host/authorize.h"
#include "manifest/allowed_host.h"

namespace weft::command {

// Immutable; thread-safe. A denial comes with the option that would grant it.
//
// Outbound HTTP and sockets go by --allow-outbound-hosts. Listening, and addresses that a socket is bound to, go by
// --allow-listen; a UDP socket may have any free port, which it needs to send from, once there is an entry for udp. A
// name that a socket may reach may be looked up.
class CommandGrants final : public host::Grants {
 public:
  // Entries of the two options. Fails with one that is not understood.
  static Result<std::unique_ptr<CommandGrants>> create(const std::vector<std::string>& outbound,
                                                       const std::vector<std::string>& listen);

  host::Decision decide(host::Capability capability, const host::Target& target) const override;

 private:
  CommandGrants(manifest::AllowedHosts outbound, manifest::AllowedHosts listen)
      : outbound_(std::move(outbound)), listen_(std::move(listen)) {}
  bool may_bind(const host::Target& target) const;

  manifest::AllowedHosts outbound_;
  manifest::AllowedHosts listen_;
};

}  // namespace weft::command
