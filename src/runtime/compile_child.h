// Compiles core modules in a process of its own, so that a hostile module that explodes the compiler, in time, memory
// or by a fault in it, costs its own compilation and nothing else.
//
// The child is this same program, started anew (never forked: the engine has threads and terabytes of mappings) with
// the hidden command `compile-worker`. It gets descriptors for its input and output, nothing of the environment, bounds
// on memory, time and file size, and may open nothing else: no file, no socket, no program, no other process.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "util/error.h"
#include "util/file_descriptor.h"
#include "util/sha256.h"
#include "wasm/engine.h"

namespace weft::runtime {

struct CompileLimits {
  // A language runtime with 12 MB of code takes 0.7 GB with two threads.
  std::uint64_t address_space_bytes = std::uint64_t{4} << 30;
  // All threads of the child together. Such a runtime takes 9 s.
  std::chrono::seconds cpu{300};
  std::chrono::seconds wall{300};
  // Native code is up to about five times the size of WebAssembly code, which is below 256 MB.
  std::uint64_t output_bytes = std::uint64_t{1} << 30;
};

struct CompileOptions {
  // Started with `compile-worker` as its only argument: this program.
  std::string program = "/proc/self/exe";
  CompileLimits limits;
  // Compile each module with several threads.
  bool parallel = wasm::compiles_in_parallel;
  wasm::Effort effort = wasm::Effort::full;
  // Only with processor time that nobody else wants.
  bool in_background = false;
  // A descriptor that becomes readable when the results are no longer wanted; negative: none.
  int cancel = -1;
};

// One module to compile.
struct CompileJob {
  std::vector<std::span<const std::byte>> pieces;  // joined: the module
  int output = -1;                                 // an empty file that receives the code; the caller's
};

struct Compiled {
  std::uint64_t code_size = 0;
  Sha256 code_hash{};
  bool is_restorable = false;
};

// Results in the order of `jobs`. Errc::invalid: the module is refused by the compiler; Errc::io: its code cannot be
// written to `output`; Errc::limit: it used up its
// limits; Errc::cancelled; Errc::unavailable: the child could not be started; Errc::internal: the compiler failed.
std::vector<Result<Compiled>> compile_in_child(std::span<const CompileJob> jobs, const CompileOptions& options);

}  // namespace weft::runtime
