// What the custom sections `component-type:...` of a core module say: the worlds that it was made for by wit-bindgen.
//
// Such a section has a component whose only content is a type: the world's imports and exports. A module may have
// several, one of each library that has bindings of its own; here they are one world, in which an interface is what all
// of them say of it together. Types are nodes that name each other by number, and a type that an interface names is
// known by the interface and its name, so that it is one type whoever mentions it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "component/ast_types.h"
#include "util/error.h"

namespace weft::componentize {

inline constexpr std::string_view world_section = "component-type";
// Types, functions and names of all worlds of a module: real ones have a few thousand.
inline constexpr std::size_t max_world_items = 100'000;

using NodeId = std::uint32_t;
using InterfaceId = std::uint32_t;

// A type that an interface has under a name.
struct NamedType {
  InterfaceId interface = 0;
  std::string name;
  bool operator==(const NamedType&) const = default;
};

// A definition names others by NodeId where the abstract syntax has type indices.
using Node = std::variant<component::ast::DefType, NamedType>;

struct Interface {
  std::string name;  // empty: the world's own functions
  // What each named type is; none: a resource.
  std::map<std::string, std::optional<NodeId>, std::less<>> types;
  std::map<std::string, NodeId, std::less<>> funcs;
};

class World {
 public:
  // Adds what the content of one section says. Errc::invalid when it is none; Errc::unsupported for what worlds may
  // have and this is not made for.
  Result<void> add(std::span<const std::byte> section);

  const std::vector<Interface>& interfaces() const { return interfaces_; }
  const Node& node(NodeId id) const { return nodes_[id]; }
  // Those that are imported, and those that are exported, by name.
  const std::map<std::string, InterfaceId, std::less<>>& imports() const { return imports_; }
  const std::map<std::string, InterfaceId, std::less<>>& exports() const { return exports_; }

 private:
  class Reader;
  std::vector<Node> nodes_;
  std::vector<Interface> interfaces_;
  std::map<std::string, InterfaceId, std::less<>> imports_, exports_;
};

// The definition with `f` applied to each type index in it.
component::ast::DefType map_types(component::ast::DefType type, const std::function<std::uint32_t(std::uint32_t)>& f);

}  // namespace weft::componentize
