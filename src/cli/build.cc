#include "cli/build.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "cli/application.h"
#include "cli/targets.h"
#include "cli/up.h"
#include "util/read_file.h"

namespace weft::cli {
namespace {

struct Options {
  std::string from = "spin.toml";
  std::optional<std::string> profile;
  project::BuildOptions build;
  Targets targets = Targets::check;
  bool then_up = false;
};

int run(const Options& options) {
  auto app = load_application(options.from, {.profile = options.profile});
  if (!app || !build_application(*app, options.build, options.targets)) return exit_failed;
  if (!options.then_up) return exit_done;
  UpOptions up_options;
  up_options.from = options.from;
  up_options.application.profile = options.profile;
  return up(up_options);
}

constexpr std::string_view no_profile = "<anonymous>";  // as the reference writes it
constexpr std::size_t max_profile_bytes = 256;

std::filesystem::path last_build_file(const manifest::App& app) {
  return app.root / ".spin/last-build.txt";
}
std::string profile_name(const manifest::App& app) {
  return app.profile.empty() ? std::string(no_profile) : app.profile;
}
std::string describe_profile(const std::string& name) {
  return name == no_profile ? "no profile" : "profile " + name;
}

// For the warning only: that it cannot be kept is no failure of the build.
void remember_profile(const manifest::App& app) {
  std::error_code ignored;
  std::filesystem::create_directories(last_build_file(app).parent_path(), ignored);
  std::ofstream(last_build_file(app)) << profile_name(app);
}

// False: it failed, and that is said.
bool run_builds(const manifest::App& app, const project::BuildOptions& options) {
  auto components = project::components_to_build(app, options);
  if (!components) {
    complain(components.error().message());
    return false;
  }
  if (components->empty()) {
    std::printf("Nothing to build: no component of %s has a build command\n", app.name.c_str());
    return true;
  }
  // One component's output needs no name before each line.
  const bool named = components->size() > 1;
  const project::BuildObserver observer{
      .starts =
          [](std::string_view component, std::string_view command) {
            std::printf("Building component %.*s with `%.*s`\n", static_cast<int>(component.size()), component.data(),
                        static_cast<int>(command.size()), command.data());
            std::fflush(stdout);
          },
      .output =
          [named](std::string_view component, std::string_view line) {
            if (named) std::printf("[%.*s] ", static_cast<int>(component.size()), component.data());
            std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
            std::fflush(stdout);
          },
      .built =
          [](std::string_view component, double seconds) {
            std::printf("Built component %.*s in %.1f s\n", static_cast<int>(component.size()), component.data(),
                        seconds);
            std::fflush(stdout);
          },
      .notice =
          [](std::string_view text) { std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data()); }};
  if (auto built = project::build(app, options, observer); !built) {
    complain(built.error().message());
    return false;
  }
  remember_profile(app);
  return true;
}

}  // namespace

bool build_application(const manifest::App& app, const project::BuildOptions& options, Targets targets) {
  if (!run_builds(app, options)) return false;
  if (targets == Targets::skip || check_targets(app, options.components)) return true;
  complain("the components are there, but do not fit their targets; weft build --skip-target-checks does not look");
  return false;
}

void warn_of_other_profile(const manifest::App& app) {
  const auto built = read_file(last_build_file(app), max_profile_bytes);
  if (!built) return;
  const std::string name = profile_name(app);
  if (*built == name || !std::ranges::any_of(app.components, [](const auto& c) { return c.build.has_value(); })) return;
  std::fprintf(stderr, "Warning: what is served is of %s, but the last build was of %s; --build builds it\n",
               describe_profile(name).c_str(), describe_profile(*built).c_str());
}

Command build_command(CLI::App& program) {
  auto options = std::make_shared<Options>();
  CLI::App* app = program.add_subcommand("build", "Build the components of an application");
  app->alias("b");
  app->add_option("-f,--from,--from-file,from", options->from, "A manifest, or a folder with a spin.toml")
      ->capture_default_str();
  app->add_option("-c,--component-id", options->build.components,
                  "Build this component and what it depends on. May be repeated")
      ->expected(1)
      ->take_all();
  app->add_option("--profile", options->profile, "Build with this profile of the components that have it");
  app->add_option("-j,--jobs", options->build.parallel, "Components to build at a time; 0: one for each core")
      ->capture_default_str();
  app->add_flag_callback(
      "--skip-target-checks,--skip-target-check", [options] { options->targets = Targets::skip; },
      "Do not compare what was built with the targets that the manifest names");
  app->add_flag("-u,--up", options->then_up, "Then serve the application");
  const std::string name = program.get_name();
  app->footer(
      "Runs the commands of [component.NAME.build], several components at a time. Cargo is told what makes "
      "components.\n"
      "What was built is then compared with the worlds of `targets`, folders of WIT or files of environments.\n\n"
      "Examples:\n  " +
      name + " build\n  " + name + " build -f shop/ -c cart -c checkout\n  " + name + " build --up" + exit_codes_help);
  return {app, [options] { return run(*options); }};
}

}  // namespace weft::cli
