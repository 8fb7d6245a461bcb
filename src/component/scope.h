// The state of one component, component type or instance type while it is validated.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "component/names.h"
#include "component/validate.h"

namespace weft::component {

// Types that have an externally visible name (Explainer.md "External Visibility of Types"), by identity.
struct NamedTypes {
  std::unordered_set<const void*> named;
  // Types without need of a name of their own whose parts were all found named: names are never taken away.
  std::unordered_set<const void*> found_visible;
};

// Resource types imported or exported by a plain name in one scope, for names like [method]r.f.
class ResourceNames {
 public:
  void add(const std::string& name, ResourceId id);
  const ResourceId* find(const std::string& name) const;
  const std::string* name_of(ResourceId id) const;  // the first name, nullptr if none

 private:
  std::unordered_map<std::string, ResourceId> ids_;
  std::unordered_map<ResourceId, std::string> names_;
};

// Names of the imports, or of the exports, of one scope.
struct NameScope {
  std::string_view role;  // "import" or "export"
  NameSet names;
  ResourceNames resources;
  NamedTypes visible;
};

struct Scope {
  enum class Kind { component, component_type, instance_type };

  Scope(Kind k, Scope* outer) : kind(k), parent(outer) {}

  void add_core_type(const CoreTypeEntry& entry) {
    const auto* id = std::get_if<uint32_t>(&entry);
    core_type_ids.push_back(id != nullptr ? *id : CoreTypeStore::kNoType);
    spaces.core_types.push_back(entry);
  }

  Kind kind;
  Scope* parent;
  IndexSpaces spaces;
  std::vector<uint32_t> core_type_ids;  // of spaces.core_types; CoreTypeStore::kNoType for a module type
  NameScope import_scope{"import", {}, {}, {}};
  NameScope export_scope{"export", {}, {}, {}};
  ExternItems imports;
  ExternItems exports;
  std::vector<ResourceId> imported_resources;
  std::vector<ResourceId> defined_resources;
  std::unordered_set<ResourceId> local_resources;  // defined by a type definition here
};

}  // namespace weft::component
