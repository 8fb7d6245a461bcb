// Where compiled core modules come from: this process has the module already, the cache does, or it is compiled.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "runtime/code_cache.h"
#include "runtime/compile_child.h"
#include "runtime/loader.h"
#include "util/pinned.h"
#include "wasm/engine.h"

namespace weft::runtime {

// The name of a module's code: the hash of what separation leaves (wasm::separate). Editing data does not change it.
Sha256 code_hash(const wasm::SeparatedModule& module);

// Thread-safe.
class CodeStore final : public ModuleSource, Pinned {
 public:
  // Where the modules came from, in all.
  struct Counts {
    unsigned shared = 0;
    unsigned cached = 0;
    unsigned compiled = 0;
  };

  // `cache` may be null. `engine` outlives the store.
  CodeStore(const wasm::Engine& engine, std::unique_ptr<CodeCache> cache, CompileOptions compile)
      : engine_(engine), cache_(std::move(cache)), compile_(std::move(compile)) {}

  Result<std::vector<wasm::Module>> modules(std::span<const wasm::SeparatedModule> modules) override;

  Counts counts() const;
  CodeCache* cache() const { return cache_.get(); }

 private:
  struct Missing {
    const wasm::SeparatedModule* module;
    Sha256 hash;
  };
  struct HashOfHash {
    std::size_t operator()(const Sha256& hash) const;
  };

  std::optional<wasm::Module> find(const Sha256& hash);
  Result<std::vector<wasm::Module>> compile(std::span<const Missing> missing);
  Result<NewCode> output();
  Result<wasm::Module> open(NewCode code, const Sha256& hash, const Compiled& compiled);

  const wasm::Engine& engine_;
  std::unique_ptr<CodeCache> cache_;
  CompileOptions compile_;
  mutable std::mutex mutex_;
  // Modules in use in this process; guarded by mutex_.
  std::unordered_map<Sha256, wasm::Module::Weak, HashOfHash> loaded_;
  Counts counts_;  // guarded by mutex_
};

}  // namespace weft::runtime
