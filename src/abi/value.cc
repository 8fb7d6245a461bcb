#include "abi/value.h"

#include <bit>
#include <type_traits>
#include <utility>

#include "abi/memory.h"
#include "abi/scalars.h"
#include "abi/trap.h"

namespace weft::abi {

bool operator==(const List& a, const List& b) {
  return a.elements == b.elements;
}
bool operator==(const Record& a, const Record& b) {
  return a.fields == b.fields;
}

Variant::Variant(std::uint32_t index, Value value)
    : case_index(index), payload(std::make_shared<const Value>(std::move(value))) {}

bool operator==(const Variant& a, const Variant& b) {
  if (a.case_index != b.case_index || (a.payload == nullptr) != (b.payload == nullptr)) return false;
  return a.payload == nullptr || *a.payload == *b.payload;
}

bool operator==(const Value& a, const Value& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&](const auto& x) {
        using T = std::remove_cvref_t<decltype(x)>;
        const T& y = *b.as<T>();
        if constexpr (std::is_same_v<T, float>) {
          return std::bit_cast<std::uint32_t>(canonical(x)) == std::bit_cast<std::uint32_t>(canonical(y));
        } else if constexpr (std::is_same_v<T, double>) {
          return std::bit_cast<std::uint64_t>(canonical(x)) == std::bit_cast<std::uint64_t>(canonical(y));
        } else {
          return x == y;
        }
      },
      static_cast<const Value::variant&>(a));
}

Value make_list(TypeRef element, std::vector<Value> elements) {
  if (!is_scalar(element->kind)) return List{std::move(elements)};
  ScalarList list{element->kind, std::vector<std::byte>(elements.size() * element->elem_size())};
  with_scalar(element->kind, [&](auto zero) {
    std::byte* out = list.bytes.data();
    for (const Value& value : elements) {
      const auto* scalar = value.as<decltype(zero)>();
      if (scalar == nullptr) throw Trap("a list element does not match its type");
      write_as(out, canonical(*scalar));
      out += sizeof zero;
    }
  });
  return list;
}

std::vector<Value> scalars_of(const ScalarList& list) {
  std::vector<Value> values;
  with_scalar(list.kind, [&](auto zero) {
    for (std::size_t at = 0; at + sizeof zero <= list.bytes.size(); at += sizeof zero) {
      values.emplace_back(read_as<decltype(zero)>(list.bytes.data() + at));
    }
  });
  return values;
}

}  // namespace weft::abi
