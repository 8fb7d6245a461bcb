// The value types of wasi:filesystem/types.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "bind/shape.h"
#include "wasi/datetime.h"

namespace weft::wasi {

enum class DescriptorType : std::uint8_t {
  unknown,
  block_device,
  character_device,
  directory,
  fifo,
  symbolic_link,
  regular_file,
  socket
};
constexpr auto weft_labels(DescriptorType) {
  return bind::labels("unknown", "block-device", "character-device", "directory", "fifo", "symbolic-link",
                      "regular-file", "socket");
}

struct DescriptorFlagsTag;
using DescriptorFlags = bind::Flags<DescriptorFlagsTag, 6>;
constexpr auto weft_flag_labels(DescriptorFlagsTag*) {
  return bind::labels("read", "write", "file-integrity-sync", "data-integrity-sync", "requested-write-sync",
                      "mutate-directory");
}
namespace descriptor_flag {
inline constexpr unsigned read = 0, write = 1, file_integrity_sync = 2, data_integrity_sync = 3,
                          requested_write_sync = 4, mutate_directory = 5;
}

struct PathFlagsTag;
using PathFlags = bind::Flags<PathFlagsTag, 1>;
constexpr auto weft_flag_labels(PathFlagsTag*) {
  return bind::labels("symlink-follow");
}
namespace path_flag {
inline constexpr unsigned symlink_follow = 0;
}

struct OpenFlagsTag;
using OpenFlags = bind::Flags<OpenFlagsTag, 4>;
constexpr auto weft_flag_labels(OpenFlagsTag*) {
  return bind::labels("create", "directory", "exclusive", "truncate");
}
namespace open_flag {
inline constexpr unsigned create = 0, directory = 1, exclusive = 2, truncate = 3;
}

// Of the candidate of October 2023.
struct ModesTag;
using Modes = bind::Flags<ModesTag, 3>;
constexpr auto weft_flag_labels(ModesTag*) {
  return bind::labels("readable", "writable", "executable");
}
// variant access-type { access(modes), exists }
struct AccessOf {
  Modes value;
  static constexpr std::string_view label = "access";
};
struct Exists {
  static constexpr std::string_view label = "exists";
};
using AccessType = std::variant<AccessOf, Exists>;

struct DescriptorStat {
  DescriptorType type;
  std::uint64_t link_count;
  std::uint64_t size;
  std::optional<Datetime> data_access_timestamp;
  std::optional<Datetime> data_modification_timestamp;
  std::optional<Datetime> status_change_timestamp;
  static constexpr auto labels = bind::labels("type", "link-count", "size", "data-access-timestamp",
                                              "data-modification-timestamp", "status-change-timestamp");
};

// variant new-timestamp { no-change, now, timestamp(datetime) }
struct NoChange {
  static constexpr std::string_view label = "no-change";
};
struct Now {
  static constexpr std::string_view label = "now";
};
struct Timestamp {
  Datetime value;
  static constexpr std::string_view label = "timestamp";
};
using NewTimestamp = std::variant<NoChange, Now, Timestamp>;

struct DirectoryEntry {
  DescriptorType type;
  std::string name;
  static constexpr auto labels = bind::labels("type", "name");
};

enum class Advice : std::uint8_t { normal, sequential, random, will_need, dont_need, no_reuse };
constexpr auto weft_labels(Advice) {
  return bind::labels("normal", "sequential", "random", "will-need", "dont-need", "no-reuse");
}

struct MetadataHash {
  std::uint64_t lower;
  std::uint64_t upper;
  static constexpr auto labels = bind::labels("lower", "upper");
  bool operator==(const MetadataHash&) const = default;
};

}  // namespace weft::wasi
