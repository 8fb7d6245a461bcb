#include "component/more_imports.h"

#include <algorithm>

#include "component/producers.h"
#include "component/reader.h"

namespace weft::component {
namespace {

// The section that makes a module a shared library stands first (tool conventions, DynamicLinking.md).
bool is_library(std::span<const std::byte> module) {
  constexpr std::size_t preamble = 8;
  if (module.size() <= preamble) return false;
  Reader::State state{.error = {}, .items_left = 0};
  Reader r(module, preamble, module.size(), state);
  if (r.byte() != 0) return false;
  Reader content = r.take(r.u32());
  return content.name() == "dylink.0" && content.ok();
}

bool has_library(const ast::Component& component) {
  return std::ranges::any_of(component.definitions, [&](const auto& definition) {
    if (const auto* module = std::get_if<ast::CoreModule>(&definition.def)) {
      return is_library(bytes_of(component, module->range));
    }
    const auto* nested = std::get_if<ast::NestedComponent>(&definition.def);
    return nested != nullptr && has_library(**nested);
  });
}

bool has_interpreter(const ast::Component& component) {
  const Producers producers = producers_of(component);
  const auto tools = producers.find("processed-by");
  return tools != producers.end() && std::ranges::any_of(tools->second, [](const auto& tool) {
           return tool.first == "ComponentizeJS" || tool.first.starts_with("componentize-") ||
                  tool.first.starts_with("component-init");
         });
}

}  // namespace

bool imports_more_than_it_calls(const ast::Component& component) {
  return has_library(component) || has_interpreter(component);
}

}  // namespace weft::component
