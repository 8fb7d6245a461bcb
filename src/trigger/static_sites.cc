#include "trigger/static_sites.h"

#include "manifest/diagnostic.h"
#include "manifest/routes.h"

namespace weft::trigger {

Result<std::shared_ptr<const static_files::Site>> open_site(
    const manifest::App& app, const manifest::Trigger& trigger,
    const std::shared_ptr<static_files::PreparedStore>& prepared) {
  const auto* http = std::get_if<manifest::HttpTrigger>(&trigger.config);
  if (http == nullptr || !http->static_files) return nullptr;
  const manifest::StaticFiles& files = *http->static_files;
  static_files::SiteSettings settings{.source = files.source,
                                      .index = files.index,
                                      .fallback = files.fallback,
                                      .not_found = files.not_found,
                                      .headers = files.headers,
                                      .precompressed = files.precompressed};
  if (files.cache_control) settings.cache_control = *files.cache_control;
  if (files.dot_files) settings.dot_files = static_files::DotFiles::served;
  if (http->route) {
    TRY(const manifest::Route route, manifest::Route::parse(http->route->value));
    settings.whole_tree = route.wildcard();
  }
  auto site = static_files::Site::create(app.root, std::move(settings), prepared);
  if (site) return site;
  return fail(site.error().code(), manifest::format({.file = app.file.string(),
                                                     .line = files.at.line,
                                                     .column = files.at.column,
                                                     .key = "trigger " + trigger.id + ": static_files",
                                                     .message = site.error().message(),
                                                     .remedy = "name a folder beside the manifest, and files in it",
                                                     .source_line = {}}));
}

}  // namespace weft::trigger
