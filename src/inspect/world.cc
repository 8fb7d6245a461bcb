#include "inspect/world.h"

#include <utility>
#include <variant>

#include "component/composition.h"
#include "component/decode.h"
#include "wit/collect.h"

namespace weft::inspect {
namespace {

wit::Docs docs_of(const component::ast::Component& component) {
  for (const auto& definition : component.definitions) {
    const auto* custom = std::get_if<component::ast::CustomSection>(&definition.def);
    if (custom != nullptr && custom->name == "package-docs") return wit::Docs(bytes_of(component, custom->data));
  }
  return {};
}

}  // namespace

wit::Document world_of(const component::ast::Component& component, const component::Validated& valid) {
  return wit::collect(*valid.type, docs_of(component));
}

Result<wit::Document> world_of(std::shared_ptr<const std::vector<std::byte>> bytes) {
  TRY(const auto ast, component::decode(std::move(bytes)));
  TRY(const auto composition, component::read_composition(*ast));
  const component::ast::Component& face = *parts_of(*ast, composition).back();
  TRY(const auto valid, component::validate(face));
  return world_of(face, valid);
}

}  // namespace weft::inspect
