// Makes the trees of what is no manifest of version 2 into that of one.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "manifest/value.h"

namespace weft::manifest {

inline Value text_value(std::string text, Location at) {
  return Value{.data = std::move(text), .at = at};
}
inline Value table_value(Value::Table table, Location at) {
  return Value{.data = std::move(table), .at = at};
}
inline Value list_value(Value::Array list, Location at) {
  return Value{.data = std::move(list), .at = at};
}

// A member that stands where its value does.
inline void add(Value::Table& table, std::string name, Value value) {
  const Location at = value.at;
  table.push_back({std::move(name), at, std::move(value)});
}

// Those of the members `names` that there are.
inline void take(const Value& from, std::initializer_list<std::string_view> names, Value::Table& to) {
  for (const std::string_view name : names) {
    if (const Member* member = from.find(name)) to.push_back(*member);
  }
}

}  // namespace weft::manifest
