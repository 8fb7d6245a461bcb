// Where compiled core modules come from: this process has the module already, the cache does, or it is compiled.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "runtime/code_cache.h"
#include "runtime/code_improver.h"
#include "runtime/compile_child.h"
#include "runtime/loader.h"
#include "runtime/winch_code.h"
#include "util/pinned.h"
#include "wasm/engine.h"

namespace weft::runtime {

// Thread-safe. With a cache, what has to be compiled is compiled quickly first, so that a start need not wait, and
// again with full effort in the background, for those who run it and for the next start. Without one it would have to
// be held in memory twice, so it is compiled once; so it is for who says that no better code would be in time.
class CodeStore final : public ModuleSource, Pinned {
 public:
  // Where the modules came from, in all.
  struct Counts {
    unsigned shared = 0;
    unsigned cached = 0;
    unsigned compiled = 0;
    unsigned improved = 0;  // compiled again
    unsigned winch = 0;     // compiled by Winch
  };
  static constexpr std::chrono::milliseconds usual_delay{1000};

  // How well code is compiled that somebody waits for, where there is a cache.
  enum class First : std::uint8_t { quick, full };

  // `cache` may be null. The engines outlive the store. `delay`: see CodeImprover. `winch` is one of
  // wasm::Effort::winch, for who waits for every change of a program (WinchCode); null: there is none.
  CodeStore(const wasm::Engine& engine, std::unique_ptr<CodeCache> cache, CompileOptions compile,
            std::chrono::milliseconds delay = usual_delay, First first = First::quick,
            const wasm::Engine* winch = nullptr);

  Result<Code> modules(std::span<CoreModule> modules) override;
  void improve(QuickModules modules) override { improver_.add(std::move(modules)); }
  CodeCache* cache() const override { return cache_.get(); }

  Counts counts() const;
  // Waits until everything is compiled as well as it can be, and kept.
  void settle();

 private:
  struct Loaded {
    wasm::Module module;
    wasm::Effort effort;
  };
  struct Known {
    wasm::Module::Weak module;
    wasm::Effort effort;
  };

  // Code compiled with `options.effort`, or better.
  Result<std::vector<Loaded>> load(std::span<CoreModule> modules, const CompileOptions& options,
                                   unsigned Counts::* compiled);
  // Bytes of code that would have to be compiled for the usual engine.
  std::uint64_t missing_bytes(std::span<CoreModule> modules);
  std::optional<Loaded> find(const Sha256& hash, wasm::Effort wanted);
  std::optional<Loaded> find_loaded(const Sha256& hash, wasm::Effort wanted);
  std::optional<wasm::Module> find_cached(const CodeKey& key);
  Result<std::vector<wasm::Module>> compile(std::span<CoreModule* const> missing, const CompileOptions& options);
  // Where code is written; `memory` when the folder takes none.
  enum class Place : std::uint8_t { folder, memory };
  Result<std::vector<wasm::Module>> compile_to(Place place, std::span<CoreModule* const> missing,
                                               const CompileOptions& options);
  Result<NewCode> output(Place place);
  Result<wasm::Module> open(NewCode code, const CodeKey& key, const Compiled& compiled);
  void count(unsigned Counts::* which);

  const wasm::Engine& engine_;
  std::unique_ptr<CodeCache> cache_;
  CompileOptions compile_;
  const First first_;
  std::optional<WinchCode> winch_;
  mutable std::mutex mutex_;
  // Modules in use in this process; guarded by mutex_.
  std::unordered_map<Sha256, Known, HashOfSha256> loaded_;
  Counts counts_;          // guarded by mutex_
  CodeImprover improver_;  // last: it uses all of the above until it ends
};

}  // namespace weft::runtime
