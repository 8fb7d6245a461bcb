// The names that `inherit_configuration` has for grants.
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "manifest/app.h"

namespace weft::manifest {

// Every grant, by name.
std::span<const std::pair<std::string_view, Grant>> grant_names();
std::vector<Grant> all_grants();
std::string_view to_string(Grant grant);

}  // namespace weft::manifest
