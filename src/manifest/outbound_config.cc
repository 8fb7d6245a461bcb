#include "manifest/outbound_config.h"

#include <algorithm>
#include <limits>

#include "manifest/identifier.h"
#include "manifest/reader.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

// Each is compared with every address that is dialled.
constexpr std::size_t max_networks = 1024;
// Each has certificates of its own.
constexpr std::size_t max_client_tls = 256;

std::optional<std::uint32_t> read_count(TableReader& reader, std::string_view name) {
  const auto number = reader.integer(name);
  if (!number) return std::nullopt;
  if (*number >= 0 && *number < std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(*number);
  reader.error(name, compose("`{}` is not a number of connections", name),
               "a number from 0, or leave it out: no limit");
  return std::nullopt;
}

std::filesystem::path read_path(TableReader& reader, std::string_view name, const std::filesystem::path& folder) {
  const auto path = reader.string(name);
  if (!path) return {};
  if (path->value.empty()) {
    reader.error(name, compose("`{}` is empty", name), "name a file, or leave it out");
    return {};
  }
  return (folder / path->value).lexically_normal();
}

// A name or an address as URLs have it, without a port; as an origin has it.
std::optional<std::string> read_host(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
    boost::system::error_code no_address;
    boost::asio::ip::make_address_v6(std::string(text), no_address);
    if (no_address) return std::nullopt;
    return to_lower(text);
  }
  constexpr std::size_t most = 253;  // of a DNS name
  const bool named = !text.empty() && text.size() <= most && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
  if (!named) return std::nullopt;
  return to_lower(text);
}

void read_names(TableReader& reader, ClientTlsConfig& config) {
  const auto ids = reader.strings("component_ids");
  if (ids.empty()) reader.error("component_ids", "no component is named", "add component_ids = [\"my-component\"]");
  for (const auto& [id, at] : ids) {
    if (is_kebab(id)) {
      config.component_ids.push_back(id);
    } else {
      reader.report().error(at, reader.key_of("component_ids"), compose("`{}` is not the id of a component", id),
                            kebab_remedy(id));
    }
  }
  const auto hosts = reader.strings("hosts");
  if (hosts.empty()) reader.error("hosts", "no host is named", "add hosts = [\"example.com\"]");
  for (const auto& [text, at] : hosts) {
    if (auto host = read_host(text)) {
      config.hosts.push_back(*std::move(host));
    } else {
      reader.report().error(at, reader.key_of("hosts"), compose("`{}` is not a host", text),
                            "a name or an address, without scheme and port");
    }
  }
}

ClientTlsConfig read_one(TableReader& reader, const std::filesystem::path& folder) {
  ClientTlsConfig config{.component_ids = {},
                         .hosts = {},
                         .platform_roots = true,
                         .webpki_roots = false,
                         .ca_roots_file = {},
                         .client_cert_file = {},
                         .client_private_key_file = {},
                         .at = reader.at()};
  read_names(reader, config);
  const auto platform = reader.boolean("ca_use_platform_roots");
  const auto webpki = reader.boolean("ca_use_webpki_roots");
  config.ca_roots_file = read_path(reader, "ca_roots_file", folder);
  config.client_cert_file = read_path(reader, "client_cert_file", folder);
  config.client_private_key_file = read_path(reader, "client_private_key_file", folder);
  // One that is set puts out the other; a file of roots puts out both.
  config.platform_roots = platform.value_or(!webpki && config.ca_roots_file.empty());
  config.webpki_roots = webpki.value_or(false);
  if (!config.platform_roots && !config.webpki_roots && config.ca_roots_file.empty()) {
    reader.error("ca_use_platform_roots", "no certificate of any server would be trusted",
                 "add ca_roots_file = \"roots.pem\", or ca_use_platform_roots = true");
  }
  if (config.client_cert_file.empty() != config.client_private_key_file.empty()) {
    const std::string_view missing = config.client_cert_file.empty() ? "client_cert_file" : "client_private_key_file";
    reader.error(missing, "a certificate and its key belong together", compose("add {} = \"...\"", missing));
  }
  reader.finish();
  return config;
}

}  // namespace

OutboundHttpConfig read_outbound_http(TableReader& root) {
  OutboundHttpConfig config;
  const Member* table = root.table("outbound_http");
  if (table == nullptr) return config;
  TableReader reader(root.report(), table->value, root.key_of("outbound_http"));
  config.connection_pooling = reader.boolean("connection_pooling").value_or(false);
  config.max_connections = read_count(reader, "max_connections");
  if (const auto older = read_count(reader, "max_concurrent_requests")) {
    if (config.max_connections) {
      reader.error("max_concurrent_requests", "`max_connections` is the newer name of this", "leave it out");
    } else {
      // The older one counted from 0.
      config.max_connections = *older + 1;
      reader.report().warning(reader.at("max_concurrent_requests"), reader.key_of("max_concurrent_requests"),
                              "`max_concurrent_requests` is deprecated",
                              compose("write max_connections = {}", *older + 1));
    }
  }
  reader.finish();
  return config;
}

OutboundNetworkingConfig read_outbound_networking(TableReader& root) {
  OutboundNetworkingConfig config;
  const Member* table = root.table("outbound_networking");
  if (table == nullptr) return config;
  TableReader reader(root.report(), table->value, root.key_of("outbound_networking"));
  const auto networks = reader.strings("block_networks");
  if (networks.size() > max_networks) {
    reader.error("block_networks", compose("more than {} networks", max_networks), "join neighbouring networks");
  }
  for (std::size_t i = 0; i < std::min(networks.size(), max_networks); ++i) {
    const auto& [text, at] = networks[i];
    if (text == "private") {
      config.blocked.add_private();
    } else if (const auto network = IpNetwork::parse(text)) {
      config.blocked.add(*network);
    } else {
      root.report().error(at, join_index(reader.key_of("block_networks"), i), compose("`{}` is not a network", text),
                          "write a block such as \"10.0.0.0/8\", or \"private\" for all that is not routed globally");
    }
  }
  config.max_socket_connections = read_count(reader, "max_socket_connections");
  config.max_total_connections = read_count(reader, "max_total_connections");
  reader.finish();
  return config;
}

std::vector<ClientTlsConfig> read_client_tls(TableReader& root, const std::filesystem::path& folder) {
  std::vector<ClientTlsConfig> configs;
  const Member* array = root.array("client_tls");
  if (array == nullptr) return configs;
  const auto& elements = *array->value.get<Value::Array>();
  if (elements.size() > max_client_tls) {
    root.error("client_tls", compose("more than {} entries", max_client_tls), "name more hosts in each");
    return configs;
  }
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::string key = join_index(root.key_of("client_tls"), i);
    if (elements[i].get<Value::Table>() == nullptr) {
      report_type(root.report(), elements[i], key, "a table");
      continue;
    }
    TableReader reader(root.report(), elements[i], key);
    configs.push_back(read_one(reader, folder));
  }
  return configs;
}

}  // namespace weft::manifest
