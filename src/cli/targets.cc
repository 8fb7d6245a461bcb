#include "cli/targets.h"

#include <cstdio>
#include <utility>

#include "cli/application.h"
#include "cli/downloads.h"
#include "content/folder.h"
#include "trigger/component_source.h"
#include "wit/names.h"

namespace weft::cli {
namespace {

void warn(const std::string& text) {
  std::fprintf(stderr, "Warning: %s\n", wit::printable(text).c_str());
}

}  // namespace

inspect::TargetFindings find_misfits(const manifest::App& app, const std::vector<std::string>& components) {
  auto store = content::FolderStore::create(app.root);
  if (!store) return {.misfits = {store.error().message()}, .unchecked = {}};
  const auto downloads = open_downloads();
  return inspect::check_targets(app, components, [&](const manifest::Component& component) -> Result<inspect::Face> {
    // Without middleware: each trigger has its own, and a target is about the component.
    TRY(const auto composed, trigger::read_component(app, component, {}, **store, downloads.get()));
    auto face = inspect::read_face(composed.bytes());
    if (!face) return std::unexpected(composed.explain(std::move(face).error()).context(composed.name()));
    return face;
  });
}

bool check_targets(const manifest::App& app, const std::vector<std::string>& components) {
  const inspect::TargetFindings found = find_misfits(app, components);
  for (const std::string& text : found.unchecked) warn(text);
  for (const std::string& text : found.misfits) complain(wit::printable(text));
  return found.misfits.empty();
}

void warn_of_targets(const manifest::App& app) {
  // Nothing is read a second time for what nobody asked for.
  if (!inspect::has_local_targets(app)) return;
  for (const std::string& text : find_misfits(app, {}).misfits) warn(text);
}

}  // namespace weft::cli
