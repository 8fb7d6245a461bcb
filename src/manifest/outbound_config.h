// What runtime-config.toml says about what components reach: `[outbound_http]`, `[outbound_networking]` and
// `[[client_tls]]`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "manifest/value.h"
#include "util/blocked_networks.h"

namespace weft::manifest {

class TableReader;

// `[outbound_http]`
struct OutboundHttpConfig {
  // Without the table yes; with the table but not the key no, as in the reference.
  bool connection_pooling = true;
  std::optional<std::uint32_t> max_connections;  // of the application, open at a time; absent: no limit but weft's own
};

// `[outbound_networking]`
struct OutboundNetworkingConfig {
  BlockedNetworks blocked;
  std::optional<std::uint32_t> max_socket_connections;  // sockets of wasi:sockets
  std::optional<std::uint32_t> max_total_connections;   // these and connections of requests together
};

// `[[client_tls]]`: how some components greet some hosts. For a component and a host the first entry counts.
struct ClientTlsConfig {
  std::vector<std::string> component_ids;
  std::vector<std::string> hosts;  // lower case, without a port
  bool platform_roots = true;
  bool webpki_roots = false;               // Mozilla's
  std::filesystem::path ca_roots_file;     // empty: none
  std::filesystem::path client_cert_file;  // empty: none; else there is a key too
  std::filesystem::path client_private_key_file;
  Location at;
};

// Readers of these sections; for use in this folder only. `root` is the whole file, paths start from `folder`.
OutboundHttpConfig read_outbound_http(TableReader& root);
OutboundNetworkingConfig read_outbound_networking(TableReader& root);
std::vector<ClientTlsConfig> read_client_tls(TableReader& root, const std::filesystem::path& folder);

}  // namespace weft::manifest
