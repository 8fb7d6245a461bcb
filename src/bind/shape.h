// How C++ types say what they are in WIT.
//
//   enum class Method : std::uint8_t { get, post };          enum: weft_labels names the cases
//   constexpr auto weft_labels(Method) { return bind::labels("get", "post"); }
//
//   struct Datetime {                                        record: an aggregate with labels for its fields
//     std::uint64_t seconds;  std::uint32_t nanoseconds;
//     static constexpr auto labels = bind::labels("seconds", "nanoseconds");
//   };
//
//   struct LastOperationFailed { Own<IoError> value;         a variant is std::variant over one aggregate per case,
//     static constexpr std::string_view label = "last-operation-failed"; };   so equal payloads stay distinct
//   struct Closed { static constexpr std::string_view label = "closed"; };
//   using StreamError = std::variant<LastOperationFailed, Closed>;
//
//   using PathFlags = bind::Flags<struct PathFlagsTag, 1>;   flags: weft_flag_labels(PathFlagsTag*) names the bits
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weft::bind {

template <class... Names>
constexpr auto labels(Names... names) {
  return std::array<std::string_view, sizeof...(Names)>{std::string_view(names)...};
}

template <class Tag, std::size_t Count>
struct Flags {
  std::uint32_t bits = 0;
  constexpr bool has(unsigned bit) const { return (bits >> bit & 1) != 0; }
  bool operator==(const Flags&) const = default;
};

}  // namespace weft::bind
