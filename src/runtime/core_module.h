// A core module as a start needs it: the name of its code, its code, and its data.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "util/content_mark.h"
#include "util/error.h"
#include "util/sha256.h"
#include "wasm/memory_image.h"
#include "wasm/module_rewrite.h"

namespace weft::runtime {

// The name of a module's code: the hash of what separation leaves (wasm::separate). Editing data does not change it.
Sha256 code_hash(const wasm::SeparatedModule& module);

// Code of this size and more is known again by its mark: hashing it costs what an edit may not (util/content_mark.h).
inline constexpr std::size_t code_worth_a_mark = std::size_t{256} << 10;

// Separates code and data when one of them is first asked for. Refers to the bytes it was made of; for one thread.
class CoreModule {
 public:
  explicit CoreModule(std::span<const std::byte> wasm) : wasm_(wasm) {}
  // One that was taken apart before, and what came of it: the code itself is looked at only if it is asked for.
  CoreModule(std::span<const std::byte> wasm, const Sha256& code_hash, wasm::MemoryData data)
      : wasm_(wasm), code_hash_(code_hash), data_(std::move(data)) {}

  std::span<const std::byte> wasm() const { return wasm_; }
  const Sha256& code_hash();
  // Of modules with equal ones the code differs at most in what globals begin as (SeparatedModule::constants).
  const ContentMark& shape_mark();
  // Of the code.
  const ContentMark& code_mark();
  // The module without its data: pieces that lie apart, or joined.
  std::span<const std::span<const std::byte>> code() { return separated().pieces; }
  std::vector<std::byte> joined_code() { return separated().code(); }
  const wasm::MemoryData& data() { return data_ ? *data_ : separated().data; }

 private:
  const wasm::SeparatedModule& separated();

  std::span<const std::byte> wasm_;
  std::optional<wasm::SeparatedModule> separated_;
  std::optional<Sha256> code_hash_;
  std::optional<ContentMark> shape_mark_;
  std::optional<ContentMark> code_mark_;
  std::optional<wasm::MemoryData> data_;
};

}  // namespace weft::runtime
