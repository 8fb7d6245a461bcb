#include "runtime/plan_file.h"

#include <array>
#include <cstring>

#include "component/plan_bytes.h"
#include "runtime/file_fields.h"

namespace weft::runtime {
namespace {

constexpr std::string_view magic = "weftplan";
constexpr std::uint32_t format_version = 2;
constexpr std::size_t mac_offset = 64;

using Header = std::array<std::byte, plan_header_size>;

std::unexpected<Error> wrong(std::string what) {
  return fail(Errc::invalid, std::move(what));
}

Sha256 mac_of(std::span<const std::byte> header, std::span<const std::byte> planned, const Sha256& secret) {
  std::vector<std::byte> all(header.begin(), header.begin() + mac_offset);
  all.insert(all.end(), planned.begin(), planned.end());
  return hmac_sha256(secret, all);
}

}  // namespace

std::string PlanKey::file_name() const {
  return hex(component) + "-" + std::to_string(format_version) + "." + std::to_string(component::plan_version) +
         (bypass == component::Bypass::never ? "n" : "") + std::string(plan_file_suffix);
}

Result<std::vector<std::byte>> encode_plan_file(const PlanKey& key, std::span<const std::byte> planned,
                                                const Sha256& secret) {
  if (planned.size() > max_plan_file_bytes) return fail(Errc::limit, "the plan is too large to be kept");
  std::vector<std::byte> out(plan_header_size);
  std::memcpy(out.data(), magic.data(), magic.size());
  put_number(&out[8], format_version, 4);
  put_number(&out[12], component::plan_version, 4);
  put_number(&out[16], static_cast<std::uint32_t>(key.bypass), 4);
  put_number(&out[24], planned.size(), 8);
  put_hash(&out[32], key.component);
  put_hash(&out[mac_offset], mac_of(out, planned, secret));
  out.insert(out.end(), planned.begin(), planned.end());
  return out;
}

Result<std::vector<std::byte>> read_plan_file(int file, const PlanKey& key, const Sha256& secret) {
  TRY(const auto size, size_of_own_file(file));
  if (size < plan_header_size) return wrong("it is too short");
  if (size > plan_header_size + max_plan_file_bytes) return wrong("it is too large");
  std::vector<std::byte> planned(size - plan_header_size);
  Header header;
  if (pread(file, header.data(), header.size(), 0) != static_cast<ssize_t>(header.size()) ||
      pread(file, planned.data(), planned.size(), plan_header_size) != static_cast<ssize_t>(planned.size())) {
    return wrong("it cannot be read");
  }
  if (std::memcmp(header.data(), magic.data(), magic.size()) != 0) return wrong("it is no plan of weft's");
  if (get_number(&header[8], 4) != format_version || get_number(&header[12], 4) != component::plan_version)
    return wrong("it has another format");
  if (!equal_in_constant_time(get_hash(&header[mac_offset]), mac_of(header, planned, secret)))
    return wrong("it was not written by weft with this folder's key, or is damaged");
  if (get_number(&header[24], 8) != planned.size()) return wrong("it has another size than when it was written");
  if (get_hash(&header[32]) != key.component || get_number(&header[16], 4) != static_cast<std::uint32_t>(key.bypass))
    return wrong("it is the plan of another component");
  return planned;
}

}  // namespace weft::runtime
