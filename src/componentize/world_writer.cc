#include "componentize/world_writer.h"

#include <algorithm>

#include "componentize/type_writer.h"
#include "gaps/gaps.h"

namespace weft::componentize {
namespace {

namespace ast = component::ast;

// Types inside each other: bounds the native stack. Validation has a lower bound.
constexpr unsigned max_depth = 200;

std::unexpected<Error> malformed() {
  return fail(Errc::invalid, "the core module's world names a type that it does not have");
}
std::unexpected<Error> too_deep() {
  return fail(Errc::limit, "the types of the core module's world are nested too deeply");
}

// The type with `f`, which may fail, applied to its indices.
template <class F>
Result<ast::DefType> mapped(const ast::DefType& type, F f) {
  std::optional<Error> error;
  auto out = map_types(type, [&](std::uint32_t index) -> std::uint32_t {
    auto found = f(index);
    if (found) return *found;
    if (!error) error = std::move(found).error();
    return 0;
  });
  if (error) return std::unexpected(*std::move(error));
  return out;
}

// Whether a component that exports a function with the type must export the type too, under a name.
bool needs_a_name(const ast::DefType& type) {
  return std::holds_alternative<ast::Record>(type) || std::holds_alternative<ast::Variant>(type) ||
         std::holds_alternative<ast::Enum>(type) || std::holds_alternative<ast::Flags>(type);
}

}  // namespace

bool WorldWriter::is_imported(InterfaceId interface) const {
  return std::ranges::any_of(world_.imports(), [&](const auto& entry) { return entry.second == interface; });
}

void WorldWriter::need(NodeId id, std::set<NodeId>& seen) {
  std::vector<NodeId> rest{id};
  while (!rest.empty()) {
    const NodeId next = rest.back();
    rest.pop_back();
    if (!seen.insert(next).second) continue;
    if (const auto* named = std::get_if<NamedType>(&world_.node(next))) {
      imported_[named->interface].types.insert(named->name);
      const auto& types = world_.interfaces()[named->interface].types;
      const auto found = types.find(named->name);
      if (found != types.end() && found->second) rest.push_back(*found->second);
    } else {
      map_types(std::get<ast::DefType>(world_.node(next)), [&](std::uint32_t part) {
        rest.push_back(part);
        return part;
      });
    }
  }
}

void WorldWriter::need_func(InterfaceId interface, const std::string& name) {
  imported_[interface].funcs.insert(name);
  need(world_.interfaces()[interface].funcs.find(name)->second, needed_nodes_);
}

void WorldWriter::need_type(const NamedType& type) {
  imported_[type.interface].types.insert(type.name);
  const auto& types = world_.interfaces()[type.interface].types;
  const auto found = types.find(type.name);
  if (found != types.end() && found->second) need(*found->second, needed_nodes_);
}

// A type in the index space of an instance type.
Result<WorldWriter::Index> WorldWriter::local(Declarators& d, NodeId id, unsigned depth) {
  if (depth > max_depth) return too_deep();
  if (const auto found = d.nodes.find(id); found != d.nodes.end()) return found->second;
  if (const auto* named = std::get_if<NamedType>(&world_.node(id))) {
    if (named->interface == d.interface) return local_named(d, named->name, depth + 1);
    TRY(const Index outer, type(*named));
    // (alias outer 1 outer (type))
    for (const std::uint8_t b : std::initializer_list<std::uint8_t>{0x02, 0x03, 0x02, 0x01}) d.bytes.byte(b);
    d.bytes.u32(outer);
  } else {
    TRY(const auto definition,
        mapped(std::get<ast::DefType>(world_.node(id)), [&](std::uint32_t part) { return local(d, part, depth + 1); }));
    d.bytes.byte(0x01);
    write_type(d.bytes, definition);
  }
  ++d.count;
  return d.nodes[id] = d.types++;
}

// One that the interface itself exports.
Result<WorldWriter::Index> WorldWriter::local_named(Declarators& d, const std::string& name, unsigned depth) {
  if (depth > max_depth) return too_deep();
  if (const auto found = d.named.find(name); found != d.named.end()) return found->second;
  const auto& types = world_.interfaces()[d.interface].types;
  const auto type = types.find(name);
  if (type == types.end()) return malformed();
  std::optional<Index> definition;
  if (type->second) {
    TRY(definition, local(d, *type->second, depth + 1));
  }
  d.bytes.byte(0x04);
  write_extern_name(d.bytes, name);
  d.bytes.byte(static_cast<std::uint8_t>(Sort::type));
  d.bytes.byte(definition ? 0x00 : 0x01);
  if (definition) d.bytes.u32(*definition);
  ++d.count;
  return d.named[name] = d.types++;
}

Result<WorldWriter::Index> WorldWriter::instance(InterfaceId interface) {
  if (!is_imported(interface)) return malformed();
  Imported& imported = imported_[interface];
  if (imported.instance) return *imported.instance;
  // Interfaces that need each other: only sections that contradict each other say so.
  if (std::exchange(imported.begun, true)) return malformed();
  Declarators d{.interface = interface, .bytes = {}, .count = 0, .types = 0, .nodes = {}, .named = {}};
  for (const std::string& name : imported.types) CHECK_OK(local_named(d, name, 0));
  for (const std::string& name : imported.funcs) {
    TRY(const Index func_type, local(d, world_.interfaces()[interface].funcs.find(name)->second, 0));
    d.bytes.byte(0x04);
    write_extern_name(d.bytes, name);
    d.bytes.byte(static_cast<std::uint8_t>(Sort::func));
    d.bytes.u32(func_type);
    ++d.count;
  }
  ByteWriter type;
  type.byte(0x42);
  type.u32(d.count);
  type.raw(d.bytes.bytes());
  ByteWriter desc;
  desc.byte(static_cast<std::uint8_t>(Sort::instance));
  desc.u32(w_.type(type));
  imported.instance = w_.import(world_.interfaces()[interface].name, Sort::instance, desc);
  return *imported.instance;
}

Result<WorldWriter::Index> WorldWriter::type(const NamedType& type) {
  if (const auto found = types_.find({type.interface, type.name}); found != types_.end()) return found->second;
  TRY(const Index from, instance(type.interface));
  return types_[{type.interface, type.name}] = w_.alias_export(from, Sort::type, type.name);
}

Result<WorldWriter::Index> WorldWriter::func(InterfaceId interface, const std::string& name) {
  if (!world_.interfaces()[interface].name.empty()) {
    TRY(const Index from, instance(interface));
    return w_.alias_export(from, Sort::func, name);
  }
  TRY(const Index func_type, root(world_.interfaces()[interface].funcs.find(name)->second, 0));
  ByteWriter desc;
  desc.byte(static_cast<std::uint8_t>(Sort::func));
  desc.u32(func_type);
  return w_.import(name, Sort::func, desc);
}

// A type in the component's own index space.
Result<WorldWriter::Index> WorldWriter::root(NodeId id, unsigned depth) {
  if (depth > max_depth) return too_deep();
  if (const auto found = root_nodes_.find(id); found != root_nodes_.end()) return found->second;
  if (const auto* named = std::get_if<NamedType>(&world_.node(id))) {
    if (is_imported(named->interface)) return type(*named);
    const Interface& interface = world_.interfaces()[named->interface];
    const auto found = interface.types.find(named->name);
    if (found == interface.types.end()) return malformed();
    const auto* own = found->second ? std::get_if<ast::DefType>(&world_.node(*found->second)) : nullptr;
    if (!found->second || (own != nullptr && needs_a_name(*own))) {
      return std::unexpected(gaps::refuse(
          gaps::Gap::core_modules,
          "the core module's world exports " + interface.name + ", which has a type of its own, " + named->name));
    }
    return root(*found->second, depth + 1);
  }
  TRY(const auto definition,
      mapped(std::get<ast::DefType>(world_.node(id)), [&](std::uint32_t part) { return root(part, depth + 1); }));
  ByteWriter type;
  write_type(type, definition);
  return root_nodes_[id] = w_.type(type);
}

Result<WorldWriter::Index> WorldWriter::func_type(InterfaceId interface, const std::string& name) {
  return root(world_.interfaces()[interface].funcs.find(name)->second, 0);
}

Result<std::vector<ComponentWriter::Item>> WorldWriter::types_of(InterfaceId interface) {
  std::vector<ComponentWriter::Item> items;
  for (const auto& [name, definition] : world_.interfaces()[interface].types) {
    const auto* from = definition ? std::get_if<NamedType>(&world_.node(*definition)) : nullptr;
    if (from == nullptr || !is_imported(from->interface)) continue;
    TRY(const Index index, type(*from));
    items.push_back({name, Sort::type, index});
  }
  return items;
}

}  // namespace weft::componentize
