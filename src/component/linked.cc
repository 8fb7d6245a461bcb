#include "component/linked.h"

#include <set>

#include "component/builtins.h"
#include "component/instance.h"

namespace weft::component {
namespace {

// What the plan may call that weft does not carry out yet. Calls that may have to wait for each other need a
// scheduler; those that run to their end at once do not.
std::set<std::string_view> not_yet_in(const LinkPlan& plan) {
  std::set<std::string_view> what;
  for (const Lift& lift : plan.lifts) {
    if (lift.options.callback) what.insert("asynchronous component functions with a callback");
  }
  for (const Trampoline& trampoline : plan.trampolines) {
    if (const auto* builtin = std::get_if<BuiltinTrampoline>(&trampoline)) {
      if (!is_complete(builtin->kind)) what.insert(name_of(builtin->kind));
    } else if (const auto& lower = std::get<LowerTrampoline>(trampoline);
               lower.caller.async && lower.callee.kind == FuncRef::Kind::host_import) {
      what.insert("asynchronous calls of host functions");
    }
  }
  return what;
}

}  // namespace

Result<std::shared_ptr<const LinkedComponent>> LinkedComponent::create(const wasm::Engine& engine,
                                                                       std::unique_ptr<const LinkPlan> plan,
                                                                       std::vector<CompiledModule> modules,
                                                                       const HostLinker& linker, NotYet not_yet) {
  std::shared_ptr<LinkedComponent> linked(new LinkedComponent(engine));
  linked->plan_ = std::move(plan);
  linked->modules_ = std::move(modules);
  const LinkPlan& p = *linked->plan_;
  std::string missing;
  Errc worst = Errc::unsupported;
  auto complain = [&](const Error& error) {
    if (error.code() != Errc::unsupported) worst = error.code();
    if (!missing.empty()) missing += "\n";
    missing += error.message();
  };

  for (const Resource& resource : p.resources) {
    if (!resource.imported) {
      linked->resources_.push_back(nullptr);
      linked->resource_impls_.push_back(abi::InstanceIndex{resource.instance});
      continue;
    }
    const HostResourceType* type = linker.resource(resource.interface, resource.name);
    if (type == nullptr) {
      complain(Error(Errc::unsupported, "needs " + resource.interface + " resource " + resource.name + " (not yet)"));
    }
    linked->resources_.push_back(type);
    linked->resource_impls_.push_back(abi::kHostInstance);
  }
  for (const HostFunc& func : p.host_funcs) {
    auto binding = linker.bind(func, linked->resources_);
    if (!binding) complain(std::move(binding).error());
    linked->bindings_.push_back(binding ? *binding : HostBinding{});
  }
  if (not_yet == NotYet::refuse) {
    for (const std::string_view what : not_yet_in(p)) {
      complain(Error(Errc::unsupported, "needs " + std::string(what) + " (not yet)"));
    }
  }
  if (!missing.empty()) return fail(worst, std::move(missing));

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
