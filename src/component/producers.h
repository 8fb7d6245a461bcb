// The tools that made a component, as its "producers" custom sections say: vec(field: name, vec(name, version)).
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "component/ast.h"

namespace weft::component {

// "language", "processed-by", "sdk" → names and versions, each once, in order of appearance.
using Producers = std::map<std::string, std::vector<std::pair<std::string, std::string>>>;

// Of the component, those nested in it and all core modules. What cannot be read is left out; the texts are the tools'
// own and may have any characters.
Producers producers_of(const ast::Component& component);

}  // namespace weft::component
