// The process-wide engine and compiled core modules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "util/error.h"
#include "util/file_descriptor.h"
#include "util/pinned.h"
#include "util/sha256.h"
#include "wasm/handles.h"

struct wasm_engine_t;
struct wasmtime_module;
struct wasmtime_linker;
struct wasm_functype_t;

namespace weft::wasm {

// Bytes of native stack one entry into a guest may use.
inline constexpr std::size_t max_wasm_stack = 512 << 10;

// Not under the thread sanitizer, which cannot see into the compiler's threads and would invent races.
#if __has_feature(thread_sanitizer)
inline constexpr bool compiles_in_parallel = false;
#else
inline constexpr bool compiles_in_parallel = true;
#endif

// How much the compiler does. Code of every kind does the same.
enum class Effort : std::uint8_t {
  full,
  quick,  // not optimised, but for what every function gets: takes a fifth less time to make; for the same engines
  winch,  // made by another compiler (Winch) in a fifth of the time, and larger. For engines of this effort alone;
          // modules with exceptions, tail calls or garbage collection are refused
};

struct EngineOptions {
  // Compile with several threads.
  bool parallel_compilation = compiles_in_parallel;
  Effort effort = Effort::full;
};

// A core function type.
struct FuncType {
  std::vector<CoreType> params;
  std::vector<CoreType> results;
  bool operator==(const FuncType&) const = default;
};

// One process has one engine, and one more if it has code of Effort::winch. Thread-safe.
class Engine : Pinned {
 public:
  // Fails when the settings cannot be had on this machine (address space, CPU features).
  static Result<std::unique_ptr<Engine>> create(const EngineOptions& options);
  ~Engine();

  // Moves the epoch on: every running guest reaches its epoch callback. Callable from any thread.
  void increment_epoch();

  // Identifies everything compiled code depends on besides the module: the engine's version and settings, the
  // processor's features. Part of the code cache's key.
  const Sha256& fingerprint() const { return fingerprint_; }

  wasm_engine_t* raw() const { return engine_; }
  // Each holds one function for every store: the root frame of fibers, and `wait`.
  wasmtime_linker* root_function() const { return root_function_; }
  wasmtime_linker* wait_function() const { return wait_function_; }

 private:
  Engine() = default;

  wasm_engine_t* engine_ = nullptr;
  wasmtime_linker* root_function_ = nullptr;
  wasmtime_linker* wait_function_ = nullptr;
  Sha256 fingerprint_{};
};

// One import or export of a core module. `func` is set for functions.
struct ModuleItem {
  std::string module;  // empty for exports
  std::string name;
  ExternKind kind;
  FuncType func;
};

// Native code in the form a file holds it.
class CompiledCode {
 public:
  std::span<const std::byte> bytes() const { return {data_.get(), size_}; }
  // What Module::open() is told.
  bool is_restorable() const { return is_restorable_; }

 private:
  friend class Module;
  struct Delete {
    std::size_t size;
    void operator()(const std::byte* data) const;
  };
  CompiledCode(const std::byte* data, std::size_t size, bool is_restorable)
      : data_(data, Delete{size}), size_(size), is_restorable_(is_restorable) {}

  std::unique_ptr<const std::byte[], Delete> data_;
  std::size_t size_;
  bool is_restorable_;
};

// Where a module's instances export what they are made of that can change (module_state.h).
struct StateIndices {
  std::vector<ExportIndex> memories, globals;
};

// Compiled core code. Immutable; thread-safe; a cheap handle to shared code.
class Module {
 public:
  // Compiles a core module; its errors are the component's author's.
  static Result<Module> compile(const Engine& engine, std::span<const std::byte> wasm);
  // The same for a file, without making it runnable here.
  static Result<CompiledCode> precompile(const Engine& engine, std::span<const std::byte> wasm);
  // Maps code that precompile() made, at the start of an open file, which this consumes. Whatever follows it in the
  // file is ignored. REQUIRES: the file is ours, whole and never changed (runtime/code_cache.h): it is native code;
  // `is_restorable` is what was said of it.
  static Result<Module> open(const Engine& engine, FileDescriptor file, bool is_restorable);

  // Where instances of this module have the export `name`; nothing if it has none.
  std::optional<ExportIndex> export_index(std::string_view name) const;
  std::vector<ModuleItem> imports() const;
  std::vector<ModuleItem> exports() const;
  // Where all is that its code can change in an instance. Null: some of that cannot be put back.
  const StateIndices* state() const;

  // Does not keep the code loaded.
  using Weak = std::weak_ptr<const struct LoadedModule>;
  Weak weak() const { return loaded_; }
  // The module, if it is still loaded.
  static std::optional<Module> lock(const Weak& weak);

  wasmtime_module* raw() const;

 private:
  Module(wasmtime_module* module, bool is_restorable);
  explicit Module(std::shared_ptr<const LoadedModule> loaded) : loaded_(std::move(loaded)) {}

  std::shared_ptr<const LoadedModule> loaded_;
};

// Of Module.
struct LoadedModule : Pinned {
  explicit LoadedModule(wasmtime_module* module) : raw(module) {}
  ~LoadedModule();

  wasmtime_module* const raw;
  std::optional<StateIndices> state;
};

inline const StateIndices* Module::state() const {
  return loaded_->state ? &*loaded_->state : nullptr;
}
inline wasmtime_module* Module::raw() const {
  return loaded_->raw;
}

}  // namespace weft::wasm
