#include "wit/collect.h"

#include <algorithm>
#include <cctype>

#include "component/names.h"
#include "component/text.h"
#include "wit/names.h"
#include "wit/type_text.h"

namespace weft::wit {
namespace {

using namespace component;

// The world of a component has no name in the binary; this is what other tools call it.
constexpr const char* root_world = "root:component/root";

// What an item costs of the budget beyond its text.
constexpr std::size_t item_cost = 16;

bool is_interface_name(const std::string& name) {
  return name.find(':') != std::string::npos;
}

// "@external-id("…")", everything but letters, digits and `-` escaped.
std::string attribute_of(const ExternName& name) {
  if (!name.external_id) return {};
  std::string text = "@external-id(\"";
  std::string_view rest = *name.external_id;
  while (!rest.empty()) {
    const auto first = static_cast<unsigned char>(rest.front());
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (std::isalnum(first) != 0 || first == '-') {
      text += static_cast<char>(first);
    } else {
      // The text is valid UTF-8: the reader has seen to it.
      std::uint32_t code = length == 1 ? first : first & (0x7fu >> length);
      for (std::size_t i = 1; i < length && i < rest.size(); ++i)
        code = code << 6 | (static_cast<unsigned char>(rest[i]) & 0x3fu);
      text += "\\u{" + hex(code).substr(2) + "}";
    }
    rest.remove_prefix(std::min(length, rest.size()));
  }
  return text + "\")";
}

// Collects one component type: types are known across its imports and exports.
class Collector {
 public:
  Collector(Document& document, const Docs& docs, Budget& budget) : document_(document), docs_(docs), budget_(budget) {}

  void world(const ComponentType& type, const std::string& name) {
    World world{.name = name, .block = {}, .items = {}};
    const std::string short_name(InterfaceName(name).interface);
    world.block.docs = docs_.of(short_name);
    Scope scope(world.block, {}, owners_);
    for (const ExternItem& item : type.imports) world_item(world, scope, item, true, short_name);
    for (const ExternItem& item : type.exports) world_item(world, scope, item, false, short_name);
    document_.worlds.push_back(std::move(world));
  }

  void interface(const std::string& name, const InstanceType& type) {
    if (!budget_.spend(item_cost)) return;
    const std::string short_name(InterfaceName(name).interface);
    // Collected on its own, since names mean what they mean in this component, then merged.
    Block block;
    block.docs = docs_.of(short_name);
    Scope scope(block, name, owners_);
    items(scope, type.exports, short_name);
    document_.interface(name).block.merge(std::move(block));
  }

 private:
  void world_item(World& world, Scope& scope, const ExternItem& item, bool is_import, const std::string& owner) {
    const auto* instance = std::get_if<const InstanceType*>(&item.type);
    if (instance != nullptr && is_interface_name(item.name.name)) {
      interface(item.name.name, **instance);
      world.items.push_back({is_import, item.name.name, {}, attribute_of(item.name), {}});
    } else if (instance != nullptr) {
      WorldItem made{.is_import = is_import,
                     .name = item.name.name,
                     .interface = item.name.implements.value_or(""),
                     .attribute = attribute_of(item.name),
                     .block = {}};
      if (made.interface.empty()) {
        Scope inner(made.block, (is_import ? "import " : "export ") + item.name.name, owners_);
        items(inner, (*instance)->exports, owner);
      } else {
        interface(made.interface, **instance);
      }
      world.items.push_back(std::move(made));
    } else if (const auto* func = std::get_if<const FuncType*>(&item.type)) {
      const bool is_plain = !item.name.name.starts_with('[');
      if (is_plain) {
        const std::string verb = is_import ? "import " : "export ";
        scope.block().add(
            {.name = verb + item.name.name,
             .docs = docs_.of(owner, item.name.name),
             .attribute = attribute_of(item.name),
             .text = verb + escaped(item.name.name) + ": " + TypeText(scope, budget_).function(**func, false) + ";"});
      } else {
        this->item(scope, item, owner);
      }
    } else {
      if (!is_import && std::holds_alternative<TypeItem>(item.type)) {
        scope.block().add({.name = "export " + item.name.name, .text = "// exported, which WIT cannot say of a type:"});
      }
      this->item(scope, item, owner);
    }
  }

  void items(Scope& scope, const ExternItems& list, const std::string& owner) {
    for (const ExternItem& each : list) item(scope, each, owner);
  }

  void item(Scope& scope, const ExternItem& item, const std::string& owner) {
    if (!budget_.spend(item.name.name.size() + item_cost)) return;
    const std::string& name = item.name.name;
    if (const auto* func = std::get_if<const FuncType*>(&item.type)) {
      function(scope, item.name, **func, owner);
    } else if (const auto* type = std::get_if<TypeItem>(&item.type);
               type != nullptr && std::holds_alternative<const ValueType*>(type->type)) {
      value_type(scope, item.name, std::get<const ValueType*>(type->type), owner);
    } else if (type != nullptr && std::holds_alternative<const ResourceType*>(type->type)) {
      resource(scope, item.name, std::get<const ResourceType*>(type->type), owner);
    } else {
      comment(scope, name, item);
    }
  }

  void value_type(Scope& scope, const ExternName& extern_name, const ValueType* type, const std::string& owner) {
    const std::string& name = extern_name.name;
    TypeText text(scope, budget_);
    if (const Owner* renamed = scope.elsewhere(type)) {
      scope.use_as(*renamed, name);
    } else if (const std::string local = scope.name_of(type->alias_of == nullptr ? type : type->alias_of);
               type->alias_of != nullptr && !local.empty()) {
      alias(scope, name, local, owner);
    } else {
      scope.block().add({.name = name,
                         .docs = docs_.of(owner, name),
                         .attribute = attribute_of(extern_name),
                         .text = text.definition(type, name, docs_, owner)});
    }
    scope.define(type, name);
  }

  void resource(Scope& scope, const ExternName& extern_name, const ResourceType* type, const std::string& owner) {
    const std::string& name = extern_name.name;
    if (const std::string local = scope.name_of(type); !local.empty()) {
      alias(scope, name, local, owner);
    } else if (const Owner* renamed = scope.elsewhere(type)) {
      scope.use_as(*renamed, name);
    } else {
      scope.block().add({.name = name,
                         .docs = docs_.of(owner, name),
                         .attribute = attribute_of(extern_name),
                         .text = "resource " + escaped(name),
                         .is_resource = true});
    }
    scope.define(type, name);
  }

  void function(Scope& scope, const ExternName& extern_name, const FuncType& type, const std::string& owner) {
    const std::string& name = extern_name.name;
    TypeText text(scope, budget_);
    const auto parsed = parse_extern_name(name);
    const bool is_member =
        parsed && (parsed->kind == ParsedName::Kind::method || parsed->kind == ParsedName::Kind::static_ ||
                   parsed->kind == ParsedName::Kind::constructor);
    if (!is_member) {
      return scope.block().add({.name = name,
                                .docs = docs_.of(owner, name),
                                .attribute = attribute_of(extern_name),
                                .text = escaped(name) + ": " + text.function(type, false) + ";"});
    }
    Item made{.name = name, .docs = docs_.of(owner, name), .attribute = attribute_of(extern_name), .text = {}};
    if (parsed->kind == ParsedName::Kind::method) {
      made.text = escaped(parsed->label) + ": " + text.function(type, true) + ";";
    } else if (parsed->kind == ParsedName::Kind::static_) {
      made.text = escaped(parsed->label) + ": static " + text.function(type, false) + ";";
    } else {
      // The result is the resource itself and goes without saying, unless it may fail.
      FuncType shown = type;
      if (shown.result != nullptr && std::holds_alternative<OwnType>(shown.result->shape)) shown.result = nullptr;
      made.text = text.function(shown, false, "constructor") + ";";
    }
    if (scope.block().add_member(std::string(parsed->resource), std::move(made))) return;
    scope.block().add({.name = name, .text = "// " + name + ": a function of a resource that is defined elsewhere"});
  }

  // What WIT cannot say.
  static void comment(Scope& scope, const std::string& name, const ExternItem& item) {
    scope.block().add(
        {.name = name, .text = "// " + name + ": " + std::string(describe(item.type)) + " (WIT cannot say it)"});
  }

  void alias(Scope& scope, const std::string& name, const std::string& of, const std::string& owner) {
    scope.block().add(
        {.name = name, .docs = docs_.of(owner, name), .text = "type " + escaped(name) + " = " + escaped(of) + ";"});
  }

  Document& document_;
  const Docs& docs_;
  Budget& budget_;
  Owners owners_;
};

// A WIT package in binary form: nothing but exported component types, each with the one interface or world it is about.
bool is_package(const ComponentType& type) {
  const auto describes = [](const ExternItem& item) {
    const auto* exported = std::get_if<TypeItem>(&item.type);
    if (exported == nullptr) return false;
    const auto* outer = std::get_if<const ComponentType*>(&exported->type);
    return outer != nullptr && (*outer)->exports.size() == 1 && is_interface_name((*outer)->exports.begin()->name.name);
  };
  return type.imports.size() == 0 && type.exports.size() != 0 && std::ranges::all_of(type.exports, describes);
}

}  // namespace

Document collect(const ComponentType& type, const Docs& docs) {
  Document document;
  Budget budget{max_type_text};
  if (is_package(type)) {
    document.docs = docs.package();
    for (const ExternItem& item : type.exports) {
      const auto& outer = *std::get<const ComponentType*>(std::get<TypeItem>(item.type).type);
      const ExternItem& subject = *outer.exports.begin();
      Collector collector(document, docs, budget);
      for (const ExternItem& import : outer.imports) {
        if (const auto* instance = std::get_if<const InstanceType*>(&import.type))
          collector.interface(import.name.name, **instance);
      }
      if (const auto* instance = std::get_if<const InstanceType*>(&subject.type)) {
        collector.interface(subject.name.name, **instance);
      } else if (const auto* world = std::get_if<const ComponentType*>(&subject.type)) {
        collector.world(**world, subject.name.name);
      }
    }
  } else {
    Collector(document, docs, budget).world(type, root_world);
  }
  document.truncated = budget.left == 0;
  return document;
}

}  // namespace weft::wit
