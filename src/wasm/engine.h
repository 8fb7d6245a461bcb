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
#include "util/pinned.h"
#include "wasm/handles.h"

struct wasm_engine_t;
struct wasmtime_module;
struct wasmtime_linker;
struct wasm_functype_t;

namespace weft::wasm {

// Bytes of native stack one entry into a guest may use.
inline constexpr std::size_t max_wasm_stack = 512 << 10;

struct EngineOptions {
  // Compile with several threads. Off under the thread sanitizer, which cannot see into them.
  bool parallel_compilation = true;
};

// A core function type.
struct FuncType {
  std::vector<CoreType> params;
  std::vector<CoreType> results;
  bool operator==(const FuncType&) const = default;
};

// One process has one engine. Thread-safe.
class Engine : Pinned {
 public:
  // Fails when the settings cannot be had on this machine (address space, CPU features).
  static Result<std::unique_ptr<Engine>> create(const EngineOptions& options);
  ~Engine();

  // Moves the epoch on: every running guest reaches its epoch callback. Callable from any thread.
  void increment_epoch();

  // Identifies everything compiled code depends on: engine version, settings, CPU. Part of the code cache's key.
  const std::string& fingerprint() const { return fingerprint_; }

  wasm_engine_t* raw() const { return engine_; }
  // Holds the two functions every store needs: the root frame of fibers and `wait`.
  wasmtime_linker* builtins() const { return builtins_; }

 private:
  Engine() = default;

  wasm_engine_t* engine_ = nullptr;
  wasmtime_linker* builtins_ = nullptr;
  std::string fingerprint_;
};

// One import or export of a core module. `func` is set for functions.
struct ModuleItem {
  std::string module;  // empty for exports
  std::string name;
  ExternKind kind;
  FuncType func;
};

// Compiled core code. Immutable; thread-safe; a cheap handle to shared code.
class Module {
 public:
  // Compiles a core module; its errors are the component's author's.
  static Result<Module> compile(const Engine& engine, std::span<const std::byte> wasm);
  // Maps code that `serialize` wrote. REQUIRES: the file is ours and whole (see code_cache.h): it is native code.
  static Result<Module> deserialize_file(const Engine& engine, const std::string& path);
  Result<std::vector<std::byte>> serialize() const;

  // Where instances of this module have the export `name`; nothing if it has none.
  std::optional<ExportIndex> export_index(std::string_view name) const;
  std::vector<ModuleItem> imports() const;
  std::vector<ModuleItem> exports() const;

  wasmtime_module* raw() const { return module_.get(); }

 private:
  struct Delete {
    void operator()(wasmtime_module* module) const;
  };
  explicit Module(wasmtime_module* module) : module_(module, Delete{}) {}

  std::shared_ptr<wasmtime_module> module_;
};

}  // namespace weft::wasm
