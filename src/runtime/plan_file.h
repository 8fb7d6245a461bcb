// The format of a file that keeps what was planned for a component (planned_component.h): a header, then that.
//
//   offset  size
//        0     8  "weftplan"
//        8     4  version of this format: 2
//       12     4  version of the plan (component::plan_version)
//       16     4  component::Bypass
//       20     4  0
//       24     8  bytes after the header
//       32    32  SHA-256 of the component
//       64    32  HMAC-SHA256 of bytes 0 to 63 and of all that follows the header, with the key of the folder
//
// All of it is checked whenever it is read: it is small, unlike code.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "component/plan.h"
#include "util/error.h"
#include "util/sha256.h"

namespace weft::runtime {

struct PlanKey {
  Sha256 component;
  component::Bypass bypass = component::Bypass::where_exact;
  // "<component>-<versions>.plan"
  std::string file_name() const;
};

inline constexpr std::size_t plan_header_size = 96;
inline constexpr std::string_view plan_file_suffix = ".plan";
// A plan of a language runtime has 100 KB. Beyond this, planning again is no loss.
inline constexpr std::size_t max_plan_file_bytes = std::size_t{16} << 20;

// Errc::limit: it would be too large.
Result<std::vector<std::byte>> encode_plan_file(const PlanKey& key, std::span<const std::byte> planned,
                                                const Sha256& secret);

// What follows the header of the open file, if it is a file made with `secret` for `key`. Errc::invalid says what is
// wrong.
Result<std::vector<std::byte>> read_plan_file(int file, const PlanKey& key, const Sha256& secret);

}  // namespace weft::runtime
