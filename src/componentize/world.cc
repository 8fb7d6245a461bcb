#include "componentize/world.h"

#include <memory>

#include "component/decode.h"
#include "gaps/gaps.h"

namespace weft::componentize {
namespace {

namespace ast = component::ast;
using Indices = std::vector<NodeId>;
using Map = std::function<std::uint32_t(std::uint32_t)>;

constexpr NodeId no_node = UINT32_MAX;

void apply(ast::ValType& type, const Map& f) {
  if (auto* index = std::get_if<std::uint32_t>(&type)) *index = f(*index);
}
void apply(std::optional<ast::ValType>& type, const Map& f) {
  if (type) apply(*type, f);
}
void apply(std::vector<ast::LabelValType>& fields, const Map& f) {
  for (ast::LabelValType& field : fields) apply(field.type, f);
}

struct Mapper {
  const Map& f;
  void operator()(ast::Record& t) const { apply(t.fields, f); }
  void operator()(ast::Variant& t) const {
    for (ast::Case& one : t.cases) apply(one.type, f);
  }
  void operator()(ast::List& t) const { apply(t.element, f); }
  void operator()(ast::Tuple& t) const {
    for (ast::ValType& one : t.types) apply(one, f);
  }
  void operator()(ast::Option& t) const { apply(t.type, f); }
  void operator()(ast::ResultT& t) const {
    apply(t.ok, f);
    apply(t.error, f);
  }
  void operator()(ast::Own& t) const { t.type = f(t.type); }
  void operator()(ast::Borrow& t) const { t.type = f(t.type); }
  void operator()(ast::Stream& t) const { apply(t.type, f); }
  void operator()(ast::Future& t) const { apply(t.type, f); }
  void operator()(ast::Map& t) const {
    apply(t.key, f);
    apply(t.value, f);
  }
  void operator()(ast::FuncType& t) const {
    apply(t.params, f);
    apply(t.result, f);
  }
  void operator()(auto&) const {}  // without types inside
};

std::unexpected<Error> refuse(const std::string& what) {
  return std::unexpected(gaps::refuse(gaps::Gap::core_modules, "the core module's world has " + what));
}
std::unexpected<Error> malformed() {
  return fail(Errc::invalid, "a section component-type of the core module is no world");
}

}  // namespace

ast::DefType map_types(ast::DefType type, const Map& f) {
  std::visit(Mapper{f}, type);
  return type;
}

// One section's declarators, in order.
class World::Reader {
 public:
  explicit Reader(World& world) : world_(world) {}

  Result<void> run(const ast::ComponentType& type) {
    for (const ast::Decl& decl : type.decls) CHECK_OK(std::visit(*this, decl.decl));
    return {};
  }

  Result<void> operator()(const ast::CoreType&) { return refuse("core types"); }

  Result<void> operator()(const ast::Type& type) {
    if (const auto* instance = std::get_if<ast::InstanceType>(&type.type)) {
      // Read when it is known whose type it is.
      instance_types_[types_.size()] = instance;
      types_.push_back(no_node);
      return {};
    }
    TRY(const NodeId node, define(type.type, types_));
    types_.push_back(node);
    return {};
  }

  Result<void> operator()(const ast::Alias& alias) {
    const auto* from = std::get_if<ast::ExportAlias>(&alias.target);
    if (alias.sort != ast::Sort::type || from == nullptr) return refuse("an alias of something else than a type");
    if (from->instance >= instances_.size()) return malformed();
    TRY(const NodeId node, add(NamedType{instances_[from->instance], from->name}));
    types_.push_back(node);
    return {};
  }

  Result<void> operator()(const ast::ImportDecl& decl) { return item(decl.name, decl.type, world_.imports_); }
  Result<void> operator()(const ast::ExportDecl& decl) { return item(decl.name, decl.type, world_.exports_); }

 private:
  using Names = std::map<std::string, InterfaceId, std::less<>>;

  InterfaceId interface_of(Names& names, const std::string& name) {
    const auto [found, fresh] = names.emplace(name, static_cast<InterfaceId>(world_.interfaces_.size()));
    if (fresh) world_.interfaces_.push_back({.name = name, .types = {}, .funcs = {}});
    return found->second;
  }

  Result<void> item(const ast::ExternName& name, const ast::ExternDesc& desc, Names& names) {
    if (name.implements) return refuse("a name with `implements`");
    if (const auto* instance = std::get_if<ast::ExternInstance>(&desc)) {
      const auto type = instance_types_.find(instance->type);
      if (type == instance_types_.end()) return malformed();
      const InterfaceId id = interface_of(names, name.name);
      instances_.push_back(id);
      return interface(id, *type->second);
    }
    if (const auto* func = std::get_if<ast::ExternFunc>(&desc)) {
      if (func->type >= types_.size() || types_[func->type] == no_node) return malformed();
      world_.interfaces_[interface_of(names, "")].funcs.emplace(name.name, types_[func->type]);
      return {};
    }
    if (const auto* type = std::get_if<ast::ExternType>(&desc); type != nullptr && type->bound.eq) {
      if (*type->bound.eq >= types_.size() || types_[*type->bound.eq] == no_node) return malformed();
      // Under whichever name, it is the same type.
      types_.push_back(types_[*type->bound.eq]);
      return {};
    }
    return refuse("a " + name.name + " that is neither a function nor an interface");
  }

  Result<void> interface(InterfaceId id, const ast::InstanceType& type) {
    Indices local;
    for (const ast::Decl& decl : type.decls) {
      if (const auto* defined = std::get_if<ast::Type>(&decl.decl)) {
        TRY(const NodeId node, define(defined->type, local));
        local.push_back(node);
      } else if (const auto* alias = std::get_if<ast::Alias>(&decl.decl)) {
        const auto* outer = std::get_if<ast::OuterAlias>(&alias->target);
        if (outer == nullptr || alias->sort != ast::Sort::type || outer->count != 1) return malformed();
        if (outer->idx >= types_.size() || types_[outer->idx] == no_node) return malformed();
        local.push_back(types_[outer->idx]);
      } else if (const auto* exported = std::get_if<ast::ExportDecl>(&decl.decl)) {
        CHECK_OK(export_of(id, exported->name.name, exported->type, local));
      } else {
        return malformed();
      }
    }
    return {};
  }

  Result<void> export_of(InterfaceId id, const std::string& name, const ast::ExternDesc& desc, Indices& local) {
    Interface& interface = world_.interfaces_[id];
    if (const auto* func = std::get_if<ast::ExternFunc>(&desc)) {
      if (func->type >= local.size()) return malformed();
      interface.funcs.emplace(name, local[func->type]);
      return {};
    }
    const auto* type = std::get_if<ast::ExternType>(&desc);
    if (type == nullptr) return malformed();
    std::optional<NodeId> definition;
    if (type->bound.eq) {
      if (*type->bound.eq >= local.size()) return malformed();
      definition = local[*type->bound.eq];
    }
    interface.types.emplace(name, definition);
    TRY(const NodeId node, add(NamedType{id, name}));
    local.push_back(node);
    return {};
  }

  // The node of a definition whose indices are those of `space`.
  Result<NodeId> define(const ast::DefType& type, const Indices& space) {
    if (std::holds_alternative<ast::ComponentType>(type) || std::holds_alternative<ast::InstanceType>(type) ||
        std::holds_alternative<ast::ResourceType>(type)) {
      return malformed();
    }
    bool in_bounds = true;
    auto mapped = map_types(type, [&](std::uint32_t index) -> NodeId {
      if (index < space.size() && space[index] != no_node) return space[index];
      in_bounds = false;
      return no_node;
    });
    if (!in_bounds) return malformed();
    return add(std::move(mapped));
  }

  Result<NodeId> add(Node node) {
    if (world_.nodes_.size() >= max_world_items) return fail(Errc::limit, "the core module's worlds are too large");
    world_.nodes_.push_back(std::move(node));
    return static_cast<NodeId>(world_.nodes_.size() - 1);
  }

  World& world_;
  Indices types_;  // the world's
  std::map<std::size_t, const ast::InstanceType*> instance_types_;
  std::vector<InterfaceId> instances_;
};

Result<void> World::add(std::span<const std::byte> section) {
  auto bytes = std::make_shared<const std::vector<std::byte>>(section.begin(), section.end());
  auto decoded = component::decode(std::move(bytes));
  if (!decoded) return std::unexpected(std::move(decoded).error().context("a section component-type"));
  // (type (component (type $world (component ...)) (export "ns:package/world" (component (type $world)))))
  for (const ast::Definition& definition : (*decoded)->definitions) {
    const auto* type = std::get_if<ast::Type>(&definition.def);
    const auto* outer = type == nullptr ? nullptr : std::get_if<ast::ComponentType>(&type->type);
    if (outer == nullptr || outer->decls.empty()) continue;
    const auto* inner = std::get_if<ast::Type>(&outer->decls.front().decl);
    const auto* world = inner == nullptr ? nullptr : std::get_if<ast::ComponentType>(&inner->type);
    if (world != nullptr) return Reader(*this).run(*world);
  }
  return malformed();
}

}  // namespace weft::componentize
