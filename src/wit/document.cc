#include "wit/document.h"

namespace weft::wit {

void Block::add(Item item) {
  if (items_by_name_.emplace(item.name, items_.size()).second) items_.push_back(std::move(item));
}

bool Block::add_member(const std::string& name, Item member) {
  const auto found = items_by_name_.find(name);
  if (found == items_by_name_.end() || !items_[found->second].is_resource) return false;
  if (members_.insert(member.name).second) items_[found->second].members.push_back(std::move(member));
  return true;
}

void Block::add_use(Use use) {
  const std::string& alias = use.alias.empty() ? use.name : use.alias;
  if (!aliases_.emplace(use.path + ".{" + use.name, alias).second && used_names_.contains(alias)) return;
  used_names_.insert(alias);
  uses_.push_back(std::move(use));
}

std::string Block::used_as(const std::string& path, const std::string& name) const {
  const auto found = aliases_.find(path + ".{" + name);
  return found == aliases_.end() ? std::string() : found->second;
}

void Block::merge(Block other) {
  if (docs.empty()) docs = std::move(other.docs);
  for (Use& use : other.uses_) add_use(std::move(use));
  for (Item& item : other.items_) {
    std::vector<Item> members = std::move(item.members);
    item.members.clear();
    const std::string name = item.name;
    add(std::move(item));
    for (Item& member : members) add_member(name, std::move(member));
  }
}

std::vector<std::vector<Use>> Block::uses() const {
  std::vector<std::vector<Use>> grouped;
  std::unordered_map<std::string, std::size_t> by_path;
  for (const Use& use : uses_) {
    const auto [place, is_new] = by_path.emplace(use.path, grouped.size());
    if (is_new) grouped.emplace_back();
    grouped[place->second].push_back(use);
  }
  return grouped;
}

Interface& Document::interface(const std::string& name) {
  const auto [place, is_new] = interfaces_by_name_.emplace(name, interfaces.size());
  if (is_new) interfaces.push_back({.name = name, .block = {}});
  return interfaces[place->second];
}

}  // namespace weft::wit
