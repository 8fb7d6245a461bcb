#include "runtime/winch_code.h"

#include <sys/mman.h>

#include "util/file_descriptor.h"

namespace weft::runtime {
namespace {

// Bytes of code that the usual compiler makes in less than 50 ms, about what it costs to start one.
constexpr std::uint64_t worth_it = 24 << 10;
// How many times more code is made in a time.
constexpr std::uint64_t times_quicker = 4;
// Modules that are remembered without being in use.
constexpr std::size_t max_forgotten = 1024;

std::uint64_t size_of(CoreModule& module) {
  std::uint64_t bytes = 0;
  for (const auto piece : module.code()) bytes += piece.size();
  return bytes;
}

}  // namespace

WinchCode::WinchCode(const wasm::Engine& engine, CompileOptions compile)
    : engine_(engine), compile_(std::move(compile)) {
  compile_.effort = wasm::Effort::winch;
}

std::optional<WinchCode::Made> WinchCode::modules(std::span<CoreModule> modules, std::uint64_t missing_bytes) {
  if (missing_bytes < worth_it) return std::nullopt;
  std::unordered_map<Sha256, wasm::Module, HashOfSha256> found;
  std::unordered_map<Sha256, CoreModule*, HashOfSha256> wanted;
  std::uint64_t bytes = 0;
  for (CoreModule& module : modules) {
    const Sha256& hash = module.code_hash();
    if (found.contains(hash) || wanted.contains(hash)) continue;
    if (auto loaded = find(hash)) {
      found.emplace(hash, *std::move(loaded));
    } else {
      wanted.emplace(hash, &module);
      bytes += size_of(module);
    }
  }
  if (bytes / times_quicker > missing_bytes) return std::nullopt;
  std::vector<CoreModule*> missing;
  for (const auto& [hash, module] : wanted) missing.push_back(module);
  if (!missing.empty() && !compile(missing, found)) return std::nullopt;
  Made made{.modules = {}, .compiled = static_cast<unsigned>(missing.size())};
  for (CoreModule& module : modules) made.modules.push_back(found.at(module.code_hash()));
  return made;
}

std::optional<wasm::Module> WinchCode::find(const Sha256& hash) {
  const std::lock_guard lock(mutex_);
  const auto known = loaded_.find(hash);
  return known == loaded_.end() ? std::nullopt : wasm::Module::lock(known->second);
}

bool WinchCode::compile(std::span<CoreModule* const> missing,
                        std::unordered_map<Sha256, wasm::Module, HashOfSha256>& found) {
  std::vector<FileDescriptor> files;
  std::vector<CompileJob> jobs;
  for (CoreModule* module : missing) {
    files.emplace_back(memfd_create("weft-code", MFD_CLOEXEC));
    if (!files.back()) return false;
    const auto code = module->code();
    jobs.push_back({.pieces = {code.begin(), code.end()}, .output = files.back().get()});
  }
  const auto results = compile_in_child(jobs, compile_);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) return false;
    auto module = wasm::Module::open(engine_, std::move(files[i]), results[i]->is_restorable);
    if (!module) return false;
    found.emplace(missing[i]->code_hash(), *std::move(module));
  }
  const std::lock_guard lock(mutex_);
  if (loaded_.size() > max_forgotten) std::erase_if(loaded_, [](const auto& known) { return known.second.expired(); });
  for (CoreModule* module : missing) loaded_[module->code_hash()] = found.at(module->code_hash()).weak();
  return true;
}

}  // namespace weft::runtime
