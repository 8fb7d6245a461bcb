// Where the bytes of a representation come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "static_files/file.h"
#include "static_files/representation.h"

namespace weft::static_files {

// Borrows the file, or the bytes.
class Source {
 public:
  explicit Source(const File& file) : file_(&file) {}
  explicit Source(std::string_view bytes) : bytes_(bytes) {}

  // As read_at(), within the representation. What is returned is of the version that the file had when it was opened,
  // never of two: else ESTALE, also where the file ends too early.
  std::expected<std::size_t, int> read(char* into, std::size_t size, std::uint64_t offset, Wait wait) const;
  // All pieces, one behind the other. EAGAIN: some of it is not in memory.
  std::expected<std::string, int> assemble(std::span<const Piece> pieces, Wait wait) const;

 private:
  const File* file_ = nullptr;  // null: bytes_
  std::string_view bytes_;
};

}  // namespace weft::static_files
