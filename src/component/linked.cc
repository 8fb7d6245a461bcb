#include "component/linked.h"

#include <algorithm>
#include <iterator>

#include "component/builtins.h"
#include "component/instance.h"
#include "component/lacks.h"

namespace weft::component {
Result<std::shared_ptr<const LinkedComponent>> LinkedComponent::create(const wasm::Engine& engine,
                                                                       std::unique_ptr<const LinkPlan> plan,
                                                                       std::vector<CompiledModule> modules,
                                                                       const HostLinker& linker, NotYet not_yet) {
  std::shared_ptr<LinkedComponent> linked(new LinkedComponent(engine));
  linked->plan_ = std::move(plan);
  linked->modules_ = std::move(modules);
  const LinkPlan& p = *linked->plan_;
  BoundImports bound = bind_imports(p, linker);
  std::vector<Lack> lacks = std::move(bound.lacks);
  if (not_yet == NotYet::refuse) std::ranges::move(lacking_features(p), std::back_inserter(lacks));
  if (!lacks.empty()) return std::unexpected(error_of(lacks));
  linked->bindings_ = std::move(bound.funcs);
  linked->resources_ = std::move(bound.resources);
  for (const Resource& resource : p.resources) {
    linked->resource_impls_.push_back(resource.imported ? abi::kHostInstance : abi::InstanceIndex{resource.instance});
  }

  linked->trampoline_envs_.reserve(p.trampolines.size());
  for (std::uint32_t i = 0; i < p.trampolines.size(); ++i) {
    linked->trampoline_envs_.push_back({linked.get(), i});
    TRY(auto index, linked->host_funcs_.define(core_type_of(p.trampolines[i]), &LinkedComponent::enter,
                                               &linked->trampoline_envs_.back()));
    if (index != i) return fail(Errc::internal, "trampolines are out of step");
  }
  CHECK_OK(linked->host_funcs_.seal());
  CHECK_OK(linked->link_items());
  return linked;
}

Result<void> LinkedComponent::link_item(const CoreItem& item, const std::vector<std::uint32_t>& module_of_instance) {
  LinkedItem linked{.kind = item.kind};
  if (item.kind == CoreItem::Kind::trampoline) {
    linked.index = host_funcs_.place(item.index);
  } else {
    linked.index = item.index;
    const auto found = modules_[module_of_instance[item.index]].code.export_index(item.name);
    if (!found) return fail(Errc::internal, "a core module lacks its export " + item.name);
    linked.export_index = *found;
  }
  items_.push_back(linked);
  return {};
}

Result<void> LinkedComponent::link_items() {
  std::vector<std::uint32_t> module_of_instance(plan_->core_instances);
  for (const Step& step : plan_->steps) {
    if (const auto* instantiate = std::get_if<InstantiateCore>(&step)) {
      module_of_instance[instantiate->core_instance] = instantiate->module;
      for (const CoreItem& import : instantiate->imports) CHECK_OK(link_item(import, module_of_instance));
    } else if (const auto* memory = std::get_if<ExtractMemory>(&step)) {
      CHECK_OK(link_item(memory->item, module_of_instance));
    } else {
      CHECK_OK(link_item(std::get<ExtractFunc>(step).item, module_of_instance));
    }
  }
  return {};
}

void LinkedComponent::enter(void* env, wasm::Store& store, abi::CoreValue* values, std::size_t) {
  const auto* trampoline = static_cast<const TrampolineEnv*>(env);
  static_cast<Instance*>(store.owner())->on_trampoline(trampoline->index, values);
}

abi::LiftContext HostCall::lift_context(abi::Lenders& lenders) const {
  return {.memory = instance.memory_of(lower.caller),
          .string_encoding = static_cast<abi::StringEncoding>(lower.caller.string_encoding),
          .inst = &caller,
          .lenders = &lenders};
}

abi::LowerContext HostCall::lower_context() const {
  return {.memory = instance.memory_of(lower.caller),
          .realloc = instance.realloc_of(lower.caller),
          .string_encoding = static_cast<abi::StringEncoding>(lower.caller.string_encoding),
          .inst = &caller};
}

}  // namespace weft::component
