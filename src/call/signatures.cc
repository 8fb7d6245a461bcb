#include "call/signatures.h"

#include <string_view>
#include <unordered_map>

namespace weft::call {
namespace {

// The part behind "describe: " of an item's text, on one line.
std::string type_of(const wit::Item& item) {
  std::string_view text = item.text;
  const auto colon = text.find(": ");
  if (colon == std::string_view::npos) return {};
  text.remove_prefix(colon + 2);
  if (text.ends_with(';')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

Signatures::Signatures(const wit::Document& world) {
  std::unordered_map<std::string_view, const wit::Block*> interfaces;
  for (const wit::Interface& each : world.interfaces) interfaces.emplace(each.name, &each.block);
  const auto add = [&](const std::string& interface, const wit::Block& block) {
    for (const wit::Item& item : block.items()) {
      if (const std::string type = type_of(item); !item.is_resource && !type.empty())
        by_name_.emplace(interface + "#" + item.name, type);
    }
  };
  for (const wit::World& each : world.worlds) {
    constexpr std::string_view exported = "export ";
    for (const wit::Item& item : each.block.items()) {
      if (item.name.starts_with(exported)) by_name_.emplace(item.name.substr(exported.size()), type_of(item));
    }
    for (const wit::WorldItem& item : each.items) {
      if (item.is_import) continue;
      const auto found = interfaces.find(item.interface.empty() ? item.name : item.interface);
      add(item.name, found == interfaces.end() ? item.block : *found->second);
    }
  }
}

std::string Signatures::of(const Function& function) const {
  const auto found = by_name_.find(function.full_name());
  return found == by_name_.end() ? abi::to_string(*function.type) : found->second;
}

}  // namespace weft::call
