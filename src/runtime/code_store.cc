#include "runtime/code_store.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weft::runtime {

Sha256 code_hash(const wasm::SeparatedModule& module) {
  Sha256Stream hash;
  for (const auto piece : module.pieces) hash.add(piece);
  return hash.finish();
}

std::size_t CodeStore::HashOfHash::operator()(const Sha256& hash) const {
  std::size_t value;
  std::memcpy(&value, hash.data(), sizeof(value));
  return value;
}

CodeStore::Counts CodeStore::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

Result<std::vector<wasm::Module>> CodeStore::modules(std::span<const wasm::SeparatedModule> modules) {
  std::vector<Sha256> hashes;
  std::unordered_map<Sha256, std::optional<wasm::Module>, HashOfHash> found;
  std::vector<Missing> missing;
  for (const wasm::SeparatedModule& module : modules) {
    const Sha256& hash = hashes.emplace_back(code_hash(module));
    auto [place, is_new] = found.try_emplace(hash);
    if (!is_new) continue;
    place->second = find(hash);
    if (!place->second) missing.push_back({&module, hash});
  }
  if (!missing.empty()) {
    TRY(auto compiled, compile(missing));
    std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < missing.size(); ++i) {
      loaded_[missing[i].hash] = compiled[i].weak();
      found[missing[i].hash] = std::move(compiled[i]);
      ++counts_.compiled;
    }
  }
  std::vector<wasm::Module> out;
  for (const Sha256& hash : hashes) out.push_back(*found[hash]);
  return out;
}

std::optional<wasm::Module> CodeStore::find(const Sha256& hash) {
  std::lock_guard lock(mutex_);
  auto loaded = loaded_.find(hash);
  if (loaded != loaded_.end()) {
    if (auto module = wasm::Module::lock(loaded->second)) {
      ++counts_.shared;
      return module;
    }
  }
  if (cache_ == nullptr) return std::nullopt;
  const CodeKey key{engine_.fingerprint(), hash};
  auto file = cache_->find(key);
  if (!file) return std::nullopt;
  auto module = wasm::Module::open(engine_, std::move(*file));
  if (!module) {
    cache_->discard(key, module.error().message());
    return std::nullopt;
  }
  ++counts_.cached;
  loaded_[hash] = module->weak();
  return *std::move(module);
}

Result<std::vector<wasm::Module>> CodeStore::compile(std::span<const Missing> missing) {
  std::vector<NewCode> files;
  std::vector<CompileJob> jobs;
  for (const Missing& one : missing) {
    TRY(auto file, output());
    jobs.push_back({.pieces = one.module->pieces, .output = file.file.get()});
    files.push_back(std::move(file));
  }
  auto results = compile_in_child(jobs, compile_);
  std::vector<wasm::Module> out;
  for (std::size_t i = 0; i < results.size(); ++i) {
    TRY(const Compiled compiled, std::move(results[i]));
    TRY(auto module, open(std::move(files[i]), missing[i].hash, compiled));
    out.push_back(std::move(module));
  }
  return out;
}

Result<NewCode> CodeStore::output() {
  if (cache_ != nullptr) {
    if (auto file = cache_->create()) return file;
    // The cache has said that it cannot be written; code is needed all the same.
  }
  NewCode code{.file = FileDescriptor(memfd_create("weft-code", MFD_CLOEXEC)), .name = {}};
  if (!code.file) return std::unexpected(Error::from_errno("making room for compiled code", errno));
  return code;
}

Result<wasm::Module> CodeStore::open(NewCode code, const Sha256& hash, const Compiled& compiled) {
  FileDescriptor file(dup(code.file.get()));
  if (!code.name.empty()) {
    CHECK_OK(cache_->seal(
        std::move(code),
        {.key = {engine_.fingerprint(), hash}, .code_size = compiled.code_size, .code_hash = compiled.code_hash}));
  }
  return wasm::Module::open(engine_, std::move(file));
}

}  // namespace weft::runtime
