#include "component/instance.h"

#include <array>

#include "gaps/gaps.h"

namespace weft::component {

static_assert(static_cast<int>(abi::StringEncoding::latin1_utf16) ==
              static_cast<int>(ast::StringEncoding::latin1_utf16));

Instance::Instance(std::shared_ptr<const LinkedComponent> component, host::RequestContext& context, host::Waker& waker)
    : component_(std::move(component)), plan_(component_->plan()), context_(context), waker_(waker) {
  for (std::uint32_t i = 0; i < plan_.instance_parents.size(); ++i) {
    const auto& parent = plan_.instance_parents[i];
    instances_.emplace_back(handle_budget_, abi::InstanceIndex{i}, component_->resource_impls_,
                            parent ? &instances_[*parent] : nullptr);
  }
  core_instances_.resize(plan_.core_instances);
  memories_.resize(plan_.memory_slots);
  funcs_.resize(plan_.func_slots);
}

Instance::~Instance() = default;

Result<std::unique_ptr<Instance>> Instance::create(std::shared_ptr<const LinkedComponent> component,
                                                   host::RequestContext& context, host::Waker& waker,
                                                   const wasm::StoreLimits& limits, wasm::TickPolicy* ticks) {
  const wasm::Engine& engine = component->engine();
  std::unique_ptr<Instance> instance(new Instance(std::move(component), context, waker));
  TRY(instance->store_, wasm::Store::create(engine, limits, ticks, instance.get()));
  return instance;
}

void Instance::instantiate() {
  host_funcs_.resize(component_->host_funcs_.size());
  component_->host_funcs_.get_all(*store_, host_funcs_);
  Task task(current_task_, nullptr, nullptr);
  for (const Step& step : plan_.steps) std::visit([this](const auto& s) { run(s); }, step);
}

void Instance::run(const InstantiateCore& step) {
  constexpr std::size_t usual_imports = 48;
  std::array<wasm::Extern, usual_imports> inline_imports;
  std::vector<wasm::Extern> many;
  std::span<wasm::Extern> imports(inline_imports);
  if (step.imports.size() > usual_imports) {
    many.resize(step.imports.size());
    imports = many;
  }
  imports = imports.first(step.imports.size());
  for (std::size_t i = 0; i < imports.size(); ++i) imports[i] = next_item();
  const CompiledModule& module = component_->modules_[step.module];
  core_instances_[step.core_instance] = store_->instantiate(module.code, imports, module.images);
}

wasm::Extern Instance::next_item() {
  const LinkedComponent::LinkedItem& item = component_->items_[next_item_++];
  if (item.kind == CoreItem::Kind::trampoline) return host_funcs_[item.index];
  wasm::Extern found;
  if (!store_->export_at(core_instances_[item.index], item.export_index, found)) {
    throw abi::Trap("a core instance is of another module than planned");
  }
  return found;
}

void Instance::run(const ExtractMemory& step) {
  memories_[step.slot] = store_->memory_of(next_item());
  if (memories_[step.slot] == nullptr)
    throw abi::Trap("the memory " + step.item.name + " is not a linear memory of 32-bit addresses");
}

void Instance::run(const ExtractFunc& step) {
  funcs_[step.slot] = {this, store_->func_of(next_item())};
}

const abi::LinearMemory* Instance::memory_of(const CanonOptions& options) const {
  return options.memory ? memories_[*options.memory] : nullptr;
}

abi::Realloc Instance::realloc_of(const CanonOptions& options) {
  if (!options.realloc) return {};
  return {[](void* env, std::uint32_t old_ptr, std::uint32_t old_size, std::uint32_t align, std::uint32_t new_size) {
            const auto& slot = *static_cast<const FuncSlot*>(env);
            // Called as if it were an exported function, but for the check of entering: a task of its own.
            Task task(slot.instance->current_task_, nullptr, nullptr);
            std::array<abi::CoreValue, 4> values;
            values[0].set_i32(old_ptr);
            values[1].set_i32(old_size);
            values[2].set_i32(align);
            values[3].set_i32(new_size);
            slot.instance->call_core(slot.func, values);
            return values[0].i32();
          },
          &funcs_[*options.realloc]};
}

void Instance::on_trampoline(std::uint32_t index, abi::CoreValue* values) {
  const Trampoline& trampoline = plan_.trampolines[index];
  if (const auto* lower = std::get_if<LowerTrampoline>(&trampoline)) {
    instances_[lower->caller.instance].check_may_leave();
    if (lower->callee.kind == FuncRef::Kind::host_import) {
      call_host(*lower, values);
    } else {
      call_component(*lower, values);
    }
    return;
  }
  call_builtin(std::get<BuiltinTrampoline>(trampoline), values);
}

void Instance::call_host(const LowerTrampoline& lower, abi::CoreValue* values) {
  if (lower.caller.async)
    throw abi::Trap(gaps::refuse(gaps::Gap::asynchronous_calls, "asynchronous calls of host functions").message());
  ++context_.account.host_calls;
  if (context_.recorder != nullptr) [[unlikely]] {
    const HostFunc& func = plan_.host_funcs[lower.callee.index];
    context_.recorder->on_host_call(func.interface, func.name);
  }
  HostCall call{*this, instances_[lower.caller.instance], lower};
  const HostBinding& binding = component_->bindings_[lower.callee.index];
  binding.call(binding.env, call, values);
}

void Instance::drop_own(abi::ComponentInstance& caller, abi::ResourceIndex resource, std::uint32_t rep) {
  const Resource& type = plan_.resources[static_cast<std::uint32_t>(resource)];
  if (type.imported) {
    resources_.take(rep);
    return;
  }
  abi::ComponentInstance& owner = instances_[type.instance];
  owner.enter_from(&caller);
  if (type.dtor) {
    Task task(current_task_, nullptr, nullptr);
    abi::CoreValue value;
    value.set_i32(rep);
    call_core(funcs_[*type.dtor].func, std::span(&value, 1));
  }
  owner.leave_to(&caller);
}

void Instance::wait_for(std::span<host::Pollable* const> pollables) {
  auto any_ready = [&] {
    for (host::Pollable* pollable : pollables) {
      if (pollable->ready()) return true;
    }
    return false;
  };
  if (any_ready()) return;
  std::deque<host::Subscription> subscriptions;
  for (host::Pollable* pollable : pollables) subscriptions.emplace_back().subscribe(pollable->signal(), waker_);
  while (!any_ready()) store_->current_fiber()->wait();
}

void Instance::wait_until(host::Signal& signal, const std::function<bool()>& done) {
  if (done()) return;
  host::Subscription subscription;
  subscription.subscribe(signal, waker_);
  while (!done()) store_->current_fiber()->wait();
}

}  // namespace weft::component
