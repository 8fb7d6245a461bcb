#include "static_files/source.h"

#include <algorithm>
#include <cerrno>

namespace weft::static_files {

std::expected<std::size_t, int> Source::read(char* into, std::size_t size, std::uint64_t offset, Wait wait) const {
  if (file_ == nullptr) {
    const std::string_view part = bytes_.substr(static_cast<std::size_t>(offset), size);
    std::ranges::copy(part, into);
    return part.size();
  }
  const auto count = read_at(file_->descriptor.get(), into, size, offset, wait);
  if (!count || size == 0) return count;
  if (*count == 0) return std::unexpected(ESTALE);
  // What was read before a change is of the version that was asked for: so the version is looked at afterwards.
  const auto version = version_of(file_->descriptor.get());
  if (!version) return std::unexpected(version.error());
  if (!version->has_bytes_of(file_->version)) return std::unexpected(ESTALE);
  return count;
}

std::expected<std::string, int> Source::assemble(std::span<const Piece> pieces, Wait wait) const {
  std::size_t total = 0;
  for (const Piece& piece : pieces) total += piece.text.size() + static_cast<std::size_t>(piece.size);
  std::string all;
  all.reserve(total);
  for (const Piece& piece : pieces) {
    all += piece.text;
    const std::size_t at = all.size();
    const auto size = static_cast<std::size_t>(piece.size);
    all.resize(at + size);
    for (std::size_t done = 0; done < size;) {
      const auto count = read(all.data() + at + done, size - done, piece.offset + done, wait);
      if (!count) return std::unexpected(count.error());
      done += *count;
    }
  }
  return all;
}

}  // namespace weft::static_files
