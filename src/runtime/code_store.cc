#include "runtime/code_store.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace weft::runtime {
namespace {

// Wall time of a compilation with nothing but idle processors.
constexpr std::chrono::seconds background_wall{3000};

// Whether code of `effort` does for who wants it compiled like `wanted`.
bool does(wasm::Effort effort, wasm::Effort wanted) {
  return effort == wasm::Effort::full || wanted == wasm::Effort::quick;
}

}  // namespace

CodeStore::CodeStore(const wasm::Engine& engine, std::unique_ptr<CodeCache> cache, CompileOptions compile,
                     std::chrono::milliseconds delay, First first, const wasm::Engine* winch)
    : engine_(engine),
      cache_(std::move(cache)),
      compile_(std::move(compile)),
      first_(first),
      improver_(delay, [this](std::span<CoreModule> modules, int cancel) -> Result<std::vector<wasm::Module>> {
        CompileOptions options = compile_;
        options.effort = wasm::Effort::full;
        options.limits.wall = background_wall;
        options.in_background = true;
        options.cancel = cancel;
        TRY(auto loaded, load(modules, options, &Counts::improved));
        std::vector<wasm::Module> better;
        for (Loaded& module : loaded) better.push_back(std::move(module.module));
        return better;
      }) {
  if (winch != nullptr) winch_.emplace(*winch, compile_);
}

CodeStore::Counts CodeStore::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

void CodeStore::count(unsigned Counts::* which) {
  std::lock_guard lock(mutex_);
  ++(counts_.*which);
}

void CodeStore::settle() {
  improver_.settle();
  if (cache_ != nullptr) cache_->settle();
}

std::uint64_t CodeStore::missing_bytes(std::span<CoreModule> modules) {
  std::uint64_t bytes = 0;
  for (CoreModule& module : modules) {
    const Sha256& hash = module.code_hash();
    const auto is_kept = [&](wasm::Effort effort) {
      return cache_ != nullptr && cache_->contains({engine_.fingerprint(), hash, effort});
    };
    if (find_loaded(hash, wasm::Effort::quick) || is_kept(wasm::Effort::full) || is_kept(wasm::Effort::quick)) continue;
    for (const auto piece : module.code()) bytes += piece.size();
  }
  return bytes;
}

Result<Code> CodeStore::modules(std::span<CoreModule> modules) {
  if (winch_) {
    if (auto made = winch_->modules(modules, missing_bytes(modules))) {
      for (unsigned i = 0; i < made->compiled; ++i) count(&Counts::winch);
      return Code{.modules = std::move(made->modules), .is_quick = true, .engine = &winch_->engine()};
    }
  }
  CompileOptions options = compile_;
  options.effort = cache_ == nullptr || first_ == First::full ? wasm::Effort::full : wasm::Effort::quick;
  TRY(auto loaded, load(modules, options, &Counts::compiled));
  Code code;
  for (Loaded& module : loaded) {
    code.is_quick = code.is_quick || module.effort == wasm::Effort::quick;
    code.modules.push_back(std::move(module.module));
  }
  return code;
}

Result<std::vector<CodeStore::Loaded>> CodeStore::load(std::span<CoreModule> modules, const CompileOptions& options,
                                                       unsigned Counts::* compiled) {
  std::unordered_map<Sha256, std::optional<Loaded>, HashOfSha256> found;
  std::vector<CoreModule*> missing;
  for (CoreModule& module : modules) {
    auto [place, is_new] = found.try_emplace(module.code_hash());
    if (!is_new) continue;
    place->second = find(module.code_hash(), options.effort);
    if (!place->second) missing.push_back(&module);
  }
  if (!missing.empty()) {
    TRY(auto made, compile(missing, options));
    std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < missing.size(); ++i) {
      const Sha256& hash = missing[i]->code_hash();
      loaded_[hash] = {made[i].weak(), options.effort};
      found[hash] = Loaded{std::move(made[i]), options.effort};
      ++(counts_.*compiled);
    }
  }
  std::vector<Loaded> out;
  for (CoreModule& module : modules) out.push_back(*found[module.code_hash()]);
  return out;
}

std::optional<CodeStore::Loaded> CodeStore::find(const Sha256& hash, wasm::Effort wanted) {
  if (auto loaded = find_loaded(hash, wanted)) {
    count(&Counts::shared);
    return loaded;
  }
  if (cache_ == nullptr) return std::nullopt;
  // Not under the lock: files are read.
  for (const wasm::Effort effort : {wasm::Effort::full, wasm::Effort::quick}) {
    if (!does(effort, wanted)) continue;
    auto module = find_cached({engine_.fingerprint(), hash, effort});
    if (!module) continue;
    std::lock_guard lock(mutex_);
    ++counts_.cached;
    loaded_[hash] = {module->weak(), effort};
    return Loaded{*std::move(module), effort};
  }
  return std::nullopt;
}

std::optional<CodeStore::Loaded> CodeStore::find_loaded(const Sha256& hash, wasm::Effort wanted) {
  std::lock_guard lock(mutex_);
  const auto known = loaded_.find(hash);
  if (known == loaded_.end() || !does(known->second.effort, wanted)) return std::nullopt;
  auto module = wasm::Module::lock(known->second.module);
  if (!module) return std::nullopt;
  return Loaded{*std::move(module), known->second.effort};
}

std::optional<wasm::Module> CodeStore::find_cached(const CodeKey& key) {
  auto file = cache_->find(key);
  if (!file) return std::nullopt;
  auto module = wasm::Module::open(engine_, std::move(file->file), file->is_restorable);
  if (module) return *std::move(module);
  cache_->discard(key, module.error().message());
  return std::nullopt;
}

Result<std::vector<wasm::Module>> CodeStore::compile(std::span<CoreModule* const> missing,
                                                     const CompileOptions& options) {
  auto made = compile_to(Place::folder, missing, options);
  // The folder is not to be written, or its disk is full; code is needed all the same.
  if (!made && made.error().code() == Errc::io && cache_ != nullptr) {
    cache_->complain(made.error());
    made = compile_to(Place::memory, missing, options);
  }
  return made;
}

Result<std::vector<wasm::Module>> CodeStore::compile_to(Place place, std::span<CoreModule* const> missing,
                                                        const CompileOptions& options) {
  std::vector<NewCode> files;
  std::vector<CompileJob> jobs;
  for (CoreModule* module : missing) {
    TRY(auto file, output(place));
    const auto code = module->code();
    jobs.push_back({.pieces = {code.begin(), code.end()}, .output = file.file.get()});
    files.push_back(std::move(file));
  }
  auto results = compile_in_child(jobs, options);
  std::vector<wasm::Module> out;
  std::optional<Error> error;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) {
      if (!error) error = std::move(results[i]).error();
      if (cache_ != nullptr) cache_->abandon(std::move(files[i]));
      continue;
    }
    const CodeKey key{engine_.fingerprint(), missing[i]->code_hash(), options.effort};
    auto module = open(std::move(files[i]), key, *results[i]);
    if (module)
      out.push_back(*std::move(module));
    else if (!error)
      error = std::move(module).error();
  }
  if (error) return std::unexpected(*std::move(error));
  return out;
}

Result<NewCode> CodeStore::output(Place place) {
  if (cache_ != nullptr && place == Place::folder) {
    if (auto file = cache_->create()) return file;
  }
  NewCode code{.file = FileDescriptor(memfd_create("weft-code", MFD_CLOEXEC)), .name = {}};
  if (!code.file) return std::unexpected(Error::from_errno("making room for compiled code", errno));
  return code;
}

Result<wasm::Module> CodeStore::open(NewCode code, const CodeKey& key, const Compiled& compiled) {
  FileDescriptor file(dup(code.file.get()));
  if (!code.name.empty())
    cache_->seal(std::move(code), {.key = key,
                                   .code_size = compiled.code_size,
                                   .code_hash = compiled.code_hash,
                                   .is_restorable = compiled.is_restorable});
  return wasm::Module::open(engine_, std::move(file), compiled.is_restorable);
}

}  // namespace weft::runtime
