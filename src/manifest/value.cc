#include "manifest/value.h"

#include <algorithm>

namespace weft::manifest {

const Member* Value::find(std::string_view name) const {
  const Table* table = get<Table>();
  if (table == nullptr) return nullptr;
  auto found = std::ranges::find(*table, name, &Member::name);
  return found == table->end() ? nullptr : &*found;
}

std::string_view Value::kind_name() const {
  switch (data.index()) {
    case 0:
      return "a string";
    case 1:
      return "an integer";
    case 2:
      return "a floating-point number";
    case 3:
      return "a boolean";
    case 4:
      return "a date or time";
    case 5:
      return "an array";
    default:
      return "a table";
  }
}

}  // namespace weft::manifest
