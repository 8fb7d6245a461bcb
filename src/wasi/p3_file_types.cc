#include "wasi/p3_file_types.h"

#include <utility>

namespace weft::wasi::p3 {
namespace {

// The case of this label; "other" if there is none.
template <class Variant>
Variant case_of(std::string_view label) {
  Variant out = OtherCase{std::string(label)};
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto take = [&]<class C>(std::type_identity<C>) {
      if (C::label == label) out = C{};
    };
    (take(std::type_identity<std::variant_alternative_t<I, Variant>>()), ...);
  }(std::make_index_sequence<std::variant_size_v<Variant> - 1>());
  return out;
}

std::optional<Instant> instant(const std::optional<Datetime>& time) {
  if (!time) return std::nullopt;
  return instant_of(*time);
}

}  // namespace

FileErrorCode converted(ErrorCode code) {
  return case_of<FileErrorCode>(weft_labels(code)[static_cast<std::size_t>(code)]);
}

DescriptorType converted(wasi::DescriptorType type) {
  return case_of<DescriptorType>(weft_labels(type)[static_cast<std::size_t>(type)]);
}

DescriptorStat converted(const wasi::DescriptorStat& stat) {
  return {.type = converted(stat.type),
          .link_count = stat.link_count,
          .size = stat.size,
          .data_access_timestamp = instant(stat.data_access_timestamp),
          .data_modification_timestamp = instant(stat.data_modification_timestamp),
          .status_change_timestamp = instant(stat.status_change_timestamp)};
}

std::expected<wasi::NewTimestamp, ErrorCode> converted(const NewTimestamp& time) {
  if (std::holds_alternative<NoChange>(time)) return NoChange{};
  if (std::holds_alternative<Now>(time)) return Now{};
  const Instant& instant = std::get<TimestampOf>(time).value;
  if (instant.seconds < 0) return std::unexpected(ErrorCode::invalid);
  return Timestamp{{static_cast<std::uint64_t>(instant.seconds), instant.nanoseconds}};
}

}  // namespace weft::wasi::p3
