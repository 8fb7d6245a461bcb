#include "trigger/component_files.h"

#include <cstdio>

#include "content/snapshot.h"
#include "manifest/diagnostic.h"
#include "manifest/files.h"

namespace weft::trigger {
namespace {

Result<void> give_snapshot(const manifest::App& app, const manifest::Component& component, const content::Store& store,
                           ServedComponent& served) {
  manifest::FileList list = manifest::expand_files(app, component);
  const std::string text = manifest::format_all(list.diagnostics);
  if (manifest::has_errors(list.diagnostics)) return fail(Errc::invalid, "files of " + component.id + ":\n" + text);
  std::fputs(text.c_str(), stderr);
  std::vector<content::SnapshotFile> files;
  for (manifest::FileMapping& file : list.files) {
    files.push_back({{.path = file.host.string(), .links = Links::refuse}, std::move(file.guest)});
  }
  TRY(served.files, content::Snapshot::create(content::default_snapshot_base(), store, files));
  return served.wasi.mounts.add(served.files->folder(), "/", false);
}

}  // namespace

Result<void> give_files(const manifest::App& app, const manifest::Component& component, const content::Store& store,
                        const std::shared_ptr<wasi::OpenFileLimit>& limit, ServedComponent& served) {
  served.wasi.mounts = wasi::Mounts(limit);
  if (!component.files.empty()) CHECK_OK(give_snapshot(app, component, store, served));
  for (std::size_t i = 0; i < component.allowed_paths.size(); ++i) {
    const manifest::AllowedPath& path = component.allowed_paths[i];
    auto added = served.wasi.mounts.add(app.root / path.source, path.destination, path.write);
    if (added) continue;
    return fail(added.error().code(),
                manifest::format({.file = app.file.string(),
                                  .line = path.at.line,
                                  .column = path.at.column,
                                  .key = "component." + component.id + ".allowed_paths[" + std::to_string(i) + "]",
                                  .message = added.error().message(),
                                  .remedy = "name a directory that exists, and a destination no other one has",
                                  .source_line = {}}));
  }
  return {};
}

}  // namespace weft::trigger
