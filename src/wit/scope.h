// The types that have a name where a block of WIT is written, and where else types are defined.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "component/types.h"
#include "wit/document.h"

namespace weft::wit {

// Who defined a type.
struct Owner {
  std::string interface;  // "wasi:io/poll@0.2.0"; a label: an interface of the world without a name of its own
  std::string name;
  bool is_anonymous() const { return interface.find(':') == std::string::npos; }
};

// Named types of all interfaces of one component. Types are found by the definition they rename, step by step, else by
// structure: equal structures are equal types, so that is right too, if not always the name that the author used.
struct Owners {
  std::unordered_map<const void*, Owner> definitions;  // value types and resources
  std::unordered_map<component::ResourceId, Owner> resources;
  std::unordered_map<std::uint32_t, Owner> structures;  // records, variants, enums and flags
};

// One interface or world while it is collected.
class Scope {
 public:
  // `name`: the interface's own, by which its types are used elsewhere; empty where they cannot be.
  Scope(Block& block, std::string name, Owners& owners) : block_(block), name_(std::move(name)), owners_(owners) {}

  Block& block() { return block_; }
  const std::string& name() const { return name_; }

  // Names a type in this scope, and, if the scope has a name, for other ones.
  void define(const component::ValueType* type, const std::string& name);
  void define(const component::ResourceType* type, const std::string& name);

  // The name here of `type` or of what it renames; empty: it has none.
  std::string name_of(const component::ValueType* type) const;
  std::string name_of(const component::ResourceType* type) const;
  // The definition that `type` renames in another interface, or nullptr.
  const Owner* elsewhere(const component::ValueType* type) const;
  const Owner* elsewhere(const component::ResourceType* type) const;
  // The same, by structure only.
  const Owner* equal_elsewhere(const component::ValueType* type) const;

  // Makes `owner`'s type usable here, under its own name if that is free. Returns the name.
  std::string use(const Owner& owner);
  void use_as(const Owner& owner, const std::string& alias);

 private:
  Block& block_;
  std::string name_;
  Owners& owners_;
  std::unordered_map<const void*, std::string> definitions_;
  std::unordered_map<component::ResourceId, std::string> resources_;
  std::unordered_map<std::uint32_t, std::string> structures_;
};

// Records, variants, enums and flags: WIT writes them with a name only.
bool needs_name(const component::ValueType& type);

}  // namespace weft::wit
