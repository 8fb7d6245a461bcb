// The least manifest with which a component can do what it imports.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weft::inspect {

// What a component may be granted in a manifest.
struct Grants {
  bool outbound_hosts = false;
  bool key_value_stores = false;
  bool sqlite_databases = false;
  bool ai_models = false;
  bool variables = false;
};

struct Manifest {
  Grants grants;
  std::string text;  // a whole spin.toml; loads as it is
};

// `imports` and `exports` are the names in the component's type.
Manifest least_manifest(const std::string& file, const std::vector<std::string>& imports,
                        const std::vector<std::string>& exports);

}  // namespace weft::inspect
