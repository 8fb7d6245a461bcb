#include "command/command_grants.h"

namespace weft::command {
namespace {

Result<manifest::AllowedHosts> read(std::string_view option, const std::vector<std::string>& entries) {
  std::vector<manifest::Template> literals;
  for (const std::string& entry : entries) literals.push_back(manifest::Template::literal(entry));
  // There are no variables to look up.
  auto hosts = manifest::AllowedHosts::expand(literals, [](std::string_view name) -> Result<std::string> {
    return fail(Errc::not_found, "there is no variable " + std::string(name));
  });
  if (!hosts) return std::unexpected(std::move(hosts).error().context(option));
  return hosts;
}

bool is_any_address(std::string_view host) {
  return host == "0.0.0.0" || host == "[::]";
}

host::Decision by_option(bool allowed, const char* option, const std::string& entry) {
  if (allowed) return {true, option, ""};
  return {false, std::string("not granted by ") + option, std::string(option) + " '" + entry + "'"};
}

}  // namespace

Result<std::unique_ptr<CommandGrants>> CommandGrants::create(const std::vector<std::string>& outbound,
                                                             const std::vector<std::string>& listen) {
  TRY(auto reached, read("--allow-outbound-hosts", outbound));
  TRY(auto bound, read("--allow-listen", listen));
  return std::unique_ptr<CommandGrants>(new CommandGrants(std::move(reached), std::move(bound)));
}

bool CommandGrants::may_bind(const host::Target& target) const {
  if (listen_.allows(target.scheme, target.host, static_cast<std::uint16_t>(target.port))) return true;
  return target.scheme == "udp" && target.port == 0 && is_any_address(target.host) && outbound_.allows_any("udp");
}

host::Decision CommandGrants::decide(host::Capability capability, const host::Target& target) const {
  const auto port = static_cast<std::uint16_t>(target.port);
  const auto entry = [&] { return manifest::entry_for(target.scheme, target.host, port); };
  switch (capability) {
    case host::Capability::outbound_http:
      if (target.host.empty()) return {false, "a command has no application that it could ask", ""};
      [[fallthrough]];
    case host::Capability::outbound_socket:
      return by_option(outbound_.allows(target.scheme, target.host, port), "--allow-outbound-hosts", entry());
    case host::Capability::socket_bind:
      return by_option(may_bind(target), "--allow-listen",
                       port == 0 ? std::string(target.scheme) + "://" + std::string(target.host) + ":*" : entry());
    case host::Capability::name_lookup:
      return by_option(outbound_.allows_look_up(target.host), "--allow-outbound-hosts",
                       "tcp://" + std::string(target.host) + ":*");
    case host::Capability::key_value:
      return {false, "commands have no key-value stores", ""};
    case host::Capability::directory:
      return {false, "directories are granted by --dir", ""};
  }
  return {false, "nothing is granted", ""};
}

}  // namespace weft::command
