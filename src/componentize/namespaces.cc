#include "componentize/namespaces.h"

#include <algorithm>

namespace weft::componentize {
namespace {

// The whole table: another row makes another namespace, for all kinds of core modules.
constexpr Namespace table[] = {
    {"wasi_snapshot_preview1", "weft:core/wasi-snapshot-preview1@1.0.0"},
};

}  // namespace

std::span<const Namespace> namespaces() {
  return table;
}

const Namespace* find_namespace(std::string_view core) {
  const auto* found = std::ranges::find(table, core, &Namespace::core);
  return found == std::end(table) ? nullptr : found;
}

std::string label_of(std::string_view core_name) {
  std::string label(core_name);
  std::ranges::replace(label, '_', '-');
  return label;
}

}  // namespace weft::componentize
