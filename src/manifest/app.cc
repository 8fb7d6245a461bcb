#include "manifest/app.h"

#include <algorithm>

namespace weft::manifest {

const Component* App::find_component(std::string_view id) const {
  auto found = std::ranges::find(components, id, &Component::id);
  return found == components.end() ? nullptr : &*found;
}

const Variable* App::find_variable(std::string_view wanted) const {
  auto found = std::ranges::find(variables, wanted, &Variable::name);
  return found == variables.end() ? nullptr : &*found;
}

}  // namespace weft::manifest
