#include "project/doctor.h"

#include <algorithm>
#include <set>

#include "manifest/document.h"
#include "manifest/load.h"
#include "manifest/upgrade.h"
#include "manifest/wasi_target.h"
#include "project/manifest_file.h"
#include "project/rust_toolchain.h"
#include "project/tools.h"
#include "util/process.h"
#include "util/read_file.h"

namespace weft::project {
namespace {

namespace fs = std::filesystem;
using manifest::Component;

Result<std::string> edit(const fs::path& file, std::string (*change)(std::string_view text), std::string done) {
  CHECK_OK(edit_manifest(file, [&](std::string_view text) -> Result<std::string> { return change(text); }));
  return done;
}

class Examination {
 public:
  Examination(const manifest::App& app, std::function<bool(const std::string&)> build)
      : app_(app), build_(std::move(build)) {}

  std::vector<Finding> run() && {
    check_version();
    check_old_target();
    for (const Component& component : app_.components) {
      if (component.build) check_tools(component);
    }
    for (const Component& component : app_.components) {
      if (component.used) check_source(component);
    }
    return std::move(findings_);
  }

 private:
  void check_version() {
    const auto text = read_file(app_.file, manifest::max_manifest_bytes);
    if (!text) return;
    const auto document = manifest::parse_document(*text);
    if (!document) return;
    const manifest::Member* version = document->find("spin_manifest_version");
    if (version == nullptr) version = document->find("spin_version");
    if (version != nullptr) {
      if (version->value.get<std::string>() != nullptr) check_version1();
      return;
    }
    findings_.push_back({.problem = "the manifest has no version",
                         .remedy = "add as its first line: spin_manifest_version = 2",
                         .fix = [&app = app_] {
                           return edit(
                               app.file,
                               [](std::string_view old) { return "spin_manifest_version = 2\n" + std::string(old); },
                               "added `spin_manifest_version = 2`");
                         }});
  }

  // A manifest that loads and whose version is a text has version 1.
  void check_version1() {
    findings_.push_back({.problem = "the manifest has version 1",
                         .remedy = "write it as version 2: see docs/compatibility.md",
                         .fix = [&file = app_.file]() -> Result<std::string> {
                           const fs::path kept = file.string() + ".v1";
                           std::error_code error;
                           if (!fs::copy_file(file, kept, error))
                             return std::unexpected(Error::from_errno("keeping " + kept.string(), error.value()));
                           if (auto edited = edit_manifest(file, manifest::upgrade_to_version2); !edited) {
                             fs::remove(kept, error);
                             return std::unexpected(std::move(edited).error());
                           }
                           return "rewrote the manifest as version 2; what it was, with its comments, is in " +
                                  kept.filename().string();
                         }});
  }

  void check_old_target() {
    const auto uses = [this](const Component& component) {
      return manifest::uses_wasm32_wasi(component) && !rust(component).knows_wasm32_wasi;
    };
    if (std::ranges::none_of(app_.components, uses)) return;
    findings_.push_back({.problem = "the Rust target wasm32-wasi is now named wasm32-wasip1",
                         .remedy = "write wasm32-wasip1 in `source` and in the build command",
                         .fix = [&app = app_] {
                           return edit(app.file, manifest::replace_wasm32_wasi,
                                       "replaced wasm32-wasi by wasm32-wasip1 in the manifest");
                         }});
  }

  void check_tools(const Component& component) {
    for (const std::string& command : component.build->commands) {
      for (const std::string& tool : missing_tools(command)) {
        if (named_.insert(tool).second)
          findings_.push_back(
              {.problem = "component " + component.id + " is built with `" + tool + "`, which is missing",
               .remedy = std::string(how_to_install(tool))});
      }
      for (const char* target : {"wasm32-wasip1", "wasm32-wasip2"}) {
        if (command.find(target) == std::string::npos || find_program("rustc").empty()) continue;
        const std::string remedy = rust_target_remedy(rust(component), target);
        if (remedy.empty() || !named_.insert(target).second) continue;
        Finding finding{.problem = "Rust cannot build for " + std::string(target), .remedy = remedy};
        if (remedy.starts_with("rustup")) finding.fix = [target] { return add_target(target); };
        findings_.push_back(std::move(finding));
      }
    }
  }

  static Result<std::string> add_target(const std::string& target) {
    TRY(const auto run, run_program({"rustup", "target", "add", target}));
    if (run.status != 0) return fail(Errc::unavailable, "rustup target add " + target + ": " + run.output);
    return "added Rust's target " + target;
  }

  void check_source(const Component& component) {
    const auto* local = std::get_if<manifest::LocalSource>(&component.source);
    std::error_code ignored;
    if (local == nullptr || fs::is_regular_file(app_.root / local->path, ignored)) return;
    Finding finding{.problem = "component " + component.id + ": there is no " + local->path.string(),
                    .remedy = "name an existing file in `source`, or add a [component." + component.id + ".build]"};
    if (component.build) {
      finding.remedy = "build it: " + component.build->commands.front();
      finding.fix = [id = component.id, build = build_]() -> Result<std::string> {
        if (!build(id)) return fail(Errc::invalid, "component " + id + " could not be built");
        return "built component " + id;
      };
    }
    findings_.push_back(std::move(finding));
  }

  const RustToolchain& rust(const Component& component) {
    const fs::path folder = app_.root / (component.build ? component.build->workdir : fs::path());
    auto found = rust_.find(folder);
    if (found == rust_.end()) found = rust_.emplace(folder, find_rust(folder)).first;
    return found->second;
  }

  const manifest::App& app_;
  std::function<bool(const std::string&)> build_;
  std::vector<Finding> findings_;
  std::set<std::string> named_;  // tools and targets that were told
  std::map<fs::path, RustToolchain> rust_;
};

}  // namespace

std::vector<Finding> examine(const manifest::App& app, std::function<bool(const std::string& component)> build) {
  return Examination(app, std::move(build)).run();
}

}  // namespace weft::project
