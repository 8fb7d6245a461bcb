// The errors of a store as cases of WIT variants; each interface has a variant of those it knows.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "key_value/access.h"

namespace weft::key_value {

struct StoreTableFull {
  static constexpr std::string_view label = "store-table-full";
};
struct NoSuchStore {
  static constexpr std::string_view label = "no-such-store";
};
struct AccessDenied {
  static constexpr std::string_view label = "access-denied";
};
struct Other {
  std::string value;
  static constexpr std::string_view label = "other";
};

// fermyon:spin/key-value@2.0.0 and spin:key-value@3.0.0.
using SpinError = std::variant<StoreTableFull, NoSuchStore, AccessDenied, Other>;

// Why a label could not be opened, as an error of E.
template <class E>
E to_wit(OpenFault fault) {
  switch (fault) {
    case OpenFault::access_denied:
      return AccessDenied{};
    case OpenFault::no_such_store:
      return NoSuchStore{};
    case OpenFault::table_full:
      break;
  }
  if constexpr (std::is_constructible_v<E, StoreTableFull>)
    return StoreTableFull{};
  else
    return Other{"store table full"};
}

// A result of ours as that of a function whose error is E.
template <class E, class T>
std::expected<T, E> to_wit(bind::Host host, Result<T> result) {
  if (!result) return std::unexpected(Other{tell(host, result.error())});
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return *std::move(result);
}

}  // namespace weft::key_value
