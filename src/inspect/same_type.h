// Types of WIT text beside those of a component.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "component/types.h"
#include "util/error.h"
#include "wit_source/packages.h"

namespace weft::inspect {

// Where two types part.
struct Mismatch {
  std::string path;  // "parameter user: field age: "
  std::string detail;
  wit_source::At at;

  Mismatch inside(const std::string& part) && { return {part + ": " + path, std::move(detail), at}; }
};

// Compares types of one component with those of one set of packages. Both outlive it.
class TypeComparison {
 public:
  TypeComparison(const component::ComponentType& component, const wit_source::Packages& packages);

  // Nothing if they are the same. Errors are those of the packages.
  Result<std::optional<Mismatch>> compare(const wit_source::Scope& scope, const wit_source::Func& wanted,
                                          const component::FuncType& found);

 private:
  using Compared = Result<std::optional<Mismatch>>;
  Compared compare(const wit_source::Scope& scope, const wit_source::Type* wanted, const component::ValueType* found,
                   wit_source::At at);
  Compared compare(const wit_source::Definition& wanted, const component::ValueType& found, wit_source::At at);
  Compared compare_parts(const wit_source::Scope& scope, const wit_source::Type& wanted,
                         const component::ValueType& found);
  Compared compare_resource(const wit_source::Scope& scope, const std::string& name,
                            const component::ResourceType* found, wit_source::At at);
  void name_resources(const std::string& owner, const component::ExternItems& items);

  const wit_source::Packages& packages_;
  std::map<component::ResourceId, std::pair<std::string, std::string>> resources_;  // who defines it, as what
  std::set<std::pair<const wit_source::TypeDef*, std::uint32_t>> same_;             // known already
};

}  // namespace weft::inspect
