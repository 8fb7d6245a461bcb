#include "wast/definition.h"

#include "component/decode.h"
#include "component/plan_bytes.h"
#include "component/validate.h"
#include "wasm/module_rewrite.h"

namespace weft::wast {
namespace {

bool has_layer(std::span<const std::byte> bytes, std::byte layer) {
  return bytes.size() >= 8 && bytes[6] == layer && bytes[7] == std::byte{0};
}

Result<component::CompiledModule> compile(const wasm::Engine& engine, std::span<const std::byte> bytes) {
  // Compiled as written first: the engine's errors then name offsets in the script's own binary.
  TRY(auto whole, wasm::Module::compile(engine, bytes));
  const wasm::SeparatedModule separated = wasm::separate(bytes);
  TRY(auto code, wasm::Module::compile(engine, separated.code()));
  TRY(auto images, separated.images());
  return component::CompiledModule{std::move(code), std::move(images)};
}

Result<void> compile_all(const wasm::Engine& engine, const component::Component& component,
                         std::map<std::size_t, component::CompiledModule>& modules) {
  for (const component::ast::Definition& definition : component.definitions) {
    if (const auto* module = std::get_if<component::ast::CoreModule>(&definition.def)) {
      TRY(auto compiled, compile(engine, bytes_of(component, module->range)));
      modules.emplace(module->range.offset, std::move(compiled));
    } else if (const auto* nested = std::get_if<component::ast::NestedComponent>(&definition.def)) {
      CHECK_OK(compile_all(engine, **nested, modules));
    }
  }
  return {};
}

// The plan as the code cache would give it.
Result<std::unique_ptr<const component::LinkPlan>> written_and_read(const component::LinkPlan& plan) {
  TRY(const auto bytes, component::serialize(plan));
  TRY(auto read, component::deserialize_plan(bytes, plan.bytes));
  TRY(const auto again, component::serialize(*read));
  if (again != bytes) return fail(Errc::internal, "a link plan changes when it is written and read");
  return read;
}

// Scripts have nothing but what they define.
class NoHost final : public component::HostLinker {
 public:
  bool offers(std::string_view) const override { return false; }
  const component::HostResourceType* resource(std::string_view, std::string_view) const override { return nullptr; }
  Result<component::HostBinding> bind(const component::HostFunc& func,
                                      const std::vector<const component::HostResourceType*>&) const override {
    return fail(Errc::not_found, "unknown import: " + (func.interface.empty() ? "" : func.interface + " ") + func.name);
  }
};

}  // namespace

bool is_core_module(std::span<const std::byte> bytes) {
  return has_layer(bytes, std::byte{0});
}

bool is_component(std::span<const std::byte> bytes) {
  return has_layer(bytes, std::byte{1});
}

Result<std::shared_ptr<const component::Component>> decode(std::vector<std::byte> bytes) {
  return component::decode(std::make_shared<const std::vector<std::byte>>(std::move(bytes)),
                           {.limits = {}, .accept_cancellable = true});
}

Result<Definition> define(const wasm::Engine& engine, std::vector<std::byte> bytes) {
  if (is_core_module(bytes)) {
    TRY(auto module, compile(engine, bytes));
    return CoreDefinition{std::move(module)};
  }
  ComponentDefinition definition;
  TRY(definition.ast, decode(std::move(bytes)));
  CHECK_OK(component::validate(*definition.ast));
  CHECK_OK(compile_all(engine, *definition.ast, definition.modules));
  // What validated must be plannable; only imports may be beyond what a host can give.
  auto plan = component::make_plan(*definition.ast);
  if (!plan && plan.error().code() != Errc::unsupported) return std::unexpected(std::move(plan).error());
  return definition;
}

Result<std::shared_ptr<const component::LinkedComponent>> link(const wasm::Engine& engine,
                                                               ComponentDefinition& definition) {
  if (definition.linked == nullptr) {
    TRY(auto made, component::make_plan(*definition.ast));
    TRY(auto plan, written_and_read(*made));
    std::vector<component::CompiledModule> modules;
    for (const component::ast::ByteRange range : plan->modules) modules.push_back(definition.modules.at(range.offset));
    TRY(definition.linked, component::LinkedComponent::create(engine, std::move(plan), std::move(modules), NoHost(),
                                                              component::NotYet::trap));
  }
  return definition.linked;
}

}  // namespace weft::wast
