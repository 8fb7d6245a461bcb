// The older `allowed_http_hosts`, in terms of `allowed_outbound_hosts`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weft::manifest {

// "example.com" → http and https of that host; "self" → http://self; "insecure:allow-all" → everything over HTTP.
std::vector<std::string> hosts_for_http_host(std::string_view host);

}  // namespace weft::manifest
