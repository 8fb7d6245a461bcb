// Writes what a component needs of a world: the interfaces that a core module really imports, and the exports.
#pragma once

#include <map>
#include <set>
#include <string>

#include "componentize/component_writer.h"
#include "componentize/world.h"

namespace weft::componentize {

// Imports are written on demand, each interface once, after those whose types it uses; so everything that is needed is
// said first.
class WorldWriter {
 public:
  using Index = ComponentWriter::Index;
  // Both outlive the writer.
  WorldWriter(const World& world, ComponentWriter& to) : world_(world), w_(to) {}

  // ---- first ----
  void need_func(InterfaceId interface, const std::string& name);
  void need_type(const NamedType& type);

  // ---- then ----
  // The component function that a module imports from an imported interface, or from the world itself.
  Result<Index> func(InterfaceId interface, const std::string& name);
  // The type of an imported interface.
  Result<Index> type(const NamedType& type);
  // The type of a function of an exported interface.
  Result<Index> func_type(InterfaceId interface, const std::string& name);
  // The types that an exported interface has from imported ones, as exports.
  Result<std::vector<ComponentWriter::Item>> types_of(InterfaceId interface);

 private:
  // Of an instance type that is being written.
  struct Declarators {
    InterfaceId interface;
    ByteWriter bytes;
    std::uint32_t count = 0;
    std::uint32_t types = 0;
    std::map<NodeId, Index> nodes;
    std::map<std::string, Index, std::less<>> named;
  };
  struct Imported {
    bool begun = false;
    std::optional<Index> instance;
    std::set<std::string> funcs, types;  // that are needed
  };

  void need(NodeId id, std::set<NodeId>& seen);
  bool is_imported(InterfaceId interface) const;
  Result<Index> instance(InterfaceId interface);
  Result<Index> local(Declarators& d, NodeId id, unsigned depth);
  Result<Index> local_named(Declarators& d, const std::string& name, unsigned depth);
  Result<Index> root(NodeId id, unsigned depth);

  const World& world_;
  ComponentWriter& w_;
  std::map<InterfaceId, Imported> imported_;
  std::map<std::pair<InterfaceId, std::string>, Index> types_;  // aliases, at the root
  std::map<NodeId, Index> root_nodes_;
  std::set<NodeId> needed_nodes_;
};

}  // namespace weft::componentize
