#include "cli/wit.h"

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/application.h"
#include "cli/lone_component.h"
#include "inspect/fit.h"
#include "inspect/world.h"
#include "wit/names.h"

namespace weft::cli {
namespace {

struct WitOptions {
  std::string file;
  std::string folder;
  std::string world;
  bool as_json = false;
};

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

int failed(Error error, const std::string& file) {
  complain(std::move(error).context(file).message());
  return exit_failed;
}

int print_world(const WitOptions& options) {
  auto bytes = read_component_file(options.file);
  if (!bytes) return failed(bytes.error(), options.file);
  const auto world = inspect::world_of(*std::move(bytes));
  if (!world) return failed(world.error(), options.file);
  print(wit::write(*world));
  return exit_done;
}

int check_world(const WitOptions& options) {
  const auto packages = wit_source::Packages::read(options.folder);
  if (!packages) {
    complain(packages.error().message());
    return exit_failed;
  }
  const auto world = (*packages)->find_world(options.world);
  if (!world) return failed(world.error(), options.folder);
  auto bytes = read_component_file(options.file);
  if (!bytes) return failed(bytes.error(), options.file);
  const auto face = inspect::read_face(*std::move(bytes));
  if (!face) return failed(face.error(), options.file);
  const auto found = inspect::differences(*face, **packages, **world);
  if (!found) return failed(found.error(), options.file);
  const std::string name = (*world)->name + " of " + options.folder;
  if (options.as_json) {
    auto all = nlohmann::ordered_json::array();
    for (const inspect::Difference& each : *found)
      all.push_back({{"subject", each.subject}, {"detail", each.detail}, {"place", each.place}});
    print(all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  } else if (found->empty()) {
    print(options.file + " fits the world " + name + "\n");
  }
  if (found->empty()) return exit_done;
  std::string text = options.file + " does not fit the world " + name + ":";
  for (const inspect::Difference& each : *found) text += "\n  " + inspect::to_string(each);
  if (found->size() == inspect::max_differences) text += "\n  (there may be more)";
  complain(wit::printable(text));
  return exit_failed;
}

}  // namespace

Command wit_command(CLI::App& program) {
  auto options = std::make_shared<WitOptions>();
  const std::string name = program.get_name();
  CLI::App* app = program.add_subcommand("wit", "Say a component's world in WIT, or check it against one");
  app->require_subcommand(1);
  app->footer("Examples:\n  " + name + " wit print hello.wasm             its world, as WIT\n  " + name +
              " wit check hello.wasm --wit wit   what does not fit the world in ./wit" + exit_codes_help);
  CLI::App* print =
      app->add_subcommand("print", "Print the world of a component, or the packages of a WIT file in binary form");
  print->add_option("file", options->file, "A component")->required();
  print->footer("Examples:\n  " + name + " wit print hello.wasm > hello.wit" + exit_codes_help);
  CLI::App* check = app->add_subcommand("check", "Say what of a component does not fit a world, with file and line");
  check->add_option("file", options->file, "A component")->required();
  check->add_option("--wit", options->folder, "A folder of WIT, with the packages that it uses in deps/; or a file")
      ->required();
  check->add_option("--world", options->world, "The world: NAME, or PACKAGE/NAME@VERSION; the only one by default");
  check->add_flag("--json", options->as_json, "For programs");
  check->footer(
      "A component fits that imports nothing but what the world does, and exports all that it does, with the same\n"
      "types. Versions that are compatible are the same; what is @unstable may be missing.\n\n"
      "Examples:\n  " +
      name + " wit check hello.wasm --wit wit\n  " + name +
      " wit check hello.wasm --wit wit --world wasi:http/proxy@0.2.0" + exit_codes_help);
  return {app, [options, print] { return *print ? print_world(*options) : check_world(*options); }};
}

}  // namespace weft::cli
