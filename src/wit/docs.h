// The documentation that a WIT package carries in its custom section "package-docs": one byte of version (0 or 1), then
// JSON:
//
//   { "docs": …, "interfaces": { NAME: { "docs": …, "funcs": { NAME: DOCS | { "docs": … } },
//                                        "types": { NAME: { "docs": …, "items": { LABEL: DOCS } } } } },
//     "worlds": { NAME: the same } }
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace weft::wit {

// Immutable. All look-ups answer an empty text for what is not documented, whatever shape the JSON has.
class Docs {
 public:
  Docs() = default;
  // What cannot be read is no documentation: the section is for people, and nothing depends on it.
  explicit Docs(std::span<const std::byte> section);

  std::string package() const;
  // `owner` is the name of an interface or world without its package; `item` of a type or function.
  std::string of(std::string_view owner) const;
  std::string of(std::string_view owner, std::string_view item) const;
  std::string of(std::string_view owner, std::string_view type, std::string_view label) const;

 private:
  const nlohmann::json* owner_of(std::string_view name) const;
  nlohmann::json root_;
};

}  // namespace weft::wit
