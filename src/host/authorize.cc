#include "host/authorize.h"

#include "host/request_context.h"

namespace weft::host {

std::string_view to_string(Capability capability) {
  switch (capability) {
    case Capability::outbound_http:
      return "outbound HTTP";
    case Capability::outbound_socket:
      return "outbound socket";
    case Capability::directory:
      return "directory";
  }
  return "unknown";
}

const Grants& no_grants() {
  struct None final : Grants {
    Decision decide(Capability, const Target&) const override { return {false, "nothing is granted", ""}; }
  };
  static const None none;
  return none;
}

Decision authorize(RequestContext& context, Capability capability, const Target& target) {
  Decision decision = context.grants().decide(capability, target);
  if (!decision.allowed) {
    ++context.account.denials;
    if (context.log) {
      std::string line = "denied " + std::string(to_string(capability)) + " to ";
      if (capability == Capability::outbound_http && target.host.empty()) {
        line += "the application itself";
      } else {
        line += std::string(target.scheme) + "://" + std::string(target.host) + ":" + std::to_string(target.port);
      }
      line += ": " + decision.reason;
      if (!decision.remedy.empty()) line += "; to allow it: " + decision.remedy;
      context.log(line);
    }
  }
  return decision;
}

}  // namespace weft::host
