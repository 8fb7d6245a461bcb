#include "manifest/wasi_target.h"

#include <algorithm>
#include <variant>

namespace weft::manifest {
namespace {

constexpr std::string_view old_target = "wasm32-wasi";
constexpr std::string_view new_target = "wasm32-wasip1";

bool continues_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// The next place from `from` where the target stands as a whole word; npos when there is none.
std::size_t find_target(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find(old_target, from); at != std::string_view::npos;
       at = text.find(old_target, at + old_target.size())) {
    const std::size_t end = at + old_target.size();
    const bool starts = at == 0 || !continues_name(text[at - 1]);
    const bool ends = end == text.size() || !continues_name(text[end]);
    if (starts && ends) return at;
  }
  return std::string_view::npos;
}

bool names_target(std::string_view text) {
  return find_target(text, 0) != std::string_view::npos;
}

}  // namespace

bool uses_wasm32_wasi(const Component& component) {
  const auto* local = std::get_if<LocalSource>(&component.source);
  if (local != nullptr && names_target(local->path.native())) return true;
  return component.build && std::ranges::any_of(component.build->commands, names_target);
}

std::string replace_wasm32_wasi(std::string_view text) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = find_target(text, 0); at != std::string_view::npos; at = find_target(text, done)) {
    out.append(text.substr(done, at - done)).append(new_target);
    done = at + old_target.size();
  }
  return out.append(text.substr(done));
}

}  // namespace weft::manifest
