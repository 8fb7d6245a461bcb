// The initial content of a linear memory, kept apart from the code that uses it.
//
// A core module is compiled with its active data segments taken out (module_rewrite.h); what they would have
// written is an image: immutable, named by the hash of its content, mapped privately into every slot that starts
// from it. Editing the data of a module therefore changes an image and no code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "util/error.h"
#include "util/pinned.h"

namespace weft::wasm {

// One active data segment at a constant offset.
struct DataSegment {
  std::uint64_t offset;
  std::span<const std::byte> bytes;
};

// Thread-safe: immutable after creation.
class MemoryImage : Pinned {
 public:
  // Lays the segments into an anonymous file, in order. The file covers the pages from `start()` (rounded down) to
  // the end of the last segment (rounded up), so that a high data offset costs no empty pages.
  static Result<std::shared_ptr<const MemoryImage>> create(std::span<const DataSegment> segments);
  ~MemoryImage();

  std::uint64_t start() const { return start_; }    // bytes, a multiple of the page size
  std::uint64_t length() const { return length_; }  // bytes, a multiple of the page size
  int file() const { return file_; }
  // A small number that no other image has as long as this one lives; never 0. An index into a thread's lists.
  std::uint32_t id() const { return id_; }
  // The content, mapped read-only.
  const std::byte* data() const { return data_; }

 private:
  MemoryImage();

  const std::uint32_t id_;
  std::uint64_t start_ = 0;
  std::uint64_t length_ = 0;
  int file_ = -1;
  const std::byte* data_ = nullptr;
};

// What the memories that one core module defines start from, in the order of their definition, without those that
// begin empty. Null: zeroes.
using MemoryImages = std::vector<std::shared_ptr<const MemoryImage>>;

// The same as the segments they are made of.
using MemoryData = std::vector<std::vector<DataSegment>>;
// Copies all of it.
Result<MemoryImages> images_of(const MemoryData& data);

}  // namespace weft::wasm
