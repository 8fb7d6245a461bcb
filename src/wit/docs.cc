#include "wit/docs.h"

#include "wit/names.h"

namespace weft::wit {
namespace {

using nlohmann::json;

// Documentation of the largest real packages is below 200 KB.
constexpr std::size_t max_section_bytes = 4 << 20;
// Bytes of one comment.
constexpr std::size_t max_comment = 64 << 10;

const json* child(const json* parent, std::string_view name) {
  if (parent == nullptr || !parent->is_object()) return nullptr;
  const auto found = parent->find(std::string(name));
  return found == parent->end() ? nullptr : &*found;
}

std::string text_of(const json* node) {
  if (node != nullptr && node->is_object()) node = child(node, "docs");
  if (node == nullptr || !node->is_string()) return {};
  return printable(node->get_ref<const std::string&>().substr(0, max_comment));
}

}  // namespace

Docs::Docs(std::span<const std::byte> section) {
  if (section.empty() || section.size() > max_section_bytes || section[0] > std::byte{1}) return;
  const auto* begin = reinterpret_cast<const char*>(section.data()) + 1;
  root_ = json::parse(begin, begin + section.size() - 1, nullptr, false);
}

std::string Docs::package() const {
  return text_of(&root_);
}

const json* Docs::owner_of(std::string_view name) const {
  if (const json* interface = child(child(&root_, "interfaces"), name)) return interface;
  return child(child(&root_, "worlds"), name);
}

std::string Docs::of(std::string_view owner) const {
  return text_of(owner_of(owner));
}

std::string Docs::of(std::string_view owner, std::string_view item) const {
  const json* node = owner_of(owner);
  if (const json* type = child(child(node, "types"), item)) return text_of(type);
  if (const json* func = child(child(node, "funcs"), item)) return text_of(func);
  return text_of(child(child(node, "func_exports"), item));
}

std::string Docs::of(std::string_view owner, std::string_view type, std::string_view label) const {
  return text_of(child(child(child(child(owner_of(owner), "types"), type), "items"), label));
}

}  // namespace weft::wit
