// Types across the parts of a composition: as an instantiation of each with the others' exports would check them
// (validate_instances.cc), and with one import of the host in place of all that mean the same.
#include <map>

#include "component/composition.h"
#include "component/import_track.h"
#include "component/subtyping.h"
#include "component/validate.h"
#include "component/validator.h"

namespace weft::component {
namespace {

class CompositionCheck {
 public:
  explicit CompositionCheck(const Composition& composition) : composition_(composition) {}

  Result<void> run(LinkFault* fault) {
    for (std::uint32_t i = 0; i < composition_.parts.size(); ++i) {
      TRY(const ComponentType* type, Validator(validated_, *arena_).component(*composition_.parts[i], nullptr));
      CHECK_OK(part(i, *type, fault));
      if (arena_->exhausted()) return fail(Errc::limit, "the types of the composition are too complex");
    }
    return {};
  }

 private:
  Result<void> part(std::uint32_t index, const ComponentType& type, LinkFault* fault) {
    Substitution supplied(*arena_), specialised(*arena_);
    specialised.open(type.imported_resources);
    for (const Link& link : composition_.wiring.links) {
      if (link.part == index && exports_[link.from].find(link.export_name) == nullptr)
        return fail(Errc::invalid, cat("there is no export `", link.export_name, "`"));
    }
    for (const ExternItem& import : type.imports) {
      const Link* link = link_of(index, import.name.name);
      if (link == nullptr) {
        bind_host(import.type, "", import.name.name, specialised);
      } else {
        CHECK_OK(check(*link, import.type, supplied, specialised, fault));
      }
    }
    for (const ResourceId id : type.defined_resources) specialised.bind(id, arena_->fresh_resource());
    exports_.push_back(specialised.apply(type.exports));
    return {};
  }

  const Link* link_of(std::uint32_t part, std::string_view import) const {
    for (const Link& link : composition_.wiring.links) {
      if (link.part == part && link.import == import) return &link;
    }
    return nullptr;
  }

  Result<void> check(const Link& link, const ExternType& wanted, Substitution& supplied, Substitution& specialised,
                     LinkFault* fault) {
    const ExternType& given = *exports_[link.from].find(link.export_name);
    auto match = Subtyping(*arena_, supplied, specialised).check(given, wanted);
    if (match) return {};
    if (fault != nullptr) tell(link, given, wanted, supplied, specialised, *fault);
    return std::unexpected(std::move(match.error()).context(cat("type mismatch for import `", link.import, "`")));
  }

  // What differs, both as they are.
  void tell(const Link& link, const ExternType& given, const ExternType& wanted, Substitution& supplied,
            Substitution& specialised, LinkFault& fault) {
    fault.link = static_cast<std::size_t>(&link - composition_.wiring.links.data());
    fault.arena = arena_;
    fault.given = given;
    fault.wanted = wanted;
    const auto* from = std::get_if<const InstanceType*>(&given);
    const auto* to = std::get_if<const InstanceType*>(&wanted);
    if (from == nullptr || to == nullptr) return;
    for (const ExternItem& item : (*to)->exports) {
      const ExternType* found = (*from)->exports.find(item.name.name);
      if (found != nullptr && Subtyping(*arena_, supplied, specialised).check(*found, item.type)) continue;
      fault.function = item.name.name;
      fault.given = found == nullptr ? std::nullopt : std::optional(*found);
      fault.wanted = item.type;
      return;
    }
  }

  // The resources of an interface of the host are one type for all parts, whichever compatible version they name:
  // as the planner has it (planner_types.cc, host_item).
  void bind_host(const ExternType& type, const std::string& interface, const std::string& name,
                 Substitution& specialised) {
    const std::string full = interface.empty() ? name : cat(interface, "#", name);
    if (const auto* item = std::get_if<TypeItem>(&type)) {
      const auto* resource = std::get_if<const ResourceType*>(&item->type);
      if (resource == nullptr || !item->is_sub_resource) return;
      const auto [found, fresh] = host_resources_.emplace(std::pair(import_track(interface), name), ResourceId{});
      if (fresh) found->second = arena_->fresh_resource();
      specialised.bind((*resource)->id, found->second);
    } else if (const auto* instance = std::get_if<const InstanceType*>(&type)) {
      for (const ExternItem& inner : (*instance)->exports) {
        if (!arena_->spend(1)) return;
        bind_host(inner.type, full, inner.name.name, specialised);
      }
    }
  }

  const Composition& composition_;
  Validated validated_;
  std::shared_ptr<TypeArena> arena_ = std::make_shared<TypeArena>();
  std::vector<ExternItems> exports_;  // by part
  std::map<std::pair<std::string, std::string>, ResourceId> host_resources_;
};

}  // namespace

Result<void> validate(const Composition& composition, LinkFault* fault) {
  return CompositionCheck(composition).run(fault);
}

Result<void> validate(const ast::Component& component, const std::optional<Composition>& composition) {
  if (composition) return validate(*composition);
  CHECK_OK(validate(component));
  return {};
}

}  // namespace weft::component
