#include "wasm/store.h"

#include <cxxabi.h>

#include <cstring>
#include <string_view>

#include "wasm/c_api.h"
#include "wasm/host_funcs.h"
#include "wasm/memory_pool.h"
#include "wasm/stack_pool.h"

namespace weft::wasm {
namespace {

// Native stack that must be left for the host below a guest's own allowance.
constexpr std::size_t host_stack_reserve = 128 << 10;

wasmtime_func_t& raw(Func& func) {
  return reinterpret_cast<wasmtime_func_t&>(func);
}
const wasmtime_func_t& raw(const Func& func) {
  return reinterpret_cast<const wasmtime_func_t&>(func);
}
wasmtime_extern_t& raw(Extern& item) {
  return reinterpret_cast<wasmtime_extern_t&>(item);
}
const wasmtime_extern_t& raw(const Extern& item) {
  return reinterpret_cast<const wasmtime_extern_t&>(item);
}

wasm_trap_t* trap_of(std::string_view message) {
  return wasmtime_trap_new(message.data(), message.size());
}

bool poll(wasmtime_call_future_t* future, SanitizerFiber& sanitizer) {
  SanitizerFiber::Enter enter(sanitizer);
  return wasmtime_call_future_poll(future);
}

// An exception is being handled or thrown on this thread.
bool in_exception() {
  struct Globals {  // __cxa_eh_globals of the Itanium C++ ABI
    void* caught;
    unsigned uncaught;
  };
  const auto* globals = reinterpret_cast<const Globals*>(__cxxabiv1::__cxa_get_globals());
  return globals->caught != nullptr || globals->uncaught != 0;
}

}  // namespace

GuestTrap uninitialized_element() {
  const std::string text = "wasm trap: uninitialized element";
  return {WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL, text, text};
}

Result<std::unique_ptr<Store>> Store::create(const Engine& engine, const StoreLimits& limits, TickPolicy* ticks,
                                             void* owner) {
  std::unique_ptr<Store> store(new Store(engine));
  store->ticks_ = ticks;
  store->owner_ = owner;
  store->memory_use_.limit = limits.total_memory_bytes;
  store->memory_use_.guard = limits.guard;
  store->store_ = wasmtime_store_new(engine.raw(), store.get(), nullptr);
  store->context_ = wasmtime_store_context(store->store_);
  wasmtime_store_limiter(store->store_, static_cast<std::int64_t>(limits.memory_bytes),
                         static_cast<std::int64_t>(limits.table_elements), limits.instances, limits.tables,
                         limits.memories);
  wasmtime_context_set_epoch_deadline(store->context_, 1);
  wasmtime_store_epoch_deadline_callback(
      store->store_,
      [](wasmtime_context_t*, void* env, std::uint64_t* delta,
         wasmtime_update_deadline_kind_t* kind) noexcept -> wasmtime_error_t* {
        auto* self = static_cast<Store*>(env);
        *delta = 1;
        *kind = WASMTIME_UPDATE_DEADLINE_CONTINUE;
        if (self->ticks_ == nullptr || self->current_ == nullptr) return nullptr;
        switch (self->ticks_->on_tick(*self->current_)) {
          case TickVerdict::go_on:
            break;
          case TickVerdict::yield:
            *kind = WASMTIME_UPDATE_DEADLINE_YIELD;
            break;
          case TickVerdict::end:
            return wasmtime_error_new(self->ticks_->end_reason().c_str());
        }
        return nullptr;
      },
      store.get(), nullptr);
  store->root_ = store->only_function(engine.root_function());
  return store;
}

Store::~Store() {
  if (store_ != nullptr) wasmtime_store_delete(store_);
}

void Store::pass_to(TickPolicy* ticks, void* owner) {
  ticks_ = ticks;
  owner_ = owner;
  memory_use_.peak = memory_use_.current;
  memory_use_.refused = 0;
  wasmtime_context_set_epoch_deadline(context_, 1);
}

Func Store::only_function(wasmtime_linker* linker) {
  wasmtime_extern_t item;
  weft_linker_get_all(linker, context_, &item, 1);
  Func func;
  raw(func) = item.of.func;
  return func;
}

const Func& Store::wait_function() {
  if (!wait_) wait_ = only_function(engine_.wait_function());
  return wait_;
}

Result<void> Store::define_builtins(wasmtime_linker* root_linker, wasmtime_linker* wait_linker) {
  wasm_functype_t* type = wasm_functype_new_0_0();
  auto root = [](void*, wasmtime_caller_t* caller, wasmtime_val_raw_t*, std::size_t) noexcept -> wasm_trap_t* {
    Fiber& fiber = *store_of(caller).current_;
    try {
      fiber.body_(fiber.env_);
    } catch (...) {
      fiber.failure_ = std::current_exception();
    }
    return nullptr;
  };
  auto wait = [](void*, wasmtime_caller_t* caller, const wasmtime_val_t*, std::size_t, wasmtime_val_t*, std::size_t,
                 wasm_trap_t**, wasmtime_async_continuation_t* continuation) noexcept {
    continuation->env = store_of(caller).current_;
    continuation->callback = [](void* env) noexcept { return !static_cast<Fiber*>(env)->suspend_; };
    continuation->finalizer = nullptr;
  };
  wasmtime_error_t* error =
      wasmtime_linker_define_func_unchecked(root_linker, "", 0, "", 0, type, root, nullptr, nullptr);
  if (error == nullptr) {
    error = wasmtime_linker_define_async_func(wait_linker, "", 0, "", 0, type, wait, nullptr, nullptr);
  }
  wasm_functype_delete(type);
  if (error != nullptr) return std::unexpected(take_error(Errc::internal, error));
  return {};
}

bool GuestTrap::is_exception() const {
  // The engine tells it by its message only.
  return code_ == -1 && message() == "thrown Wasm exception";
}

void Store::raise(wasm_trap_t* trap, wasmtime_error* error) {
  weft_failure_t failure;
  weft_failure_take(trap, error, &failure);
  std::string summary = take(failure.summary);
  std::string detail = take(failure.detail);
  if (current_ != nullptr && current_->thrown_ != nullptr) {
    std::rethrow_exception(std::exchange(current_->thrown_, nullptr));
  }
  throw GuestTrap(failure.code, std::move(summary), std::move(detail));
}

template <class Start>
Instance Store::instantiate_with(const MemoryImages& images, Start start) {
  check_entry();
  Instance instance;
  wasm_trap_t* trap = nullptr;
  wasmtime_error_t* error = nullptr;
  wasmtime_call_future_t* future = nullptr;
  SanitizerFiber sanitizer;
  bool ready;
  {
    // Memories are made by the first poll; a start function that waits comes after.
    ImageScope scope(images, memory_use_);
    future = start(reinterpret_cast<wasmtime_instance_t*>(&instance), &trap, &error);
    ready = poll(future, sanitizer);
  }
  struct Guard {
    wasmtime_call_future_t* future;
    SanitizerFiber& sanitizer;
    ~Guard() {
      SanitizerFiber::Enter enter(sanitizer);
      wasmtime_call_future_delete(future);
    }
  } guard{future, sanitizer};
  while (!ready) {
    // A start function waits, or was preempted: this fiber does the same in its place.
    current_->suspend(current_->suspend_ ? Fiber::State::waiting : Fiber::State::preempted, current_->hold_);
    ready = poll(future, sanitizer);
  }
  if (trap != nullptr || error != nullptr) raise(trap, error);
  return instance;
}

Instance Store::instantiate(const Module& module, std::span<const Extern> imports, const MemoryImages& images) {
  return instantiate_with(images, [&](wasmtime_instance_t* instance, wasm_trap_t** trap, wasmtime_error_t** error) {
    return weft_instance_new_async(context_, module.raw(), reinterpret_cast<const wasmtime_extern_t*>(imports.data()),
                                   imports.size(), instance, trap, error);
  });
}

Instance Store::instantiate(const InstancePre& prepared, const MemoryImages& images) {
  return instantiate_with(images, [&](wasmtime_instance_t* instance, wasm_trap_t** trap, wasmtime_error_t** error) {
    return wasmtime_instance_pre_instantiate_async(prepared.raw(), context_, instance, trap, error);
  });
}

void Store::check_entry() const {
  if (stack_left(__builtin_frame_address(0)) < max_wasm_stack + host_stack_reserve) [[unlikely]] {
    throw GuestTrap(WASMTIME_TRAP_CODE_STACK_OVERFLOW, "call stack exhausted", "call stack exhausted");
  }
  if (poisoned_) [[unlikely]]
    throw GuestTrap(-1, "the store is poisoned", "the store is poisoned: a fiber was dropped");
}

void Store::call(const Func& func, abi::CoreValue* values, std::size_t count) {
  check_entry();
  wasm_trap_t* trap = nullptr;
  wasmtime_error_t* error =
      wasmtime_func_call_unchecked(context_, &raw(func), reinterpret_cast<wasmtime_val_raw_t*>(values), count, &trap);
  if (trap != nullptr || error != nullptr) [[unlikely]]
    raise(trap, error);
}

bool Store::export_at(const Instance& instance, const ExportIndex& index, Extern& out) {
  return weft_instance_export_at(context_, reinterpret_cast<const wasmtime_instance_t*>(&instance),
                                 reinterpret_cast<const weft_module_export_t*>(&index), &raw(out));
}

bool Store::export_of(const Instance& instance, std::string_view name, Extern& out) {
  return wasmtime_instance_export_get(context_, reinterpret_cast<const wasmtime_instance_t*>(&instance), name.data(),
                                      name.size(), &raw(out));
}

Func Store::func_of(const Extern& item) const {
  Func func;
  if (item.kind == ExternKind::func) raw(func) = raw(item).of.func;
  return func;
}

Func Store::func_of_table(const Extern& table, std::uint32_t index) const {
  wasmtime_val_t value;
  if (table.kind != ExternKind::table || !wasmtime_table_get(context_, &raw(table).of.table, index, &value))
    throw GuestTrap(WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS, "undefined element", "undefined element: out of bounds");
  Func func;
  if (value.kind == WASMTIME_FUNCREF) raw(func) = value.of.funcref;
  if (!func) throw uninitialized_element();
  wasm_functype_t* type = wasmtime_func_type(context_, &raw(func));
  const wasm_valtype_vec_t* params = wasm_functype_params(type);
  const bool fits =
      params->size == 1 && wasm_valtype_kind(params->data[0]) == WASM_I32 && wasm_functype_results(type)->size == 0;
  wasm_functype_delete(type);
  if (!fits)
    throw GuestTrap(WASMTIME_TRAP_CODE_BAD_SIGNATURE, "indirect call type mismatch", "indirect call type mismatch");
  return func;
}

const abi::LinearMemory* Store::memory_of(const Extern& item) {
  if (item.kind != ExternKind::memory) return nullptr;
  const auto* base = reinterpret_cast<const std::byte*>(wasmtime_memory_data(context_, &raw(item).of.memory));
  return MemorySlot::find(memory_use_, base);
}

wasm_trap_t* Store::keep_exception() noexcept {
  // No exception crosses the C API: it is thrown again where the guest was entered.
  if (current_ == nullptr) return trap_of("host function failed outside a fiber");
  current_->thrown_ = std::current_exception();
  return trap_of("host function failed");
}

Fiber::Fiber(Store& store, void (*body)(void* env), void* env) : store_(store), body_(body), env_(env) {}

Fiber::~Fiber() {
  if (future_ == nullptr) return;
  if (state_ != State::done) {
    dropping_ = true;
    store_.poisoned_ = true;
    if (store_.holder_ == this) store_.holder_ = nullptr;
    outer_ = std::exchange(store_.current_, this);
    {
      SanitizerFiber::Enter enter(sanitizer_);
      wasmtime_call_future_delete(future_);
    }
    store_.current_ = outer_;
  } else {
    wasmtime_call_future_delete(future_);
  }
}

Fiber::State Fiber::resume() {
  if (store_.holder_ != nullptr && store_.holder_ != this) return state_;
  if (state_ == State::fresh) {
    future_ = weft_func_start(store_.context_, &raw(store_.root_), &trap_, &error_);
  }
  suspend_ = false;
  store_.holder_ = nullptr;
  outer_ = std::exchange(store_.current_, this);
  const bool finished = poll(future_, sanitizer_);
  store_.current_ = outer_;
  if (!finished) {
    state_ = suspend_ ? suspended_as_ : State::preempted;
    if (state_ == State::preempted || hold_ == Hold::keep) store_.holder_ = this;
    return state_;
  }
  state_ = State::done;
  if (trap_ != nullptr || error_ != nullptr) {
    // The root frame itself failed: no stack could be had.
    weft_failure_t failure;
    weft_failure_take(trap_, error_, &failure);
    std::string summary = take(failure.summary);
    std::string detail = take(failure.detail);
    if (failure_ == nullptr) {
      failure_ = std::make_exception_ptr(GuestTrap(failure.code, std::move(summary), std::move(detail)));
    }
  }
  return state_;
}

void Fiber::begin() {
  Fiber* const holder = std::exchange(store_.holder_, nullptr);
  resume();
  store_.holder_ = holder;
}

void Fiber::wait(Hold hold) {
  suspend(State::waiting, hold);
}

void Fiber::suspend(State as, Hold hold) {
  if (in_exception()) throw abi::Trap("a host function waits while it handles an exception");
  suspend_ = true;
  suspended_as_ = as;
  hold_ = hold;
  wasm_trap_t* trap = nullptr;
  wasmtime_val_raw_t none;
  wasmtime_error_t* error =
      wasmtime_func_call_unchecked(store_.context_, &raw(store_.wait_function()), &none, 0, &trap);
  if (dropping_) {
    if (trap != nullptr) wasm_trap_delete(trap);
    if (error != nullptr) wasmtime_error_delete(error);
    throw FiberDropped();
  }
  if (trap != nullptr || error != nullptr) store_.raise(trap, error);
}

}  // namespace weft::wasm
