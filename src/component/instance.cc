#include "component/instance.h"

#include <array>

#include "component/host_call.h"

namespace weft::component {

class Instance::Events final : public task::HostEvents {
 public:
  explicit Events(host::Waker& waker) : waker_(&waker) {}
  void wake() noexcept override {
    if (waker_ != nullptr) waker_->wake();
  }
  void detach() { waker_ = nullptr; }

 private:
  host::Waker* waker_;
};

static_assert(static_cast<int>(abi::StringEncoding::latin1_utf16) ==
              static_cast<int>(ast::StringEncoding::latin1_utf16));

Instance::Instance(std::unique_ptr<CoreState> core, host::RequestContext& context, host::Waker& waker)
    : core_(std::move(core)),
      component_(core_->component()),
      plan_(component_.plan()),
      context_(context),
      waker_(waker) {
  for (std::uint32_t i = 0; i < plan_.instance_parents.size(); ++i) {
    const auto& parent = plan_.instance_parents[i];
    instances_.emplace_back(handle_budget_, abi::InstanceIndex{i}, component_.resource_impls_,
                            parent ? &instances_[*parent] : nullptr);
  }
}

boost::intrusive_ptr<task::HostEvents> Instance::host_events() {
  if (events_ == nullptr) events_ = new Events(waker_);
  return events_;
}

Instance::~Instance() {
  // What guests had may use the engine's items, and the objects that they had handles to may use the states.
  end();
  resources_.clear();
  while (states_ != nullptr) std::exchange(states_, states_->next)->~State();
}

std::unique_ptr<CoreState> Instance::end() {
  if (core_ == nullptr) return nullptr;
  if (events_ != nullptr) events_->detach();
  host_tasks_.stop();
  // Frames first: they may use everything else.
  first_root_.reset();
  more_roots_.clear();
  for (GuestThread& made : threads_) made.thread.drop_stack();
  for (GuestTask& made : tasks_) made.implicit_thread.drop_stack();
  threads_.clear();
  tasks_.clear();
  idle_jobs_.clear();
  for (abi::ComponentInstance& instance : instances_) clear_objects(instance);
  return std::move(core_);
}

Result<std::unique_ptr<Instance>> Instance::create(std::shared_ptr<const LinkedComponent> component,
                                                   host::RequestContext& context, host::Waker& waker,
                                                   const wasm::StoreLimits& limits, wasm::TickPolicy* ticks) {
  TRY(auto core, CoreState::create(std::move(component), limits));
  return create(std::move(core), context, waker, ticks);
}

std::unique_ptr<Instance> Instance::create(std::unique_ptr<CoreState> core, host::RequestContext& context,
                                           host::Waker& waker, wasm::TickPolicy* ticks) {
  std::unique_ptr<Instance> instance(new Instance(std::move(core), context, waker));
  instance->core_->begin(*instance, ticks);
  return instance;
}

std::unique_ptr<task::Stack> Instance::make(void (*body)(void* env), void* env) {
  if (idle_jobs_.empty()) {
    // Every fiber below waits until progress() has made one.
    job_wanted_ = true;
    core_->store_->current_fiber()->follow(wasm::Fiber::State::preempted);
  }
  return std::make_unique<JobStack>(idle_jobs_, body, env);
}

Instance::Progress Instance::start(void (*body)(void* env), void* env, host::RequestShare* share) {
  more_roots_.remove_if([](const FiberStack& root) { return root.ended(); });
  if (!first_root_ || first_root_->ended())
    root_ = &first_root_.emplace(*core_->store_, body, env);
  else
    root_ = &more_roots_.emplace_back(*core_->store_, body, env);
  scheduler_.start(*root_, share);
  return progress();
}

Instance::Progress Instance::go_on() {
  if (failure_ != nullptr) [[unlikely]]
    std::rethrow_exception(std::exchange(failure_, nullptr));
  scheduler_.tick();
  return progress();
}

Instance::Progress Instance::progress() {
  while (std::exchange(job_wanted_, false)) {
    idle_jobs_.push_back(std::make_unique<JobFiber>(*core_->store_));
    scheduler_.tick();
  }
  if (scheduler_.held()) {
    return core_->store_->holder()->state() == wasm::Fiber::State::preempted ? Progress::preempted : Progress::waiting;
  }
  reap();
  if (failure_ != nullptr) [[unlikely]]
    return Progress::ready;
  if (tasks_.empty() && threads_.empty()) return Progress::ended;
  if (scheduler_.any_ready()) return Progress::ready;
  return events_ != nullptr && events_->operations() > 0 ? Progress::idle : Progress::stuck;
}

void Instance::instantiate() {
  if (core_->made_) return;
  for (const Step& step : plan_.steps) std::visit([this](const auto& s) { run(s); }, step);
  core_->finish();
}

// A start function or a destructor: a task of its component instance, with a thread of its own on its caller's stack.
class Instance::InlineTask : Pinned {
 public:
  InlineTask(Instance& all, task::ComponentInstance& instance)
      : task_(all.scheduler_, instance, {}, nullptr), here_(all.scheduler_, task_.implicit_thread) {
    task_.register_thread(task_.implicit_thread);
  }
  ~InlineTask() { task_.unregister_thread(task_.implicit_thread); }

 private:
  task::Task task_;
  const task::Scheduler::Inline here_;
};

void Instance::run(const InstantiateCore& step) {
  if (step.deferred) return;
  const InlineTask here(*this, instances_[step.instance]);
  make_core(step.core_instance);
}

void Instance::make_core(std::uint32_t core_instance) {
  const LinkedComponent::LinkedCore& core = component_.cores_[core_instance];
  const CompiledModule& module = component_.modules_[core.module];
  CoreInstance& made = core_->core_instances_[core_instance];
  if (core.prepared != nullptr) {
    made.instance = core_->store_->instantiate(*core.prepared, module.images);
  } else {
    std::vector<wasm::Extern> items(core.funcs->size() + core.imports.size());
    const auto funcs = std::span(items).first(core.funcs->size());
    const auto imports = std::span(items).subspan(core.funcs->size());
    core.funcs->get_all(*core_->store_, funcs);
    for (std::size_t i = 0; i < imports.size(); ++i) {
      const LinkedComponent::LinkedItem& item = core.imports[i];
      imports[i] = item.kind == CoreItem::Kind::trampoline ? funcs[item.index] : export_of(item);
    }
    made.instance = core_->store_->instantiate(module.code, imports, module.images);
  }
  made.made = true;
  // A deferred one does nothing when it is made: it might as well have been made with the others.
  if (core_->made_) core_->note(core_instance, true);
}

wasm::Extern Instance::export_of(const LinkedComponent::LinkedItem& item) {
  wasm::Extern found;
  if (!core_->store_->export_at(core_->core_instances_[item.index].instance, item.export_index, found)) {
    throw abi::Trap("a core instance is of another module than planned");
  }
  return found;
}

void Instance::run(const ExtractMemory& step) {
  core_->memories_[step.slot] = core_->store_->memory_of(export_of(component_.memories_[step.slot]));
  if (core_->memories_[step.slot] == nullptr)
    throw abi::Trap("the memory " + step.item.name + " is not a linear memory of 32-bit addresses");
}

void Instance::run(const ExtractTable& step) {
  core_->tables_[step.slot] = export_of(component_.tables_[step.slot]);
  if (core_->tables_[step.slot].kind != wasm::ExternKind::table)
    throw abi::Trap("the table " + step.item.name + " is something else");
}

void Instance::run(const ExtractFunc& step) {
  // Many are never called: a realloc, say, by requests that pass nothing through memory.
  core_->funcs_[step.slot].instance = this;
}

const wasm::Func& Instance::find_func(FuncSlotIndex slot) {
  FuncSlot& found = core_->funcs_[slot];
  if (found.instance == nullptr) throw wasm::uninitialized_element();
  const LinkedComponent::LinkedItem& item = component_.funcs_[slot];
  if (item.kind == CoreItem::Kind::trampoline) {
    std::vector<wasm::Extern> funcs(component_.func_trampolines_.size());
    component_.func_trampolines_.get_all(*core_->store_, funcs);
    found.func = core_->store_->func_of(funcs[item.index]);
  } else {
    if (!core_->core_instances_[item.index].made) make_core(item.index);
    found.func = core_->store_->func_of(export_of(item));
  }
  return found.func;
}

void Instance::run(const CallStart& step) {
  const InlineTask here(*this, instances_[step.instance]);
  abi::CoreValue none;
  core_->store_->call(func_at(step.slot), &none, 1);
}

const abi::LinearMemory* Instance::memory_of(const CanonOptions& options) const {
  return options.memory ? core_->memories_[*options.memory] : nullptr;
}

abi::Realloc Instance::realloc_of(const CanonOptions& options) {
  if (!options.realloc) return {};
  return {[](void* env, std::uint32_t old_ptr, std::uint32_t old_size, std::uint32_t align, std::uint32_t new_size) {
            const auto& slot = *static_cast<const FuncSlot*>(env);
            // Called as if it were an exported function, but for the check of entering: a task of its own.
            Instance& made = *slot.instance;
            task::Task task(made.scheduler_, made.instances_.front(), {}, nullptr);
            const task::Scheduler::Inline here(made.scheduler_, task.implicit_thread);
            std::array<abi::CoreValue, 4> values;
            values[0].set_i32(old_ptr);
            values[1].set_i32(old_size);
            values[2].set_i32(align);
            values[3].set_i32(new_size);
            made.call_core(made.func_at(static_cast<FuncSlotIndex>(&slot - made.core_->funcs_.data())), values);
            return values[0].i32();
          },
          &core_->funcs_[*options.realloc]};
}

void Instance::call_host(const LowerTrampoline& lower, const HostBinding& binding, abi::CoreValue* values) {
  instances_[lower.caller.instance].check_may_leave();
  host::RequestContext& context = this->context();
  ++context.share().account.host_calls;
  if (context.recorder != nullptr) [[unlikely]] {
    const HostFunc& func = plan_.host_funcs[lower.callee.index];
    context.recorder->on_host_call(func.interface, func.name);
  }
  HostCall call(*this, lower, values);
  binding.call(binding.env, call, values);
  call.end(values);
}

void Instance::drop_own(abi::ComponentInstance& caller, abi::ResourceIndex resource, std::uint32_t rep) {
  const Resource& type = plan_.resources[static_cast<std::uint32_t>(resource)];
  if (type.imported) {
    resources_.take(rep);
    return;
  }
  task::ComponentInstance& owner = instances_[type.instance];
  owner.enter_from(&caller);
  if (type.dtor) {
    const InlineTask here(*this, owner);
    abi::CoreValue value;
    value.set_i32(rep);
    call_core(func_at(*type.dtor), std::span(&value, 1));
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
  while (!any_ready()) core_->store_->current_fiber()->wait();
}

void Instance::wait_until(host::Signal& signal, const std::function<bool()>& done) {
  if (done()) return;
  host::Subscription subscription;
  subscription.subscribe(signal, waker_);
  while (!done()) core_->store_->current_fiber()->wait();
}

}  // namespace weft::component
