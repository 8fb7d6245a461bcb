#include "runtime/code_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "runtime/file_fields.h"

namespace weft::runtime {
namespace {

constexpr std::string_view magic = "weftcode";
constexpr std::uint32_t format_version = 2;
constexpr std::size_t mac_offset = 160;

using Trailer = std::array<std::byte, code_trailer_size>;

std::unexpected<Error> wrong(std::string what) {
  return fail(Errc::invalid, std::move(what));
}

}  // namespace

std::string CodeKey::file_name() const {
  const char* quick = effort == wasm::Effort::quick ? ".quick" : "";
  return hex(module) + "-" + hex(std::span(engine).first(8)) + quick + std::string(code_file_suffix);
}

Trailer encode_trailer(const CodeTrailer& trailer, const Sha256& secret) {
  Trailer out{};
  std::memcpy(out.data(), magic.data(), magic.size());
  put_number(&out[8], format_version, 4);
  put_number(&out[12], static_cast<std::uint32_t>(trailer.key.effort), 4);
  put_number(&out[16], trailer.code_size, 8);
  put_hash(&out[24], trailer.key.engine);
  put_hash(&out[56], trailer.key.module);
  put_hash(&out[88], trailer.code_hash);
  put_number(&out[120], trailer.is_restorable ? 1 : 0, 4);
  put_hash(&out[mac_offset], hmac_sha256(secret, std::span(out).first(mac_offset)));
  return out;
}

Result<CodeTrailer> check_code_file(int file, const CodeKey& key, const Sha256& secret) {
  TRY(const auto size, size_of_own_file(file));
  if (size < code_trailer_size) return wrong("it is too short");
  Trailer bytes;
  if (pread(file, bytes.data(), bytes.size(), static_cast<off_t>(size - bytes.size())) !=
      static_cast<ssize_t>(bytes.size())) {
    return wrong("it cannot be read");
  }
  if (std::memcmp(bytes.data(), magic.data(), magic.size()) != 0) return wrong("it has no trailer of weft's");
  if (get_number(&bytes[8], 4) != format_version) return wrong("it has another format");
  if (!equal_in_constant_time(get_hash(&bytes[mac_offset]), hmac_sha256(secret, std::span(bytes).first(mac_offset)))) {
    return wrong("it was not written by weft with this folder's key, or is damaged");
  }
  const auto effort = get_number(&bytes[12], 4) == 0 ? wasm::Effort::full : wasm::Effort::quick;
  const CodeTrailer trailer{.key = {get_hash(&bytes[24]), get_hash(&bytes[56]), effort},
                            .code_size = get_number(&bytes[16], 8),
                            .code_hash = get_hash(&bytes[88]),
                            .is_restorable = get_number(&bytes[120], 4) == 1};
  if (trailer.code_size != size - code_trailer_size) return wrong("it has another size than when it was written");
  if (!(trailer.key == key)) return wrong("it is the code of another module or engine");
  return trailer;
}

Result<void> check_code(int file, const CodeTrailer& trailer, const std::atomic<bool>& given_up) {
  // Read, not mapped: the pages of the mapping that runs stay untouched.
  std::vector<std::byte> buffer(std::size_t{1} << 18);
  Sha256Stream hash;
  std::uint64_t done = 0;
  while (done < trailer.code_size) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), trailer.code_size - done));
    const ssize_t got = pread(file, buffer.data(), want, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(Error::from_errno("reading it", errno));
    if (got == 0) return wrong("it became shorter");
    if (given_up) return {};
    hash.add(std::span(buffer).first(static_cast<std::size_t>(got)));
    done += static_cast<std::uint64_t>(got);
  }
  if (hash.finish() != trailer.code_hash) return wrong("its content is not what was written");
  return {};
}

}  // namespace weft::runtime
