#include "trigger/manifest_grants.h"

#include <algorithm>

#include "manifest/identifier.h"

namespace weft::trigger {
namespace {

bool is_any_free_port(const host::Target& target) {
  return target.port == 0 && (target.host == "0.0.0.0" || target.host == "[::]");
}

// A word of a command line.
std::string for_shell(std::string_view word) {
  const bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:@%+=,").find(c) != std::string_view::npos;
  });
  if (plain) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::string ManifestGrants::remedy(const std::string& arguments, std::string_view line) const {
  const std::string place = std::string(line) + " under [component." + component_ + "]";
  if (file_.empty()) return "write " + place + " of a spin.toml";
  const std::string from = file_ == "spin.toml" ? "" : "-f " + for_shell(file_) + " ";
  return "weft grant " + from + component_ + " " + arguments + ", or write " + place + " of " + file_;
}

host::Decision ManifestGrants::by_entry(bool allowed, const std::string& entry) const {
  if (allowed) return {true, "allowed_outbound_hosts", ""};
  const std::string lines = manifest::manifest_lines_for(component_, entries_, entry);
  return {false, "not in allowed_outbound_hosts of component " + component_,
          remedy(for_shell(entry), std::string_view(lines).substr(lines.find('\n') + 1))};
}

host::Decision ManifestGrants::decide_bind(const host::Target& target) const {
  if (target.scheme != "udp") return {false, "components do not listen for connections: use a trigger", ""};
  const bool any_port = is_any_free_port(target);
  const auto port = static_cast<std::uint16_t>(target.port);
  const bool allowed = hosts_.allows("udp", target.host, port) || (any_port && hosts_.allows_any("udp"));
  return by_entry(allowed, any_port ? "udp://*:*" : manifest::entry_for("udp", target.host, port));
}

host::Decision ManifestGrants::decide(host::Capability capability, const host::Target& target) const {
  const auto port = static_cast<std::uint16_t>(target.port);
  switch (capability) {
    case host::Capability::outbound_http:
      if (target.host.empty()) return by_entry(hosts_.allows_self(), "http://self");
      [[fallthrough]];
    case host::Capability::outbound_socket:
      return by_entry(hosts_.allows(target.scheme, target.host, port),
                      manifest::entry_for(target.scheme, target.host, port));
    case host::Capability::socket_bind:
      return decide_bind(target);
    case host::Capability::name_lookup:
      return by_entry(hosts_.allows_look_up(target.host), "tcp://" + std::string(target.host) + ":*");
    case host::Capability::key_value:
      return decide_store(target.host);
    case host::Capability::directory:
      return {false, "directories are granted when an instance is made", ""};
  }
  return {false, "nothing is granted", ""};
}

host::Decision ManifestGrants::decide_store(std::string_view label) const {
  if (std::ranges::find(stores_, label) != stores_.end()) return {true, "key_value_stores", ""};
  host::Decision denied{false, "not in key_value_stores of component " + component_, ""};
  // What is no label cannot be granted.
  if (!manifest::is_label(label)) return denied;
  std::string line = "key_value_stores = [";
  for (const std::string& store : stores_) line += "\"" + store + "\", ";
  line += "\"" + std::string(label) + "\"]";
  denied.remedy = remedy("--key-value " + std::string(label), line);
  return denied;
}

}  // namespace weft::trigger
