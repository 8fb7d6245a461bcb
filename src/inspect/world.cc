#include "inspect/world.h"

#include <utility>
#include <variant>

#include "component/decode.h"
#include "componentize/componentize.h"
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

Result<Face> read_face(std::shared_ptr<const std::vector<std::byte>> bytes) {
  TRY(bytes, componentize::as_component(std::move(bytes)));
  Face face;
  TRY(face.whole, component::decode(std::move(bytes)));
  TRY(face.composition, component::read_composition(*face.whole));
  if (face.composition) CHECK_OK(component::validate(*face.composition));
  face.part = parts_of(*face.whole, face.composition).back();
  TRY(face.valid, component::validate(*face.part));
  return face;
}

wit::Document world_of(const Face& face) {
  return wit::collect(*face.valid.type, docs_of(*face.part));
}

Result<wit::Document> world_of(std::shared_ptr<const std::vector<std::byte>> bytes) {
  TRY(const Face face, read_face(std::move(bytes)));
  return world_of(face);
}

}  // namespace weft::inspect
