#include "call/testing/random.h"

#include <bit>
#include <concepts>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "abi/scalars.h"

namespace weft::call::testing {
namespace {

using abi::Kind;
using abi::TypeRef;
using abi::Value;

constexpr int max_depth = 5;

std::string draw_text(Choices& choices) {
  // What JSON and terminals treat in a way of their own, and lengths of UTF-8.
  static const std::string pieces[] = {
      "a",    "\"", "\\", "\n",    std::string(1, '\0'), "\x7f", "\u0085", "\u00e9", "\u20ac", "\U0001F600", "/", "ok",
      "some", " ",  "\t", "\u2028"};
  std::string text;
  for (std::uint32_t left = choices.below(6); left > 0; --left) text += pieces[choices.below(std::size(pieces))];
  return text;
}

char32_t draw_char(Choices& choices) {
  static constexpr char32_t some[] = {0,     '"',   '\\',   'x',    0x80,   0x9f,    0xa0,
                                      0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
  return some[choices.below(std::size(some))];
}

template <class T>
T draw_scalar(Choices& choices) {
  const std::uint64_t bits = choices.bits();
  if constexpr (std::same_as<T, bool>)
    return (bits & 1) != 0;
  else if constexpr (std::same_as<T, char32_t>)
    return draw_char(choices);
  else if constexpr (std::same_as<T, float>)
    return abi::canonical(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  else if constexpr (std::same_as<T, double>)
    return abi::canonical(std::bit_cast<double>(bits));
  else
    return static_cast<T>(bits);
}

std::vector<std::string> labels(Choices& choices) {
  static const char* const some[] = {"a", "b-c", "ok", "some", "err", "none", "base64", "x9"};
  std::vector<std::string> made;
  for (std::uint32_t i = 0, count = 1 + choices.below(std::size(some)); i < count; ++i) made.emplace_back(some[i]);
  return made;
}

}  // namespace

std::uint8_t Choices::byte() {
  if (data_.empty()) return 0;
  const std::uint8_t first = data_.front();
  data_ = data_.subspan(1);
  return first;
}

std::uint64_t Choices::bits() {
  // Small numbers, extremes and all others.
  switch (below(4)) {
    case 0:
      return byte();
    case 1:
      return std::uint64_t{0} - byte();
    case 2:
      return std::uint64_t{1} << below(64);
    default: {
      std::uint64_t all = 0;
      for (int i = 0; i < 8; ++i) all = all << 8 | byte();
      return all;
    }
  }
}

TypeRef draw_type(abi::TypeTable& types, Choices& choices, int depth) {
  const auto inner = [&] { return draw_type(types, choices, depth + 1); };
  const auto maybe = [&] { return choices.below(3) == 0 ? nullptr : inner(); };
  switch (depth == max_depth ? 0 : choices.below(14)) {
    case 1:
      return types.list(inner());
    case 2:
      return types.fixed_list(inner(), 1 + choices.below(4));
    case 3: {
      static constexpr Kind keys[] = {Kind::string, Kind::u64, Kind::character, Kind::boolean};
      return types.map(types.primitive(keys[choices.below(4)]), inner());
    }
    case 4: {
      std::vector<abi::Field> fields;
      for (const std::string& label : labels(choices)) fields.push_back({.label = label, .type = inner()});
      return types.record(std::move(fields));
    }
    case 5: {
      std::vector<TypeRef> fields;
      for (std::uint32_t left = 1 + choices.below(3); left > 0; --left) fields.push_back(inner());
      return types.tuple(std::move(fields));
    }
    case 6: {
      std::vector<abi::Case> cases;
      for (const std::string& label : labels(choices)) cases.push_back({.label = label, .type = maybe()});
      return types.variant(std::move(cases));
    }
    case 7:
      return types.enumeration(labels(choices));
    case 8:
    case 9:
      return types.option(inner());
    case 10: {
      const TypeRef ok = maybe();
      return types.result(ok, maybe());
    }
    case 11:
      return types.flags(labels(choices));
    case 12:
      return types.primitive(Kind::string);
    default:
      return types.primitive(static_cast<Kind>(choices.below(static_cast<std::uint32_t>(Kind::string) + 1)));
  }
}

Value draw_value(TypeRef type, Choices& choices) {
  const auto many = [&](std::uint32_t count, TypeRef element) {
    std::vector<Value> elements;
    for (; count > 0; --count) elements.push_back(draw_value(element, choices));
    return elements;
  };
  switch (type->kind) {
    case Kind::string:
      return draw_text(choices);
    case Kind::list:
      return abi::make_list(type->element, many(choices.below(4), type->element));
    case Kind::fixed_list:
      return abi::make_list(type->element, many(type->length, type->element));
    case Kind::map: {
      const abi::Type& entry = *type->element;
      if (entry.fields[0].type->kind != Kind::string) return abi::List{many(choices.below(4), type->element)};
      std::map<std::string, Value> entries;
      for (std::uint32_t left = choices.below(4); left > 0; --left) {
        std::string key = draw_text(choices);
        entries.insert_or_assign(std::move(key), draw_value(entry.fields[1].type, choices));
      }
      abi::List made;
      for (auto& [key, value] : entries) made.elements.emplace_back(abi::Record{{Value(key), std::move(value)}});
      return made;
    }
    case Kind::record:
    case Kind::tuple: {
      abi::Record made;
      for (const abi::Field& field : type->fields) made.fields.push_back(draw_value(field.type, choices));
      return made;
    }
    case Kind::variant:
    case Kind::enumeration:
    case Kind::option:
    case Kind::result: {
      const std::uint32_t index = choices.below(static_cast<std::uint32_t>(type->cases.size()));
      const TypeRef payload = type->cases[index].type;
      return payload == nullptr ? abi::Variant(index) : abi::Variant(index, draw_value(payload, choices));
    }
    case Kind::flags:
      return abi::Flags{static_cast<std::uint32_t>(choices.bits()) & abi::flags_mask(*type)};
    default:
      return abi::with_scalar(type->kind, [&](auto zero) -> Value { return draw_scalar<decltype(zero)>(choices); });
  }
}

}  // namespace weft::call::testing
