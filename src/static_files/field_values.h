// The values of one field, however many lines it comes in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "http/fields.h"

namespace weft::static_files {

// Calls `use` with each line's value.
template <class Use>
void for_each_value(const http::Fields& fields, std::string_view name, Use use) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto field = fields[i];
    if (http::equal_names(field.name, name)) use(field.value);
  }
}

// Calls `use` with each element of a comma-separated list, without the white space around it; empty ones are left out
// (RFC 9110, 5.6.1.2).
template <class Use>
void for_each_element(std::string_view list, Use use) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    if (const auto element = http::trim_value(list.substr(0, end)); !element.empty()) use(element);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

}  // namespace weft::static_files
