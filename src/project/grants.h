// Adds to what the manifest grants a component.
#pragma once

#include <string>
#include <vector>

#include "manifest/app.h"
#include "util/error.h"

namespace weft::project {

struct Grants {
  std::vector<std::string> hosts;   // entries of allowed_outbound_hosts
  std::vector<std::string> stores;  // labels of key_value_stores
  bool empty() const { return hosts.empty() && stores.empty(); }
};

// Writes those of `wanted` that component `id` is not granted yet into the manifest of `app`; they are the result. Of
// several that cannot be granted, the error names the first: Errc::not_found for the component, Errc::invalid for an
// entry. The file is changed as a whole or not at all.
Result<Grants> add_grants(const manifest::App& app, const std::string& id, const Grants& wanted);

}  // namespace weft::project
