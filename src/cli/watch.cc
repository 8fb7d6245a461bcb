#include "cli/watch.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>

#include "cli/application.h"
#include "cli/build.h"
#include "cli/serving_options.h"
#include "project/file_watcher.h"

namespace weft::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using project::FileWatcher;

struct Options {
  ServingOptions serving;
  bool clear = false;
  bool skip_build = false;
  unsigned debounce_ms = 20;
};

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

// What a set of watched files is for.
struct Purpose {
  enum class Kind { manifest, sources, served } kind;
  std::string component = {};  // of sources
};

class Watch {
 public:
  Watch(const Options& options, UpOptions up, std::unique_ptr<FileWatcher> files)
      : options_(options), up_(std::move(up)), files_(std::move(files)) {}

  int run() {
    // Until there is something that can be served.
    for (;;) {
      manifest_ = fs::path(up_.from).lexically_normal();
      auto app = load_application(up_.from, up_.application);
      if (app) manifest_ = app->file;
      if (auto watched = watch_files(app ? &*app : nullptr); !watched) {
        complain(watched.error().message());
        return exit_failed;
      }
      if (app && build(*app, {}, {})) {
        app_ = std::move(app);
        const ServeEnd end =
            serve(*app_, up_, [&](const std::stop_token& stop, const Reload& reload) { follow(stop, reload); });
        if (!end.application_at_fault) return end.exit_code;
      }
      say("Waiting for a change");
      do {
        files_->wait({}, settle());
      } while (look().empty());
      start_over();
    }
  }

 private:
  std::chrono::milliseconds settle() const { return std::chrono::milliseconds(options_.debounce_ms); }

  void start_over() const {
    if (options_.clear && isatty(STDOUT_FILENO) != 0) std::fputs("\033[2J\033[H", stdout);
  }

  static void add_files(const std::vector<manifest::Dependency>& dependencies, std::vector<std::string>& files) {
    for (const manifest::Dependency& dependency : dependencies) {
      if (const auto* local = std::get_if<manifest::LocalSource>(&dependency.source))
        files.push_back(local->path.string());
    }
  }

  // The manifest; of each component what its build watches, its wasm file, those it depends on and the files it is
  // given.
  Result<void> watch_files(const manifest::App* app) {
    std::vector<project::WatchSet> sets;
    purposes_.clear();
    const auto add = [&](Purpose purpose, fs::path root, std::vector<std::string> patterns) {
      purposes_.push_back(std::move(purpose));
      sets.push_back({std::move(root), std::move(patterns)});
    };
    std::error_code ignored;
    const fs::path manifest = fs::is_directory(manifest_, ignored) ? manifest_ / "spin.toml" : manifest_;
    add({Purpose::Kind::manifest}, manifest.parent_path(), {manifest.filename().string()});
    for (const manifest::Component& component : app ? app->components : std::vector<manifest::Component>()) {
      if (component.build && !options_.skip_build)
        add({Purpose::Kind::sources, component.id}, app->root / component.build->workdir, component.build->watch);
      std::vector<std::string> served;
      if (const auto* local = std::get_if<manifest::LocalSource>(&component.source))
        served.push_back(local->path.string());
      add_files(component.dependencies, served);
      for (const manifest::FileMount& mount : component.files) {
        served.push_back(mount.source);
        if (fs::is_directory(app->root / mount.source, ignored)) served.push_back(mount.source + "/**");
      }
      add({Purpose::Kind::served}, app->root, std::move(served));
    }
    std::vector<std::string> middleware;
    for (const manifest::Trigger& trigger : app ? app->triggers : std::vector<manifest::Trigger>()) {
      add_files(trigger.middleware, middleware);
    }
    if (app) add({Purpose::Kind::served}, app->root, std::move(middleware));
    return files_->watch(std::move(sets));
  }

  std::vector<Purpose> look() {
    auto changed = files_->changes();
    if (!changed) {
      complain(changed.error().message());
      return {};
    }
    std::vector<Purpose> purposes;
    for (const std::size_t set : *changed) purposes.push_back(purposes_[set]);
    return purposes;
  }

  // Builds `components` (empty: all). What changes meanwhile is built again, once: a build that changes what it
  // watches would never end.
  bool build(const manifest::App& app, std::vector<std::string> components, const std::stop_token& stop) {
    if (options_.skip_build) return true;
    for (int round = 0;; ++round) {
      if (!build_application(app, {.components = components, .stop = stop})) return false;
      std::set<std::string> again;
      for (const Purpose& purpose : look()) {
        if (purpose.kind == Purpose::Kind::manifest) manifest_changed_ = true;
        if (purpose.kind == Purpose::Kind::sources) again.insert(purpose.component);
      }
      if (again.empty()) return true;
      if (round > 0) {
        for (const std::string& id : again)
          say("Warning: the build of " + id + " changes files that [component." + id + ".build] watch names");
        return true;
      }
      components.assign(again.begin(), again.end());
    }
  }

  // While the application is served, on a thread of its own.
  void follow(const std::stop_token& stop, const Reload& reload) {
    while (manifest_changed_ || files_->wait(stop, settle())) {
      bool changed = std::exchange(manifest_changed_, false);
      bool manifest_changed = changed;
      for (const Purpose& purpose : look()) {
        changed = true;
        if (purpose.kind == Purpose::Kind::manifest) manifest_changed = true;
        if (purpose.kind == Purpose::Kind::sources) stale_.insert(purpose.component);
      }
      if (!changed) continue;
      start_over();
      const auto started = Clock::now();
      if (const bool updated = update(manifest_changed, stop, reload); stop.stop_requested()) {
        return;
      } else if (!updated) {
        say("The version from before is still served");
      } else {
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started);
        say("Serving the new version after " + std::to_string(took.count()) + " ms");
      }
    }
  }

  bool update(bool manifest_changed, const std::stop_token& stop, const Reload& reload) {
    if (manifest_changed) {
      auto next = load_application(manifest_.string(), up_.application);
      if (!next) return false;
      for (const manifest::Component& component : next->components) {
        if (needs_build(*next, component)) stale_.insert(component.id);
      }
      app_ = std::move(next);
      if (auto watched = watch_files(&*app_); !watched) {
        complain(watched.error().message());
        return false;
      }
    }
    // Of components that the manifest no longer has, or that are no longer built.
    std::erase_if(stale_, [this](const std::string& id) {
      const manifest::Component* component = app_->find_component(id);
      return component == nullptr || !component->build;
    });
    if (!stale_.empty()) {
      if (!build(*app_, {stale_.begin(), stale_.end()}, stop)) return false;
      stale_.clear();
    }
    if (auto served = reload(*app_); !served) {
      complain(served.error().message());
      return false;
    }
    return true;
  }

  // Whether a new manifest makes it necessary.
  bool needs_build(const manifest::App& next, const manifest::Component& component) const {
    if (!component.build) return false;
    const manifest::Component* before = app_->find_component(component.id);
    if (before == nullptr || !before->build || before->build->commands != component.build->commands ||
        before->build->workdir != component.build->workdir)
      return true;
    const auto* local = std::get_if<manifest::LocalSource>(&component.source);
    std::error_code ignored;
    return local != nullptr && !fs::exists(next.root / local->path, ignored);
  }

  const Options& options_;
  const UpOptions up_;
  std::unique_ptr<FileWatcher> files_;
  std::vector<Purpose> purposes_;  // of the watcher's sets
  fs::path manifest_;
  std::optional<manifest::App> app_;  // the last that could be read
  std::set<std::string> stale_;       // components whose sources are newer than what was built
  bool manifest_changed_ = false;     // while something was built
};

int run(const Options& options) {
  auto files = FileWatcher::create();
  if (!files) {
    complain(files.error().message());
    return exit_failed;
  }
  return Watch(options, options.serving.finished(), *std::move(files)).run();
}

}  // namespace

Command watch_command(CLI::App& program) {
  auto options = std::make_shared<Options>();
  CLI::App* app = program.add_subcommand("watch", "Build and serve an application, again at every change");
  app->alias("w");
  options->serving.add_to(*app);
  app->add_flag("-c,--clear", options->clear, "Clear the screen before each build");
  app->add_option("-d,--debounce", options->debounce_ms,
                  "Milliseconds without a further change before something is done")
      ->capture_default_str();
  app->add_flag("--skip-build", options->skip_build, "Only serve what others build");
  const std::string name = program.get_name();
  app->footer(
      "Watched are the manifest, the files that [component.NAME.build] watch names, components and their files.\n"
      "What cannot be built or loaded is said, and the version from before is served on; open requests are\n"
      "finished by the version that they began with.\n\n"
      "Examples:\n  " +
      name + " watch\n  " + name + " watch -f shop/ --listen 127.0.0.1:8080 --clear" + exit_codes_help +
      "\n  130  ended by a second Ctrl-C, before open requests were done");
  return {app, [options] { return run(*options); }};
}

}  // namespace weft::cli
