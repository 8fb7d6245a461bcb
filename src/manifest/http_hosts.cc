#include "manifest/http_hosts.h"

namespace weft::manifest {

std::vector<std::string> hosts_for_http_host(std::string_view host) {
  if (host == "insecure:allow-all") return {"http://*:*", "https://*:*", "http://self"};
  if (host == "self") return {"http://self"};
  if (host.find("://") != std::string_view::npos) return {std::string(host)};
  return {"http://" + std::string(host), "https://" + std::string(host)};
}

}  // namespace weft::manifest
