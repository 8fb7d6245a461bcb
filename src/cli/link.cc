#include "cli/link.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "cli/application.h"
#include "cli/control.h"
#include "cli/key_value_stores.h"
#include "cli/state_folder.h"

namespace weft::cli {
namespace {

struct LinkOptions {
  std::string from = "spin.toml";
  std::optional<std::string> state_dir;
  std::string label;
  std::string target;  // redis://..., a file for SQLite, or "configured"
  bool replace = false;
  bool merge = false;
  int (*chosen)(const LinkOptions&) = nullptr;
};

std::optional<nlohmann::json> ask(const LinkOptions& options, const nlohmann::json& request) {
  const auto folder = state_folder_of(options.from, options.state_dir);
  if (!folder) {
    complain("--state-dir \"\" names no folder");
    return std::nullopt;
  }
  auto answer = ask_control(*folder, request);
  if (answer) return *std::move(answer);
  complain(answer.error().message());
  return std::nullopt;
}

int link_put(const LinkOptions& options) {
  std::string target = options.target;
  std::error_code ignored;
  // A file is named from here, not from where the other process runs.
  if (target != configured_target && !target.contains("://"))
    target = std::filesystem::absolute(target, ignored).string();
  const char* existing = options.replace ? "replace" : options.merge ? "merge" : "refuse";
  const auto answer =
      ask(options, {{"do", "link put"}, {"label", options.label}, {"target", target}, {"existing", existing}});
  if (!answer) return exit_failed;
  std::printf("%s: %s (%llu keys copied, generation %llu)\n", options.label.c_str(),
              answer->value("summary", "").c_str(), answer->value("copied", 0ull), answer->value("generation", 0ull));
  return exit_done;
}

int link_list(const LinkOptions& options) {
  const auto answer = ask(options, {{"do", "link list"}});
  if (!answer) return exit_failed;
  for (const auto& link : answer->value("links", nlohmann::json::array())) {
    std::printf("%s: %s (generation %llu)\n", link.value("label", "").c_str(), link.value("summary", "").c_str(),
                link.value("generation", 0ull));
  }
  return exit_done;
}

}  // namespace

Command link_command(CLI::App& program) {
  auto options = std::make_shared<LinkOptions>();
  CLI::App* app = program.add_subcommand("link", "Change which store a label stands for, while it is used");
  app->require_subcommand(1);
  const std::string name = program.get_name();
  app->footer("Everything is copied; requests wait for the last of it, and none fails.\n\nExamples:\n  " + name +
              " link put default redis://localhost    from the application's folder\n  " + name +
              " link put default configured --replace back to what the runtime configuration says" + exit_codes_help);
  const auto add = [&](const char* word, const char* what, int (*function)(const LinkOptions&)) {
    CLI::App* sub = app->add_subcommand(word, what);
    sub->add_option("-f,--from", options->from, "A manifest, or a folder with a spin.toml");
    sub->add_option("--state-dir", options->state_dir, "The same as for " + name + " up");
    sub->callback([options, function] { options->chosen = function; });
    return sub;
  };
  CLI::App* put = add("put", "Link a label to another store, with a copy of its values", link_put);
  put->add_option("label", options->label, "The label, as in key_value_stores")->required();
  put->add_option("target", options->target, "A Redis URL, a file for SQLite, or `configured`")->required();
  CLI::Option* replace = put->add_flag("--replace", options->replace, "Remove the keys that the new store has");
  put->add_flag("--merge", options->merge, "Keep keys of the new store that are not copied")->excludes(replace);
  add("list", "List the labels and their stores", link_list);
  return {app, [options] { return options->chosen(*options); }};
}

}  // namespace weft::cli
