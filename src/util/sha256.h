// SHA-256 (FIPS 180-4) and HMAC over it (RFC 2104), for naming and authenticating content.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace weft {

using Sha256 = std::array<std::byte, 32>;

// Hashes content that comes in pieces.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  Sha256Stream& add(std::span<const std::byte> bytes);
  // REQUIRES: called once, last.
  Sha256 finish();

 private:
  evp_md_ctx_st* context_;
};

Sha256 sha256(std::span<const std::byte> bytes);
Sha256 hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> bytes);

// Compares in a time that does not depend on where they differ: for codes that authenticate.
bool equal_in_constant_time(const Sha256& a, const Sha256& b);

// Lower-case hexadecimal.
std::string hex(std::span<const std::byte> bytes);
// The digest that hex() writes so; nothing for anything else.
std::optional<Sha256> parse_sha256(std::string_view hex);

}  // namespace weft
