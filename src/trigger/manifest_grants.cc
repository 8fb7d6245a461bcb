#include "trigger/manifest_grants.h"

namespace weft::trigger {

host::Decision ManifestGrants::decide(host::Capability capability, const host::Target& target) const {
  if (capability == host::Capability::directory) return {false, "directories are granted when an instance is made", ""};
  const bool to_self = capability == host::Capability::outbound_http && target.host.empty();
  const auto port = static_cast<std::uint16_t>(target.port);
  if (to_self ? hosts_.allows_self() : hosts_.allows(target.scheme, target.host, port)) {
    return {true, "allowed_outbound_hosts", ""};
  }
  const std::string entry = to_self ? "http://self" : manifest::entry_for(target.scheme, target.host, port);
  const std::string lines = manifest::manifest_lines_for(component_, entries_, entry);
  return {false, "not in allowed_outbound_hosts of component " + component_,
          lines.substr(lines.find('\n') + 1) + " under [component." + component_ + "]"};
}

}  // namespace weft::trigger
