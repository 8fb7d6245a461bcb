#include "manifest/text.h"

namespace weft::manifest {

std::string compose_text(std::string_view pattern, std::initializer_list<const TextArgument*> arguments) {
  std::string out;
  auto next = arguments.begin();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view pair = pattern.substr(i, 2);
    if (pair == "{}" && next != arguments.end()) {
      out += (*next++)->view();
      ++i;
    } else {
      out += pattern[i];
      if (pair == "{{" || pair == "}}") ++i;
    }
  }
  return out;
}

}  // namespace weft::manifest
