// Abi<T> of records, tuples, variants, options, results, enums and flags. Included by abi.h.
#pragma once

#include <boost/pfr/core.hpp>

#include "bind/abi.h"

namespace weft::bind {

template <class T>
concept Record = std::is_aggregate_v<T> && requires { T::labels; } && !requires { T::label; };
template <class T>
concept VariantCase = std::is_aggregate_v<T> && requires { T::label; };
template <class T>
concept Enum = std::is_enum_v<T> && requires(T value) { weft_labels(value); };

namespace detail {

// Braces evaluate left to right: fields are lifted in order, which guests can observe.
template <class T, std::size_t... I>
T lift_fields(Lift& lift, auto from, TypeRef type, std::index_sequence<I...>) {
  return T{
      Abi<boost::pfr::tuple_element_t<I, T>>::lift(lift, from.field(type->fields[I].offset), type->fields[I].type)...};
}

template <class... T, std::size_t... I>
std::tuple<T...> lift_tuple(Lift& lift, auto from, TypeRef type, std::index_sequence<I...>) {
  return std::tuple<T...>{Abi<T>::lift(lift, from.field(type->fields[I].offset), type->fields[I].type)...};
}

// "record { a: u32, b: string }" of the parts for I = 0 to Count - 1.
template <std::size_t Count, class F>
std::string wit_list(std::string_view open, std::string_view close, F part) {
  std::string text(open);
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((text += (I == 0 ? "" : ", ") + part(std::integral_constant<std::size_t, I>())), ...);
  }(std::make_index_sequence<Count>());
  return text + std::string(close);
}

// The payload of a case with one field; none for a case without.
template <VariantCase C>
constexpr bool has_payload = boost::pfr::tuple_size_v<C> == 1;

}  // namespace detail

template <Record T>
struct Abi<T> {
  static constexpr std::size_t size = boost::pfr::tuple_size_v<T>;
  static_assert(T::labels.size() == size, "a record has one label for each field");

  static std::string wit() {
    return detail::wit_list<size>("record { ", " }", [](auto i) {
      return std::string(T::labels[i]) + ": " + Abi<boost::pfr::tuple_element_t<i, T>>::wit();
    });
  }
  static bool check(TypeRef type, const ResourceTypes& resources) {
    if (type->kind != abi::Kind::record || type->fields.size() != size) return false;
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return ((type->fields[I].label == T::labels[I] &&
               Abi<boost::pfr::tuple_element_t<I, T>>::check(type->fields[I].type, resources)) &&
              ...);
    }(std::make_index_sequence<size>());
  }
  static T lift(Lift& lift, auto from, TypeRef type) {
    return detail::lift_fields<T>(lift, from, type, std::make_index_sequence<size>());
  }
  static void lower(Lower& lower, auto to, T value, TypeRef type) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (Abi<boost::pfr::tuple_element_t<I, T>>::lower(lower, to.field(type->fields[I].offset),
                                                     std::move(boost::pfr::get<I>(value)), type->fields[I].type),
       ...);
    }(std::make_index_sequence<size>());
  }
};

template <class... T>
struct Abi<std::tuple<T...>> {
  static std::string wit() {
    return detail::wit_list<sizeof...(T)>("tuple<", ">",
                                          [](auto i) { return Abi<std::tuple_element_t<i, std::tuple<T...>>>::wit(); });
  }
  static bool check(TypeRef type, const ResourceTypes& resources) {
    if (type->kind != abi::Kind::tuple || type->fields.size() != sizeof...(T)) return false;
    std::size_t i = 0;
    return (Abi<T>::check(type->fields[i++].type, resources) && ...);
  }
  static std::tuple<T...> lift(Lift& lift, auto from, TypeRef type) {
    return detail::lift_tuple<T...>(lift, from, type, std::index_sequence_for<T...>());
  }
  static void lower(Lower& lower, auto to, std::tuple<T...> value, TypeRef type) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (Abi<T>::lower(lower, to.field(type->fields[I].offset), std::move(std::get<I>(value)), type->fields[I].type),
       ...);
    }(std::index_sequence_for<T...>());
  }
};

// ---- types with cases ----

// Lifts the discriminant, then what `payload(index, source)` lifts from the payload's place.
template <class T, class F>
T lift_case(auto from, TypeRef type, F payload) {
  const auto begin = from.begin_variant();
  const std::uint32_t index = abi::checked_case(*type, from.read_index(type->discriminant_size));
  T out = payload(index, from.field(type->payload_offset));
  from.end_variant(begin, *type);
  return out;
}

template <class F>
void lower_case(auto to, TypeRef type, std::uint32_t index, F payload) {
  auto begin = to.begin_variant();
  to.write_index(index, type->discriminant_size);
  payload(to.field(type->payload_offset));
  to.end_variant(begin, *type);
}

template <class T>
struct Abi<std::optional<T>> {
  static std::string wit() { return "option<" + Abi<T>::wit() + ">"; }
  static bool check(TypeRef type, const ResourceTypes& resources) {
    return type->kind == abi::Kind::option && Abi<T>::check(type->cases[1].type, resources);
  }
  static std::optional<T> lift(Lift& lift, auto from, TypeRef type) {
    return lift_case<std::optional<T>>(from, type, [&](std::uint32_t index, auto payload) -> std::optional<T> {
      if (index == 0) return std::nullopt;
      return Abi<T>::lift(lift, payload, type->cases[1].type);
    });
  }
  static void lower(Lower& lower, auto to, std::optional<T> value, TypeRef type) {
    lower_case(to, type, value ? 1 : 0, [&](auto payload) {
      if (value) Abi<T>::lower(lower, payload, std::move(*value), type->cases[1].type);
    });
  }
};

// "_" in a result.
template <class T>
inline constexpr bool is_nothing = std::is_void_v<T> || std::is_same_v<T, std::monostate>;

template <class T, class E>
struct Abi<std::expected<T, E>> {
  using Expected = std::expected<T, E>;
  static std::string wit() { return "result<" + side_wit<T>() + ", " + side_wit<E>() + ">"; }
  static bool check(TypeRef type, const ResourceTypes& resources) {
    if (type->kind != abi::Kind::result) return false;
    return side<T>(type->cases[0].type, resources) && side<E>(type->cases[1].type, resources);
  }
  static Expected lift(Lift& lift, auto from, TypeRef type) {
    return lift_case<Expected>(from, type, [&](std::uint32_t index, auto payload) -> Expected {
      if (index == 0) {
        if constexpr (std::is_void_v<T>)
          return {};
        else if constexpr (is_nothing<T>)
          return T{};
        else
          return Abi<T>::lift(lift, payload, type->cases[0].type);
      }
      if constexpr (is_nothing<E>)
        return std::unexpected(E{});
      else
        return std::unexpected(Abi<E>::lift(lift, payload, type->cases[1].type));
    });
  }
  static void lower(Lower& lower, auto to, Expected value, TypeRef type) {
    lower_case(to, type, value ? 0 : 1, [&](auto payload) {
      if (value) {
        if constexpr (!is_nothing<T>) Abi<T>::lower(lower, payload, *std::move(value), type->cases[0].type);
      } else {
        if constexpr (!is_nothing<E>) Abi<E>::lower(lower, payload, std::move(value).error(), type->cases[1].type);
      }
    });
  }

 private:
  template <class S>
  static std::string side_wit() {
    if constexpr (is_nothing<S>)
      return "_";
    else
      return Abi<S>::wit();
  }
  template <class S>
  static bool side(TypeRef type, const ResourceTypes& resources) {
    if constexpr (is_nothing<S>)
      return type == nullptr;
    else
      return type != nullptr && Abi<S>::check(type, resources);
  }
};

template <VariantCase... C>
struct Abi<std::variant<C...>> {
  using Variant = std::variant<C...>;
  static std::string wit() {
    return detail::wit_list<sizeof...(C)>("variant { ", " }", [](auto i) {
      using Case = std::variant_alternative_t<i, Variant>;
      if constexpr (!detail::has_payload<Case>)
        return std::string(Case::label);
      else
        return std::string(Case::label) + "(" + Abi<boost::pfr::tuple_element_t<0, Case>>::wit() + ")";
    });
  }
  static bool check(TypeRef type, const ResourceTypes& resources) {
    if (type->kind != abi::Kind::variant || type->cases.size() != sizeof...(C)) return false;
    std::size_t i = 0;
    return (check_case<C>(type->cases[i++], resources) && ...);
  }
  static Variant lift(Lift& lift, auto from, TypeRef type) {
    return lift_case<Variant>(
        from, type, [&](std::uint32_t index, auto payload) { return lift_nth<0>(lift, index, payload, type); });
  }
  static void lower(Lower& lower, auto to, Variant value, TypeRef type) {
    const auto index = static_cast<std::uint32_t>(value.index());
    lower_case(to, type, index, [&](auto payload) {
      std::visit(
          [&]<class Case>(Case& chosen) {
            if constexpr (detail::has_payload<Case>) {
              Abi<boost::pfr::tuple_element_t<0, Case>>::lower(lower, payload, std::move(boost::pfr::get<0>(chosen)),
                                                               type->cases[index].type);
            }
          },
          value);
    });
  }

 private:
  template <class Case>
  static bool check_case(const abi::Case& c, const ResourceTypes& resources) {
    if (c.label != Case::label) return false;
    if constexpr (detail::has_payload<Case>) {
      return c.type != nullptr && Abi<boost::pfr::tuple_element_t<0, Case>>::check(c.type, resources);
    } else {
      return c.type == nullptr;
    }
  }
  template <std::size_t I>
  static Variant lift_nth(Lift& lift, std::uint32_t index, auto payload, TypeRef type) {
    if constexpr (I + 1 < sizeof...(C)) {
      if (index != I) return lift_nth<I + 1>(lift, index, payload, type);
    }
    using Case = std::variant_alternative_t<I, Variant>;
    if constexpr (detail::has_payload<Case>) {
      return Case{Abi<boost::pfr::tuple_element_t<0, Case>>::lift(lift, payload, type->cases[I].type)};
    } else {
      return Case{};
    }
  }
};

template <Enum T>
struct Abi<T> {
  static std::string wit() {
    return detail::wit_list<weft_labels(T{}).size()>("enum { ", " }",
                                                     [](auto i) { return std::string(weft_labels(T{})[i]); });
  }
  static bool check(TypeRef type, const ResourceTypes&) {
    constexpr auto names = weft_labels(T{});
    if (type->kind != abi::Kind::enumeration || type->cases.size() != names.size()) return false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (type->cases[i].label != names[i]) return false;
    }
    return true;
  }
  static T lift(Lift&, auto from, TypeRef type) {
    return static_cast<T>(abi::checked_case(*type, from.read_index(type->discriminant_size)));
  }
  static void lower(Lower&, auto to, T value, TypeRef type) {
    to.write_index(static_cast<std::uint32_t>(value), type->discriminant_size);
  }
};

template <class Tag, std::size_t Count>
struct Abi<Flags<Tag, Count>> {
  static std::string wit() {
    return detail::wit_list<Count>("flags { ", " }",
                                   [](auto i) { return std::string(weft_flag_labels(static_cast<Tag*>(nullptr))[i]); });
  }
  static bool check(TypeRef type, const ResourceTypes&) {
    constexpr auto names = weft_flag_labels(static_cast<Tag*>(nullptr));
    static_assert(names.size() == Count);
    return type->kind == abi::Kind::flags &&
           std::equal(type->labels.begin(), type->labels.end(), names.begin(), names.end());
  }
  static Flags<Tag, Count> lift(Lift&, auto from, TypeRef type) {
    return {from.read_index(static_cast<std::uint32_t>(type->elem_size())) & abi::flags_mask(*type)};
  }
  static void lower(Lower&, auto to, Flags<Tag, Count> value, TypeRef type) {
    to.write_index(value.bits, static_cast<std::uint32_t>(type->elem_size()));
  }
};

}  // namespace weft::bind
