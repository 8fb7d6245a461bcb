// What a compile child and its parent say to each other. Same program, same machine: structs go over as they are.
//
// The child's descriptors:
//   0    the job: JobHeader, then for each module its size (uint64), then the modules' bytes in order
//   1    a pipe: for each module, when it is done, a Report and its text
//   2    a file for what the child prints when it dies
//   3+i  an empty file for the code of module i
#pragma once

#include <cstdint>

#include "util/sha256.h"

namespace weft::runtime {

inline constexpr const char* compile_worker_command = "compile-worker";
inline constexpr int first_output = 3;
// Modules of one child. Language runtimes have up to some thirty; a component with more gets several children.
inline constexpr std::uint32_t max_modules_per_child = 64;
// Bytes of one error text.
inline constexpr std::uint32_t max_report_text = 16 << 10;

struct JobHeader {
  std::uint64_t address_space_bytes = 0;  // the child's limits, see CompileLimits
  std::uint64_t cpu_seconds = 0;
  std::uint64_t output_bytes = 0;
  std::uint32_t parallel = 0;
  std::uint32_t effort = 0;  // wasm::Effort
  std::uint32_t in_background = 0;
  std::uint32_t modules = 0;
};

enum class Outcome : std::uint32_t {
  compiled,
  refused,    // by the compiler
  unwritten,  // its file does not take the code
};

struct Report {
  std::uint32_t module = 0;
  Outcome outcome = Outcome::compiled;
  std::uint32_t text_size = 0;      // what follows: the error
  std::uint32_t is_restorable = 0;  // wasm::CompiledCode::is_restorable
  std::uint64_t code_size = 0;
  Sha256 code_hash{};
};

}  // namespace weft::runtime
