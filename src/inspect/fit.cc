#include "inspect/fit.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "component/import_track.h"
#include "inspect/same_type.h"

namespace weft::inspect {
namespace {

using component::ExternItems;
using component::FuncType;
using component::InstanceType;
using wit_source::FlatItem;
using wit_source::Func;

// Of the same name, or of a version that stands for it.
const component::ExternType* find(const ExternItems& items, const std::string& name) {
  if (const auto* exact = items.find(name)) return exact;
  const std::string track = component::import_track(name);
  for (const component::ExternItem& item : items) {
    if (component::import_track(item.name.name) == track) return &item.type;
  }
  return nullptr;
}
const FlatItem* find(const std::map<std::string, FlatItem>& items, const std::string& name) {
  if (const auto exact = items.find(name); exact != items.end()) return &exact->second;
  const std::string track = component::import_track(name);
  for (const auto& [other, item] : items) {
    if (component::import_track(other) == track) return &item;
  }
  return nullptr;
}

// Other versions of an interface, "; there is …".
std::string others(const std::string& name, const auto& names) {
  const std::string base = name.substr(0, name.find('@'));
  for (const std::string& each : names) {
    if (each.substr(0, each.find('@')) == base) return "; there is " + each;
  }
  return {};
}

class Fitting {
 public:
  Fitting(const component::ComponentType& component, const wit_source::Packages& packages)
      : component_(component), packages_(packages), types_(component, packages) {}

  // But for those that `is_given` by others.
  Result<void> imports(const wit_source::FlatWorld& flat, const wit_source::World& world,
                       const std::function<bool(const std::string& name)>& is_given) {
    for (const component::ExternItem& item : component_.imports) {
      if (!is_given(item.name.name)) CHECK_OK(import(item, flat, world));
    }
    return {};
  }
  Result<void> exports(const wit_source::FlatWorld& flat) {
    for (const auto& [name, item] : flat.exports) CHECK_OK(export_(name, item));
    return {};
  }
  std::vector<Difference> take() { return std::exchange(found_, {}); }

 private:
  void differ(std::string subject, std::string detail, std::string place) {
    if (found_.size() < max_differences)
      found_.push_back({.subject = std::move(subject), .detail = std::move(detail), .place = std::move(place)});
  }

  Result<void> import(const component::ExternItem& item, const wit_source::FlatWorld& flat,
                      const wit_source::World& world) {
    const std::string& name = item.name.name;
    const auto* instance = std::get_if<const InstanceType*>(&item.type);
    const auto* func = std::get_if<const FuncType*>(&item.type);
    if (instance == nullptr && func == nullptr) return {};
    const FlatItem* wanted = find(flat.imports, name);
    if (wanted == nullptr || (wanted->func == nullptr) != (func == nullptr)) {
      std::vector<std::string> names;
      for (const auto& [each, unused] : flat.imports) names.push_back(each);
      differ("import " + name, "the world " + world.name + " does not import it" + others(name, names),
             packages_.place(world.at));
      return {};
    }
    if (func != nullptr) return function("import " + name, wanted->scope, *wanted->func, **func);
    for (const component::ExternItem& inner : (*instance)->exports) {
      const auto* type = std::get_if<const FuncType*>(&inner.type);
      if (type == nullptr) continue;
      const std::string subject = "import " + name + "#" + inner.name.name;
      const auto& funcs = wanted->scope.body->funcs;
      const auto known = std::ranges::find(funcs, inner.name.name, &Func::name);
      if (known == funcs.end())
        differ(subject, "the world's " + wanted->scope.owner + " has no such function", packages_.place(wanted->at));
      else
        CHECK_OK(function(subject, wanted->scope, *known, **type));
    }
    return {};
  }

  Result<void> export_(const std::string& name, const FlatItem& wanted) {
    const component::ExternType* found = find(component_.exports, name);
    const auto* instance = found == nullptr ? nullptr : std::get_if<const InstanceType*>(found);
    const auto* func = found == nullptr ? nullptr : std::get_if<const FuncType*>(found);
    if (wanted.func != nullptr ? func == nullptr : instance == nullptr) {
      if (wanted.is_unstable) return {};
      std::vector<std::string> names;
      for (const component::ExternItem& item : component_.exports) names.push_back(item.name.name);
      differ("export " + name, "the component does not export it" + others(name, names), packages_.place(wanted.at));
      return {};
    }
    if (wanted.func != nullptr) return function("export " + name, wanted.scope, *wanted.func, **func);
    for (const Func& each : wanted.scope.body->funcs) {
      const std::string subject = "export " + name + "#" + each.name;
      const component::ExternType* inner = (*instance)->exports.find(each.name);
      const auto* type = inner == nullptr ? nullptr : std::get_if<const FuncType*>(inner);
      if (type != nullptr) {
        CHECK_OK(function(subject, wanted.scope, each, **type));
      } else if (!each.is_unstable) {
        differ(subject, "the component has no such function", packages_.place(each.at));
      }
    }
    return {};
  }

  Result<void> function(const std::string& subject, const wit_source::Scope& scope, const Func& wanted,
                        const FuncType& found) {
    TRY(auto mismatch, types_.compare(scope, wanted, found));
    if (mismatch) differ(subject, mismatch->path + mismatch->detail, packages_.place(mismatch->at));
    return {};
  }

  const component::ComponentType& component_;
  const wit_source::Packages& packages_;
  TypeComparison types_;
  std::vector<Difference> found_;
};

}  // namespace

std::string to_string(const Difference& difference) {
  return difference.subject + ": " + difference.detail +
         (difference.place.empty() ? std::string() : " (" + difference.place + ")");
}

Result<std::vector<Difference>> differences(const component::ComponentType& component,
                                            const wit_source::Packages& packages, const wit_source::World& world) {
  TRY(const wit_source::FlatWorld flat, packages.flatten(world));
  Fitting fitting(component, packages);
  CHECK_OK(fitting.imports(flat, world, [](const std::string&) { return false; }));
  CHECK_OK(fitting.exports(flat));
  return fitting.take();
}

Result<std::vector<Difference>> differences(const Face& face, const wit_source::Packages& packages,
                                            const wit_source::World& world) {
  if (!face.composition) return differences(*face.valid.type, packages, world);
  TRY(const wit_source::FlatWorld flat, packages.flatten(world));
  const auto& links = face.composition->wiring.links;
  std::vector<Difference> all;
  for (std::uint32_t i = 0; i < face.composition->parts.size(); ++i) {
    const component::ast::Component* const part = face.composition->parts[i];
    component::Validated valid;
    if (part != face.part) {
      TRY(valid, component::validate(*part));
    }
    Fitting fitting(part == face.part ? *face.valid.type : *valid.type, packages);
    CHECK_OK(fitting.imports(flat, world, [&](const std::string& name) {
      return std::ranges::any_of(links, [&](const auto& link) { return link.part == i && link.import == name; });
    }));
    if (part == face.part) CHECK_OK(fitting.exports(flat));
    for (Difference& each : fitting.take()) {
      // Parts that import the same differ in the same way.
      const auto is_it = [&](const Difference& known) { return to_string(known) == to_string(each); };
      if (all.size() < max_differences && std::ranges::none_of(all, is_it)) all.push_back(std::move(each));
    }
  }
  return all;
}

}  // namespace weft::inspect
