#include "cli/inspect.h"

#include <cstdio>
#include <filesystem>

#include "cli/application.h"
#include "cli/downloads.h"
#include "cli/services.h"
#include "content/folder.h"
#include "inspect/report.h"
#include "trigger/component_source.h"
#include "trigger/middleware.h"

namespace weft::cli {
namespace {

// Answers for the cache without making a folder for it.
inspect::IsCached cache_query(const wasm::Engine& engine, const CodeOptions& options,
                              std::unique_ptr<runtime::CodeCache>& cache) {
  std::error_code ignored;
  if (options.no_cache) return {};
  if (!std::filesystem::exists(options.cache_folder, ignored)) return [](const Sha256&) { return false; };
  auto opened = runtime::CodeCache::open({.folder = options.cache_folder});
  if (!opened) return {};
  cache = *std::move(opened);
  return [&engine, &cache](const Sha256& code) {
    using wasm::Effort;
    return cache->contains({engine.fingerprint(), code, Effort::full}) ||
           cache->contains({engine.fingerprint(), code, Effort::quick});
  };
}

}  // namespace

int inspect(const InspectOptions& options) {
  auto app = load_application(options.from);
  if (!app) return 1;
  auto engine = wasm::Engine::create({});
  if (!engine) {
    complain(engine.error().message());
    return 1;
  }
  bind::Registry registry;
  add_services(registry);
  std::unique_ptr<runtime::CodeCache> cache;
  const inspect::IsCached is_cached = cache_query(**engine, options.code, cache);
  auto store = content::FolderStore::create(app->root);
  if (!store) {
    complain(store.error().message());
    return 1;
  }

  const auto downloads = open_downloads();
  std::vector<std::string> reports;
  int code = 0;
  const auto middleware = trigger::separate_middleware(*app);
  for (const manifest::Component& component : app->components) {
    std::string name = component.id;
    auto report = [&]() -> Result<inspect::Report> {
      const auto chain = trigger::middleware_of(middleware, component);
      TRY(const auto composed, trigger::read_component(*app, component, chain, **store, downloads.get()));
      name = composed.name();
      auto made = inspect::inspect(composed.bytes(), name, registry, is_cached);
      if (!made) return std::unexpected(composed.explain(std::move(made).error()));
      made->links = composed.links();
      return made;
    }();
    if (!report) {
      complain(std::move(report).error().context(name).message());
      code = 1;
      continue;
    }
    reports.push_back(options.only_wit  ? report->wit
                      : options.as_json ? inspect::to_json(*report)
                                        : inspect::to_text(*report));
  }
  // One component is an object, an application a list of them.
  const bool is_list = options.as_json && !is_bare(*app);
  if (is_list) std::fputs("[", stdout);
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (i != 0) std::fputs(is_list ? "," : "\n", stdout);
    std::fputs(reports[i].c_str(), stdout);
  }
  std::fputs(is_list ? "]\n" : options.as_json ? "\n" : "", stdout);
  return code;
}

}  // namespace weft::cli
