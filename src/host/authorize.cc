#include "host/authorize.h"

#include "host/request_context.h"

namespace weft::host {

namespace {

// Whatever the guest wrote, on one line and not much of it.
std::string label_text(std::string_view label) {
  constexpr std::size_t most = 64;
  std::string text(label.substr(0, most));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = '?';
  }
  return text;
}

std::string place_of(Capability capability, const Target& target) {
  if (capability == Capability::key_value) return " " + label_text(target.host);
  if (capability == Capability::outbound_http && target.host.empty()) return " to the application itself";
  if (capability == Capability::name_lookup) return " of " + std::string(target.host);
  return " to " + std::string(target.scheme) + "://" + std::string(target.host) + ":" + std::to_string(target.port);
}

}  // namespace

std::string_view to_string(Capability capability) {
  switch (capability) {
    case Capability::outbound_http:
      return "outbound HTTP";
    case Capability::outbound_socket:
      return "outbound socket";
    case Capability::socket_bind:
      return "binding of a socket";
    case Capability::name_lookup:
      return "look-up";
    case Capability::directory:
      return "directory";
    case Capability::key_value:
      return "key-value store";
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
    ++context.share().account.denials;
    if (context.log) {
      std::string line =
          "denied " + std::string(to_string(capability)) + place_of(capability, target) + ": " + decision.reason;
      if (!decision.remedy.empty()) line += "; to allow it: " + decision.remedy;
      context.log(line);
    }
  }
  return decision;
}

bool is_blocked(const RequestContext& context, const boost::asio::ip::address& address) {
  return context.blocked_networks != nullptr && context.blocked_networks->contains(address);
}

bool authorize_address(RequestContext& context, Capability capability, const Target& target,
                       const boost::asio::ip::address& address) {
  if (!is_blocked(context, address)) return true;
  ++context.share().account.denials;
  if (context.log) {
    context.log("denied " + std::string(to_string(capability)) + place_of(capability, target) + ": " +
                address.to_string() + " is in a blocked network; block_networks of the runtime configuration decides");
  }
  return false;
}

}  // namespace weft::host
