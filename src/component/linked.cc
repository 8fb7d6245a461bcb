#include "component/linked.h"

#include "component/builtins.h"
#include "component/host_call.h"
#include "component/instance.h"
#include "component/lacks.h"
#include "gaps/gaps.h"

namespace weft::component {

namespace {

// In place of a host function that weft does not have yet.
void refuse_call(const void*, HostCall& call, abi::CoreValue*) {
  const HostFunc& func = call.instance.component().plan().host_funcs[call.lower.callee.index];
  const std::string of = func.interface.empty() ? "" : func.interface + "#";
  throw abi::Trap("the component calls " + of + func.name + ": it " +
                  gaps::needs_interface(func.interface.empty() ? func.name : func.interface));
}

}  // namespace

Result<std::shared_ptr<const LinkedComponent>> LinkedComponent::create(const wasm::Engine& engine,
                                                                       std::shared_ptr<const LinkPlan> plan,
                                                                       std::vector<CompiledModule> modules,
                                                                       const HostLinker& linker, NotYet imports) {
  std::shared_ptr<LinkedComponent> linked(new LinkedComponent(engine));
  linked->plan_ = std::move(plan);
  linked->modules_ = std::move(modules);
  const LinkPlan& p = *linked->plan_;
  BoundImports bound = bind_imports(p, linker);
  std::vector<Lack> lacks = std::move(bound.lacks);
  if (imports == NotYet::trap) linked->fails_calling_ = lines_of(take_not_yet(lacks));
  if (!lacks.empty()) return std::unexpected(error_of(lacks));
  linked->resources_ = std::move(bound.resources);
  for (const Resource& resource : p.resources) {
    linked->resource_impls_.push_back(resource.imported ? abi::kHostInstance : abi::InstanceIndex{resource.instance});
  }
  for (const Trampoline& trampoline : p.trampolines) {
    LinkedTrampoline made{&trampoline, {}, 0};
    const auto* lower = std::get_if<LowerTrampoline>(&trampoline);
    if (lower != nullptr && lower->callee.kind == FuncRef::Kind::host_import) {
      made.binding = bound.funcs[lower->callee.index];
      if (made.binding.call == nullptr) made.binding.call = &refuse_call;
    }
    if (const auto* forward = std::get_if<ForwardTrampoline>(&trampoline)) made.slot = forward->slot;
    linked->trampolines_.push_back(made);
  }
  CHECK_OK(linked->link_steps());
  linked->restorable_ = std::ranges::all_of(
      linked->cores_, [&](const LinkedCore& core) { return linked->modules_[core.module].code.state() != nullptr; });
  return linked;
}

wasm::HostFunc LinkedComponent::host_func(std::uint32_t trampoline) const {
  const LinkedTrampoline& linked = trampolines_[trampoline];
  wasm::HostFunc func{.type = core_type_of(*linked.trampoline), .env = const_cast<LinkedTrampoline*>(&linked)};
  if (std::holds_alternative<ForwardTrampoline>(*linked.trampoline)) {
    func.forward = &LinkedComponent::forward;
  } else if (std::holds_alternative<BuiltinTrampoline>(*linked.trampoline)) {
    func.call = &LinkedComponent::enter_builtin;
  } else {
    func.call = linked.binding.call != nullptr ? &LinkedComponent::enter_host : &LinkedComponent::enter_component;
  }
  return func;
}

Result<LinkedComponent::LinkedItem> LinkedComponent::link_export(const CoreItem& item) const {
  const auto found = modules_[cores_[item.index].module].code.export_index(item.name);
  if (!found) return fail(Errc::internal, "a core module lacks its export " + item.name);
  return LinkedItem{item.kind, item.index, *found};
}

Result<void> LinkedComponent::link_core(const InstantiateCore& step) {
  LinkedCore core;
  core.module = step.module;
  const auto is_trampoline = [](const CoreItem& item) { return item.kind == CoreItem::Kind::trampoline; };
  if (std::ranges::all_of(step.imports, is_trampoline)) {
    std::vector<wasm::HostFunc> funcs;
    for (const CoreItem& item : step.imports) funcs.push_back(host_func(item.index));
    TRY(core.prepared, wasm::InstancePre::create(engine_, modules_[step.module].code, funcs));
  } else {
    core.funcs = std::make_unique<wasm::HostFuncs>(engine_);
    for (const CoreItem& item : step.imports) {
      if (!is_trampoline(item)) {
        TRY(auto linked, link_export(item));
        core.imports.push_back(linked);
        continue;
      }
      TRY(const std::uint32_t index, core.funcs->define(host_func(item.index)));
      core.imports.push_back({item.kind, index, {}});
    }
    CHECK_OK(core.funcs->seal());
    for (LinkedItem& item : core.imports) {
      if (item.kind == CoreItem::Kind::trampoline) item.index = core.funcs->place(item.index);
    }
  }
  cores_.push_back(std::move(core));
  return {};
}

Result<void> LinkedComponent::link_steps() {
  for (const Step& step : plan_->steps) {
    if (const auto* instantiate = std::get_if<InstantiateCore>(&step)) {
      CHECK_OK(link_core(*instantiate));
    } else if (const auto* memory = std::get_if<ExtractMemory>(&step)) {
      TRY(auto linked, link_export(memory->item));
      memories_.push_back(linked);
    } else if (const auto* table = std::get_if<ExtractTable>(&step)) {
      TRY(auto linked, link_export(table->item));
      tables_.push_back(linked);
    } else if (const auto* func = std::get_if<ExtractFunc>(&step)) {
      if (func->item.kind == CoreItem::Kind::instance_export) {
        TRY(auto linked, link_export(func->item));
        funcs_.push_back(linked);
      } else {
        TRY(const std::uint32_t index, func_trampolines_.define(host_func(func->item.index)));
        funcs_.push_back({func->item.kind, index, {}});
      }
    }
  }
  CHECK_OK(func_trampolines_.seal());
  for (LinkedItem& item : funcs_) {
    if (item.kind == CoreItem::Kind::trampoline) item.index = func_trampolines_.place(item.index);
  }
  return {};
}

Instance& LinkedComponent::entered(wasm::Store& store) {
  auto& instance = *static_cast<Instance*>(store.owner());
  instance.note_call();
  return instance;
}

void LinkedComponent::enter_host(void* env, wasm::Store& store, abi::CoreValue* values, std::size_t) {
  const auto& linked = *static_cast<const LinkedTrampoline*>(env);
  const auto& lower = *std::get_if<LowerTrampoline>(linked.trampoline);
  entered(store).call_host(lower, linked.binding, values);
}

void LinkedComponent::enter_component(void* env, wasm::Store& store, abi::CoreValue* values, std::size_t) {
  const auto& lower = *std::get_if<LowerTrampoline>(static_cast<const LinkedTrampoline*>(env)->trampoline);
  entered(store).call_component(lower, values);
}

void LinkedComponent::enter_builtin(void* env, wasm::Store& store, abi::CoreValue* values, std::size_t) {
  const auto& builtin = *std::get_if<BuiltinTrampoline>(static_cast<const LinkedTrampoline*>(env)->trampoline);
  entered(store).call_builtin(builtin, values);
}

const wasm::Func& LinkedComponent::forward(void* env, wasm::Store& store) {
  return static_cast<Instance*>(store.owner())->func_at(static_cast<const LinkedTrampoline*>(env)->slot);
}

}  // namespace weft::component
