// Exported functions as WIT, with the names of their types.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "call/functions.h"
#include "wit/document.h"

namespace weft::call {

// The link plan has no names of types: they are read from the component's binary. Immutable.
class Signatures {
 public:
  explicit Signatures(const wit::Document& world);

  // "async func(user: user) -> result<string, error>"; with all of its types written out if the world does not have it.
  std::string of(const Function& function) const;

 private:
  std::map<std::string, std::string, std::less<>> by_name_;  // full names
};

}  // namespace weft::call
