// Code that is made in a fifth of the time by a compiler that does not optimise, for an engine of its own.
//
// While a program is worked on, its code changes at every save, and somebody waits for it. What is made here does until
// the usual compiler is done (CodeImprover).
#pragma once

#include <cstring>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "runtime/compile_child.h"
#include "runtime/core_module.h"
#include "util/pinned.h"
#include "wasm/engine.h"

namespace weft::runtime {

struct HashOfSha256 {
  std::size_t operator()(const Sha256& hash) const {
    std::size_t value;
    std::memcpy(&value, hash.data(), sizeof(value));
    return value;
  }
};

// Thread-safe. Keeps nothing on disk.
class WinchCode : Pinned {
 public:
  // `engine` is one of wasm::Effort::winch, and outlives this.
  WinchCode(const wasm::Engine& engine, CompileOptions compile);

  struct Made {
    std::vector<wasm::Module> modules;  // in order
    unsigned compiled = 0;              // of them, now
  };
  // Code for all of `modules`, since one engine runs all of a component. Nothing when the usual compiler, which would
  // have `missing_bytes` of code to compile, is as quick, or when this one refuses a module.
  std::optional<Made> modules(std::span<CoreModule> modules, std::uint64_t missing_bytes);

  const wasm::Engine& engine() const { return engine_; }

 private:
  std::optional<wasm::Module> find(const Sha256& hash);
  // False: one is refused.
  bool compile(std::span<CoreModule* const> missing, std::unordered_map<Sha256, wasm::Module, HashOfSha256>& found);

  const wasm::Engine& engine_;
  CompileOptions compile_;
  std::mutex mutex_;
  std::unordered_map<Sha256, wasm::Module::Weak, HashOfSha256> loaded_;  // guarded by mutex_
};

}  // namespace weft::runtime
