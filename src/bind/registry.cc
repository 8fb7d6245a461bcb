#include "bind/registry.h"

#include "component/import_track.h"

namespace weft::bind {

abi::Allocation allocate_list(Lower& lower, std::uint64_t count, TypeRef list) {
  constexpr std::uint64_t max_list_bytes = (std::uint64_t{1} << 28) - 1;  // the specification's bound
  const std::uint64_t size = list->element->elem_size();
  if (size != 0 && count > max_list_bytes / size) throw abi::Trap("a host function's list is too long for the guest");
  return lower.cx.allocate(list->element->alignment(), static_cast<std::uint32_t>(count * size),
                           lower.cx.wording->list_realloc);
}

Interface& Registry::interface(std::string_view name) {
  return interfaces_[component::import_track(name)];
}

bool Registry::offers(std::string_view interface) const {
  return interfaces_.contains(component::import_track(interface));
}

std::vector<std::string_view> Registry::tracks() const {
  std::vector<std::string_view> out;
  for (const auto& [track, interface] : interfaces_) out.push_back(track);
  return out;
}

const component::HostResourceType* Registry::resource(std::string_view interface, std::string_view name) const {
  auto found = interfaces_.find(component::import_track(interface));
  if (found == interfaces_.end()) return nullptr;
  auto type = found->second.resources_.find(name);
  return type == found->second.resources_.end() ? nullptr : type->second;
}

Result<component::HostBinding> Registry::bind(const component::HostFunc& func, const ResourceTypes& resources) const {
  auto interface = interfaces_.find(component::import_track(func.interface));
  if (interface == interfaces_.end()) return fail(Errc::not_found, "there is no interface " + func.interface);
  auto function = interface->second.functions_.find(func.name);
  if (function == interface->second.functions_.end()) {
    return fail(Errc::not_found, "there is no " + func.interface + "#" + func.name);
  }
  if (!function->second.check(*func.type, resources)) {
    const auto name_of = [&](abi::ResourceIndex index) -> std::string {
      const auto* resource = resources[static_cast<std::size_t>(index)];
      return resource == nullptr ? "a resource of the component" : resource->name;
    };
    return fail(Errc::invalid, "    the component's: " + abi::to_string(*func.type, name_of) +
                                   "\n    this host's:     " + function->second.wit(*func.type));
  }
  return component::HostBinding{function->second.call, nullptr};
}

}  // namespace weft::bind
