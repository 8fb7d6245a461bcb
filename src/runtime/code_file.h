// The format of a file of the code cache: native code as the engine wrote it, then a trailer.
//
// Code comes first because the engine maps a file from its beginning and ignores what follows. The trailer, 192 bytes,
// integers little-endian:
//
//   offset  size
//        0     8  "weftcode"
//        8     4  version of this format: 2
//       12     4  how it was compiled: 0 with full effort, 1 quickly (wasm::Effort)
//       16     8  bytes of code before the trailer
//       24    32  the engine's fingerprint (wasm::Engine::fingerprint)
//       56    32  SHA-256 of the module that was compiled
//       88    32  SHA-256 of the code
//      120     4  1: instances can be brought back to their beginning (wasm::CompiledCode::is_restorable); else 0
//      124    36  0
//      160    32  HMAC-SHA256 of bytes 0 to 159, with the key of the folder
//
// The trailer is checked whenever the file is opened, which costs microseconds; the hash of the code when it is made,
// and again in the background after each load.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "util/error.h"
#include "util/sha256.h"
#include "wasm/engine.h"

namespace weft::runtime {

// What compiled code is for.
struct CodeKey {
  Sha256 engine;
  Sha256 module;
  wasm::Effort effort = wasm::Effort::full;
  bool operator==(const CodeKey&) const = default;
  // "<module>-<engine, shortened>.code", or "….quick.code"
  std::string file_name() const;
};

inline constexpr std::size_t code_trailer_size = 192;
inline constexpr std::string_view code_file_suffix = ".code";

struct CodeTrailer {
  CodeKey key;
  std::uint64_t code_size = 0;
  Sha256 code_hash{};
  bool is_restorable = false;
};

std::array<std::byte, code_trailer_size> encode_trailer(const CodeTrailer& trailer, const Sha256& secret);

// The trailer of the open file, if it is one made with `secret` for `key` and fits the file's size and owner.
// Errc::invalid says what is wrong.
Result<CodeTrailer> check_code_file(int file, const CodeKey& key, const Sha256& secret);

// Reads all code and compares its hash, unless it is given up. Errc::invalid: it is not what was written.
Result<void> check_code(int file, const CodeTrailer& trailer, const std::atomic<bool>& given_up);

}  // namespace weft::runtime
