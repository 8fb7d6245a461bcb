#include "manifest/grant.h"

#include <algorithm>
#include <ranges>

namespace weft::manifest {
namespace {

constexpr std::pair<std::string_view, Grant> names[] = {{"ai_models", Grant::ai_models},
                                                        {"allowed_outbound_hosts", Grant::allowed_outbound_hosts},
                                                        {"environment", Grant::environment},
                                                        {"files", Grant::files},
                                                        {"key_value_stores", Grant::key_value_stores},
                                                        {"sqlite_databases", Grant::sqlite_databases},
                                                        {"variables", Grant::variables}};

}  // namespace

std::span<const std::pair<std::string_view, Grant>> grant_names() {
  return names;
}

std::vector<Grant> all_grants() {
  const auto all = grant_names() | std::views::values;
  return {all.begin(), all.end()};
}

std::string_view to_string(Grant grant) {
  const auto* found = std::ranges::find(names, grant, &std::pair<std::string_view, Grant>::second);
  return found == std::end(names) ? "nothing" : found->first;
}

}  // namespace weft::manifest
