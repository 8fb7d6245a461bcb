// Which content coding a client gets (RFC 9110, 12.5.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "http/fields.h"

namespace weft::static_files {

enum class Coding : std::uint8_t { identity, gzip, brotli, zstd };
inline constexpr std::size_t coding_count = 4;
// As Content-Encoding has it: "gzip", "br", "zstd"; "identity" is never sent.
std::string_view name_of(Coding coding);
// Of a file that holds another one's bytes in that coding: ".gz", ".br", ".zst".
std::string_view suffix_of(Coding coding);

// The codings a client takes, the best first. identity is among them where it is acceptable, and what comes behind it
// is worth less to the client than the bytes as they are.
class Preferences {
 public:
  std::span<const Coding> codings() const { return std::span(codings_).first(count_); }
  bool empty() const { return count_ == 0; }
  bool accepts(Coding coding) const;

 private:
  friend Preferences negotiate(const http::Fields& request);
  std::array<Coding, coding_count> codings_{};
  std::size_t count_ = 0;
};

// Reads Accept-Encoding. Without the field a client may take anything, but gets the bytes as they are: who does not ask
// may not understand. Of codings with equal weight br, which makes the smallest, comes before zstd and gzip, and
// identity last. What is malformed is passed over.
Preferences negotiate(const http::Fields& request);

}  // namespace weft::static_files
