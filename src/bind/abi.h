// Abi<T>: a C++ type as a component value type.
//
//   C++                                     WIT                      lifted  lowered
//   bool, [u]int8..64_t, float, double      bool, u8..s64, f32, f64    x       x
//   char32_t                                char                       x       x
//   std::string / std::string_view          string                     x       x / lowered only
//   std::vector<T>                          list<T>                    x       x
//   std::span<const std::byte>              list<u8> in guest memory   x       x    valid until the guest runs again
//   std::optional<T>, std::tuple<T...>      option<T>, tuple<T...>     x       x
//   std::expected<T, E>                     result<T, E>               x       x    void and std::monostate: "_"
//   aggregates, std::variant, enums, Flags  see shape.h                x       x
//   Own<T> / Borrow<T>                      own<T>, borrow<T>          x       x / lifted only
//
// check() runs once at load; after it the generated code trusts the types. wit() writes the type as to_string(TypeRef)
// does, for the message when check() says no. Each type is written once, over a source or a sink (abi/source.h,
// abi/sink.h) that is linear memory or core values.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "abi/context.h"
#include "abi/sink.h"
#include "abi/source.h"
#include "bind/handle.h"
#include "bind/shape.h"

namespace weft::bind {

using abi::TypeRef;

// What lifting into host values needs.
struct Lift {
  abi::LiftContext& cx;
  host::ResourceTable& resources;
};

// What lowering host values needs.
struct Lower {
  abi::LowerContext& cx;
  host::ResourceTable& resources;
};

// Resource types by index, for check().
using ResourceTypes = std::vector<const component::HostResourceType*>;

template <class T>
struct Abi;

template <class T>
concept Scalar = std::is_arithmetic_v<T> || std::is_same_v<T, char32_t>;

template <Scalar T>
constexpr abi::Kind scalar_kind() {
  if constexpr (std::is_same_v<T, bool>)
    return abi::Kind::boolean;
  else if constexpr (std::is_same_v<T, char32_t>)
    return abi::Kind::character;
  else if constexpr (std::is_same_v<T, float>)
    return abi::Kind::f32;
  else if constexpr (std::is_same_v<T, double>)
    return abi::Kind::f64;
  else if constexpr (sizeof(T) == 1)
    return std::is_signed_v<T> ? abi::Kind::s8 : abi::Kind::u8;
  else if constexpr (sizeof(T) == 2)
    return std::is_signed_v<T> ? abi::Kind::s16 : abi::Kind::u16;
  else if constexpr (sizeof(T) == 4)
    return std::is_signed_v<T> ? abi::Kind::s32 : abi::Kind::u32;
  else
    return std::is_signed_v<T> ? abi::Kind::s64 : abi::Kind::u64;
}

template <Scalar T>
struct Abi<T> {
  static std::string wit() { return std::string(abi::to_string(scalar_kind<T>())); }
  static bool check(TypeRef type, const ResourceTypes&) { return type->kind == scalar_kind<T>(); }
  static T lift(Lift&, auto from, TypeRef) { return from.template read<T>(); }
  static void lower(Lower&, auto to, T value, TypeRef) { to.write(value); }
};

template <>
struct Abi<std::string> {
  static std::string wit() { return "string"; }
  static bool check(TypeRef type, const ResourceTypes&) { return type->kind == abi::Kind::string; }
  static std::string lift(Lift& lift, auto from, TypeRef) { return abi::load_string(lift.cx, from.read_pair()); }
  static void lower(Lower& lower, auto to, std::string_view value, TypeRef) {
    to.write_pair(abi::store_string(lower.cx, value));
  }
};

template <>
struct Abi<std::string_view> {
  static std::string wit() { return "string"; }
  static bool check(TypeRef type, const ResourceTypes&) { return type->kind == abi::Kind::string; }
  static void lower(Lower& lower, auto to, std::string_view value, TypeRef) {
    to.write_pair(abi::store_string(lower.cx, value));
  }
};

// ---- lists ----

// Elements whose memory form is their C++ form: copied as bytes.
template <class T>
inline constexpr bool is_block =
    std::is_same_v<T, std::byte> || (std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char32_t>);

inline const std::byte* list_at(Lift& lift, abi::PointerPair pair, TypeRef list) {
  const abi::Type& element = *list->element;
  return abi::checked_range(*lift.cx.memory, pair.ptr, pair.length, element.elem_size(), element.alignment(),
                            lift.cx.wording->list);
}

abi::Allocation allocate_list(Lower& lower, std::uint64_t count, TypeRef list);

template <>
struct Abi<std::span<const std::byte>> {
  using Span = std::span<const std::byte>;
  static std::string wit() { return "list<u8>"; }
  static bool check(TypeRef type, const ResourceTypes&) {
    return type->kind == abi::Kind::list && type->element->kind == abi::Kind::u8;
  }
  static Span lift(Lift& lift, auto from, TypeRef type) {
    const abi::PointerPair pair = from.read_pair();
    const std::byte* at = list_at(lift, pair, type);
    lift.cx.charge(pair.length);  // what the host takes of it, it copies
    return {at, pair.length};
  }
  static void lower(Lower& lower, auto to, Span value, TypeRef type) {
    const abi::Allocation at = allocate_list(lower, value.size(), type);
    if (!value.empty()) std::memcpy(at.at, value.data(), value.size());
    to.write_pair({at.ptr, static_cast<std::uint32_t>(value.size())});
  }
};

template <class T>
struct Abi<std::vector<T>> {
  using Vector = std::vector<T>;
  static std::string wit() {
    if constexpr (std::is_same_v<T, std::byte>)
      return "list<u8>";
    else
      return "list<" + Abi<T>::wit() + ">";
  }
  static bool check(TypeRef type, const ResourceTypes& resources) {
    if (type->kind != abi::Kind::list) return false;
    if constexpr (std::is_same_v<T, std::byte>)
      return type->element->kind == abi::Kind::u8;
    else
      return Abi<T>::check(type->element, resources);
  }
  static Vector lift(Lift& lift, auto from, TypeRef type) {
    const abi::PointerPair pair = from.read_pair();
    const std::byte* at = list_at(lift, pair, type);
    const auto size = static_cast<std::uint32_t>(type->element->elem_size());
    lift.cx.charge(pair.length, std::max<std::uint64_t>(sizeof(T), size));
    if constexpr (is_block<T>) {
      Vector out(pair.length);
      if (pair.length != 0) std::memcpy(out.data(), at, pair.length * sizeof(T));
      return out;
    } else {
      Vector out;
      out.reserve(pair.length);
      abi::MemorySource element{lift.cx.memory, pair.ptr};
      for (std::uint32_t i = 0; i < pair.length; ++i, element.ptr += size) {
        out.push_back(Abi<T>::lift(lift, element, type->element));
      }
      return out;
    }
  }
  static void lower(Lower& lower, auto to, Vector value, TypeRef type) {
    const abi::Allocation at = allocate_list(lower, value.size(), type);
    if constexpr (is_block<T>) {
      if (!value.empty()) std::memcpy(at.at, value.data(), value.size() * sizeof(T));
    } else {
      abi::MemorySink element{lower.cx.memory, at.ptr};
      for (T& item : value) {
        Abi<T>::lower(lower, element, std::move(item), type->element);
        element.ptr += static_cast<std::uint32_t>(type->element->elem_size());
      }
    }
    to.write_pair({at.ptr, static_cast<std::uint32_t>(value.size())});
  }
};

// ---- handles ----

template <class T>
bool is_handle_of(TypeRef type, abi::Kind kind, const ResourceTypes& resources) {
  return type->kind == kind && resources[static_cast<std::size_t>(type->resource)] == &resource_type<T>();
}

template <class T>
  requires std::derived_from<T, host::Resource>
struct Abi<Own<T>> {
  static std::string wit() { return "own<" + std::string(T::resource_name) + ">"; }
  static bool check(TypeRef type, const ResourceTypes& resources) {
    return is_handle_of<T>(type, abi::Kind::own, resources);
  }
  static Own<T> lift(Lift& lift, auto from, TypeRef type) {
    const std::uint32_t rep = abi::lift_own(lift.cx.inst->handles, type->resource, from.template read<std::uint32_t>());
    return Own<T>(static_cast<T*>(lift.resources.take(rep).release()));
  }
  static void lower(Lower& lower, auto to, Own<T> object, TypeRef type) {
    const std::uint32_t rep = lower.resources.add(std::move(object));
    to.write(abi::lower_own(lower.cx.inst->handles, type->resource, rep));
  }
};

template <class T>
struct Abi<Borrow<T>> {
  static std::string wit() { return "borrow<" + std::string(T::resource_name) + ">"; }
  static bool check(TypeRef type, const ResourceTypes& resources) {
    return is_handle_of<T>(type, abi::Kind::borrow, resources);
  }
  static Borrow<T> lift(Lift& lift, auto from, TypeRef type) {
    const std::uint32_t rep =
        abi::lift_borrow(lift.cx.inst->handles, *lift.cx.lenders, type->resource, from.template read<std::uint32_t>());
    return Borrow<T>(static_cast<T&>(lift.resources.get(rep)));
  }
};

}  // namespace weft::bind

#include "bind/aggregates.h"  // IWYU pragma: export
