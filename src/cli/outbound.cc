#include "cli/outbound.h"

namespace weft::cli {
namespace {

std::string place(const manifest::RuntimeConfig& config, manifest::Location at) {
  return config.file.string() + ":" + std::to_string(at.line) + ": ";
}

}  // namespace

Result<Outbound> outbound_of(const manifest::RuntimeConfig& config) {
  Outbound made;
  std::string faults;
  const auto fault = [&faults](const std::string& line) { faults += (faults.empty() ? "" : "\n") + line; };
  made.service.blocked = config.outbound_networking.blocked;
  made.service.keep_connections = config.outbound_http.connection_pooling;
  const ConnectionQuota::Limits limits{.requests = config.outbound_http.max_connections,
                                       .sockets = config.outbound_networking.max_socket_connections,
                                       .total = config.outbound_networking.max_total_connections};
  if (limits.requests || limits.sockets || limits.total) made.service.quota = std::make_shared<ConnectionQuota>(limits);
  for (const manifest::ClientTlsConfig& entry : config.client_tls) {
    auto tls = http::ClientTls::create({.system_roots = entry.platform_roots,
                                        .mozilla_roots = entry.webpki_roots,
                                        .roots_file = entry.ca_roots_file.string(),
                                        .certificate_file = entry.client_cert_file.string(),
                                        .key_file = entry.client_private_key_file.string()});
    if (!tls) {
      fault(place(config, entry.at) + "client_tls: " + tls.error().message());
      continue;
    }
    made.client_tls.push_back({.components = entry.component_ids, .hosts = entry.hosts, .tls = *std::move(tls)});
  }
  if (!faults.empty()) return fail(Errc::invalid, std::move(faults));
  return made;
}

}  // namespace weft::cli
