// A store and the fibers that run guests in it.
//
// A store belongs to one thread for life. It is idle, running, or *held* by one fiber that was preempted or waits
// inside a synchronous host call; a held store resumes only that fiber, or guests' shadow stacks would be
// overwritten. Only the component model's own blocking points release it. Host functions run on the guest's fiber and
// may wait by Fiber::wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "abi/core_value.h"
#include "abi/memory.h"
#include "abi/trap.h"
#include "util/error.h"
#include "util/pinned.h"
#include "util/recycled.h"
#include "wasm/engine.h"
#include "wasm/handles.h"
#include "wasm/memory_image.h"
#include "wasm/memory_use.h"
#include "wasm/sanitizer_fiber.h"

struct wasmtime_store;
struct wasmtime_context;
struct wasmtime_caller;
struct wasm_trap_t;
struct wasmtime_call_future;
struct wasmtime_error;

namespace weft::wasm {

// A trap raised by guest code. `detail` has the backtrace and is for logs, never for a client.
class GuestTrap : public abi::Trap {
 public:
  GuestTrap(int code, std::string summary, std::string detail)
      : abi::Trap(std::move(summary)), code_(code), detail_(std::move(detail)) {}
  int code() const { return code_; }  // Wasmtime's trap code, or -1
  // An exception that the guest threw and did not catch.
  bool is_exception() const;
  const std::string& detail() const { return detail_; }

 private:
  int code_;
  std::string detail_;
};

// A call of a table's element that is not set, as the engine words it.
GuestTrap uninitialized_element();

// Thrown on a fiber that is being dropped: unwinds the host's frames, must not be swallowed.
struct FiberDropped {};

// Limits of one store. Exceeding a memory or table limit makes the guest's grow instruction fail.
struct StoreLimits {
  std::uint64_t memory_bytes = 128ull << 20;        // each linear memory
  std::uint64_t total_memory_bytes = 512ull << 20;  // all of them together: one component may define many
  std::uint64_t table_elements = 100'000;           // each table
  std::uint32_t instances = 200;
  std::uint32_t tables = 64;
  std::uint32_t memories = 32;
  const MemoryGuard* guard = nullptr;  // outlives the store; null: nobody looks at all stores together
  bool operator==(const StoreLimits&) const = default;
};

// What a waiting fiber does to its store.
enum class Hold {
  keep,     // a synchronous host call: nothing else of the store may run until it returns
  release,  // a blocking point of the component model: other fibers of the store may run
};

// What to do at an epoch tick while a guest runs.
enum class TickVerdict { go_on, yield, end };

class Fiber;

// Decides at each epoch tick. Must be quick, must not throw, must not call the guest.
class TickPolicy {
 public:
  virtual TickVerdict on_tick(Fiber& running) noexcept = 0;
  // Why on_tick said `end`; becomes the trap's message.
  virtual std::string end_reason() const = 0;

 protected:
  ~TickPolicy() = default;
};

class InstancePre;

class Store final : Pinned, public Recycled<Store> {
 public:
  // `owner` is for whoever made the store; host callbacks find it by owner().
  static Result<std::unique_ptr<Store>> create(const Engine& engine, const StoreLimits& limits, TickPolicy* ticks,
                                               void* owner);
  // REQUIRES: no fiber of this store is pending.
  ~Store();

  void* owner() const { return owner_; }
  Fiber* current_fiber() const { return current_; }
  // The one fiber that may be resumed, or null: any may.
  Fiber* holder() const { return holder_; }
  // A fiber was dropped: guests' stack pointers and locks are as it left them. Every later entry traps.
  bool poisoned() const { return poisoned_; }
  // Gives the store to another owner, whose account of memory begins here. REQUIRES: no fiber of it is left, and it is
  // not poisoned.
  void pass_to(TickPolicy* ticks, void* owner);
  // Bytes of all linear memories.
  const MemoryUse& memory_use() const { return memory_use_; }

  // ---- The following run on a fiber of this store and throw GuestTrap, or what a host function threw. ----

  // Makes an instance of `module` with positional imports and runs its start function.
  Instance instantiate(const Module& module, std::span<const Extern> imports, const MemoryImages& images);
  // The same, of what was prepared.
  Instance instantiate(const InstancePre& prepared, const MemoryImages& images);
  // Calls a core function: `values` holds its arguments and takes its results. The one way into guest code from a
  // host frame: traps with "call stack exhausted" when this fiber's native stack has no room for another entry.
  void call(const Func& func, abi::CoreValue* values, std::size_t count);

  // ---- Anywhere on the store's thread. ----

  // The export at `index` of an instance of the module that gave the index. False: of another module.
  bool export_at(const Instance& instance, const ExportIndex& index, Extern& out);
  // The same by name, for tests and tools.
  bool export_of(const Instance& instance, std::string_view name, Extern& out);
  Func func_of(const Extern& item) const;
  const abi::LinearMemory* memory_of(const Extern& item);
  // The function at `index` of a table, which takes one i32 and returns nothing; traps if there is none.
  Func func_of_table(const Extern& table, std::uint32_t index) const;
  wasmtime_context* context() const { return context_; }

  static Result<void> define_builtins(wasmtime_linker* root_linker, wasmtime_linker* wait_linker);

 private:
  friend class Fiber;
  friend struct HostFuncEntry;
  explicit Store(const Engine& engine) : engine_(engine) {}
  Func only_function(wasmtime_linker* linker);
  const Func& wait_function();  // got when it is first needed
  [[noreturn]] void raise(wasm_trap_t* trap, wasmtime_error* error);
  void check_entry() const;
  template <class Start>
  Instance instantiate_with(const MemoryImages& images, Start start);
  // In a catch block: keeps what was thrown until the guest's entry, and gives the trap that unwinds the guest.
  wasm_trap_t* keep_exception() noexcept;

  const Engine& engine_;
  wasmtime_store* store_ = nullptr;
  wasmtime_context* context_ = nullptr;
  TickPolicy* ticks_ = nullptr;
  void* owner_ = nullptr;
  Fiber* current_ = nullptr;
  Fiber* holder_ = nullptr;
  bool poisoned_ = false;
  MemoryUse memory_use_;
  Func root_;
  Func wait_;
};

// One line of execution in a store, on a stack of its own.
class Fiber : Pinned {
 public:
  enum class State { fresh, preempted, waiting, done };

  // `body(env)` runs on the fiber when first resumed. What it throws is kept in failure().
  Fiber(Store& store, void (*body)(void* env), void* env);
  // Dropping a fiber that is not done unwinds it (FiberDropped) and poisons its store: nothing of it may be reused.
  ~Fiber();

  // Runs the fiber until it ends, waits or is preempted. Callable from the loop, or from another fiber of the store.
  // REQUIRES: the store is not held by another fiber; asking all the same runs nothing.
  State resume();
  // The same up to its first wait, whoever holds the store. REQUIRES: it is fresh, no fiber of the store runs, and its
  // body waits, released, before it calls a guest.
  void begin();
  State state() const { return state_; }
  std::exception_ptr failure() const { return failure_; }

  // On this fiber: suspends until resume() is called again. Throws FiberDropped when the fiber is dropped meanwhile.
  // Never under a lock, nor in a catch block or a destructor that runs while unwinding (a trap: the exceptions of
  // several fibers would mix, C++ keeps them per thread).
  void wait(Hold hold = Hold::keep);
  // On this fiber: suspends as one that it resumed did, and holds the store in its place.
  void follow(State as) { suspend(as, Hold::keep); }

 private:
  friend class Store;
  void suspend(State as, Hold hold);

  Store& store_;
  void (*body_)(void* env);
  void* env_;
  State state_ = State::fresh;
  bool suspend_ = false;  // while true the continuation of `wait` is not ready
  State suspended_as_ = State::waiting;
  Hold hold_ = Hold::keep;
  bool dropping_ = false;
  Fiber* outer_ = nullptr;  // the fiber that resumed this one
  wasmtime_call_future* future_ = nullptr;
  wasm_trap_t* trap_ = nullptr;
  wasmtime_error* error_ = nullptr;
  [[no_unique_address]] SanitizerFiber sanitizer_;
  std::exception_ptr failure_;  // of the body
  std::exception_ptr thrown_;   // by a host function, on its way through guest frames
};

}  // namespace weft::wasm
