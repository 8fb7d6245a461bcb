// The value types of wasi:filesystem 0.3, where they differ from those of 0.2 (file_types.h).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>

#include "bind/shape.h"
#include "wasi/error_code.h"
#include "wasi/file_types.h"
#include "wasi/p3_cases.h"

namespace weft::wasi::p3 {

using DescriptorType = std::variant<Case<"block-device">, Case<"character-device">, Case<"directory">, Case<"fifo">,
                                    Case<"symbolic-link">, Case<"regular-file">, Case<"socket">, OtherCase>;

using FileErrorCode =
    std::variant<Case<"access">, Case<"already">, Case<"bad-descriptor">, Case<"busy">, Case<"deadlock">, Case<"quota">,
                 Case<"exist">, Case<"file-too-large">, Case<"illegal-byte-sequence">, Case<"in-progress">,
                 Case<"interrupted">, Case<"invalid">, Case<"io">, Case<"is-directory">, Case<"loop">,
                 Case<"too-many-links">, Case<"message-size">, Case<"name-too-long">, Case<"no-device">,
                 Case<"no-entry">, Case<"no-lock">, Case<"insufficient-memory">, Case<"insufficient-space">,
                 Case<"not-directory">, Case<"not-empty">, Case<"not-recoverable">, Case<"unsupported">, Case<"no-tty">,
                 Case<"no-such-device">, Case<"overflow">, Case<"not-permitted">, Case<"pipe">, Case<"read-only">,
                 Case<"invalid-seek">, Case<"text-file-busy">, Case<"cross-device">, OtherCase>;

template <class T>
using FileResult = std::expected<T, FileErrorCode>;

struct TimestampOf {
  Instant value;
  static constexpr std::string_view label = "timestamp";
};
using NewTimestamp = std::variant<NoChange, Now, TimestampOf>;

struct DescriptorStat {
  DescriptorType type;
  std::uint64_t link_count;
  std::uint64_t size;
  std::optional<Instant> data_access_timestamp;
  std::optional<Instant> data_modification_timestamp;
  std::optional<Instant> status_change_timestamp;
  static constexpr auto labels = wasi::DescriptorStat::labels;
};

struct DirectoryEntry {
  DescriptorType type;
  std::string name;
  static constexpr auto labels = wasi::DirectoryEntry::labels;
};

// What 0.2 has no case for in 0.3, or the other way, is "other".
FileErrorCode converted(ErrorCode code);
DescriptorType converted(wasi::DescriptorType type);
DescriptorStat converted(const wasi::DescriptorStat& stat);
// An error: a time before 1970, which the file's cannot be set to.
std::expected<wasi::NewTimestamp, ErrorCode> converted(const NewTimestamp& time);

}  // namespace weft::wasi::p3
