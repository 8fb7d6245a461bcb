#include "cli/new.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "cli/application.h"
#include "manifest/document.h"
#include "manifest/identifier.h"
#include "project/scaffold.h"
#include "project/templates.h"
#include "util/process.h"

namespace weft::cli {
namespace {

namespace fs = std::filesystem;
using project::Template;

struct NewOptions {
  std::string program;
  std::vector<std::string> words;  // two at most
  std::string from;
  std::string output;
  std::vector<std::string> values;  // KEY=VALUE
  std::string values_file;
  bool accept_defaults = false;
  bool init = false;
  bool allow_overwrite = false;
  bool no_vcs = false;
};

// What can be given with --value, and how it is asked for; what has no prompt is not asked.
struct Parameter {
  std::string name;
  const char* prompt;
  const char* otherwise;
};
const std::vector<Parameter> parameters = {
    {"http-path", "HTTP path:", "/..."}, {"http-scope", "HTTP scope:", ""}, {"project-description", nullptr, ""}};

std::vector<std::string> template_names() {
  std::vector<std::string> names;
  for (const Template& each : project::templates()) names.emplace_back(each.name);
  return names;
}

void list_templates(std::FILE* to) {
  for (const Template& each : project::templates()) {
    std::fprintf(to, "  %-10.*s %.*s\n", static_cast<int>(each.name.size()), each.name.data(),
                 static_cast<int>(each.description.size()), each.description.data());
  }
}

using Values = std::map<std::string, std::string>;

Result<void> set_value(Values& values, const std::string& name, std::string value) {
  std::vector<std::string> known;
  for (const Parameter& parameter : parameters) known.push_back(parameter.name);
  if (std::ranges::find(known, name) == known.end())
    return fail(Errc::invalid, "there is no value `" + name + "`; " + manifest::suggest(name, known));
  values[name] = std::move(value);
  return {};
}

Result<void> read_values_file(const std::string& file, Values& values) {
  // A few answers: more is another file.
  constexpr std::streamsize max_bytes = 64 << 10;
  std::string text(max_bytes + 1, '\0');
  std::ifstream in(file);
  if (!in) return fail(Errc::not_found, "--values-file " + file + " cannot be read");
  in.read(text.data(), max_bytes + 1);
  if (in.gcount() > max_bytes) return fail(Errc::limit, "--values-file " + file + " has more than 64 KiB");
  text.resize(static_cast<std::size_t>(in.gcount()));
  auto document = manifest::parse_document(text);
  if (!document) {
    return fail(Errc::invalid, file + ":" + std::to_string(document.error().at.line) + ": " + document.error().message);
  }
  for (const manifest::Member& member : *document->get<manifest::Value::Table>()) {
    const auto* value = member.value.get<std::string>();
    const std::string where = file + ":" + std::to_string(member.at.line);
    if (value == nullptr) return fail(Errc::invalid, where + ": " + member.name + " must be a string");
    if (auto set = set_value(values, member.name, *value); !set)
      return std::unexpected(std::move(set).error().context(where));
  }
  return {};
}

Result<Values> given_values(const NewOptions& options) {
  Values values;
  if (!options.values_file.empty()) CHECK_OK(read_values_file(options.values_file, values));
  for (const std::string& pair : options.values) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) return fail(Errc::invalid, "--value " + pair + ": expected KEY=VALUE");
    CHECK_OK(set_value(values, pair.substr(0, equals), pair.substr(equals + 1)));
  }
  return values;
}

// Asks on the terminal (or of whatever standard input is) until the answer is good; an empty one means `otherwise`.
// On a terminal a bad answer is asked for again.
template <class Check>
Result<std::string> ask(const std::string& prompt, const std::string& otherwise, Check check) {
  for (;;) {
    std::printf("%s %s", prompt.c_str(), otherwise.empty() ? "" : ("[" + otherwise + "] ").c_str());
    std::fflush(stdout);
    std::string answer;
    if (!std::getline(std::cin, answer)) {
      std::printf("\n");
      return fail(Errc::invalid, "standard input ended at `" + prompt +
                                     "`; use --accept-defaults, or give a NAME and --value http-path=... "
                                     "--value http-scope=...");
    }
    answer = CLI::detail::trim_copy(answer);
    if (answer.empty()) answer = otherwise;
    Result<void> good = check(answer);
    if (good) return answer;
    if (isatty(STDIN_FILENO) == 0) return std::unexpected(std::move(good).error());
    complain(good.error().message());
  }
}

Result<void> check_template(const std::string& name) {
  if (project::find_template(name) != nullptr) return {};
  return fail(Errc::not_found, "there is no template `" + name + "`; " + manifest::suggest(name, template_names()));
}

// One line that a program prints; empty when it fails.
std::string first_line_of(const std::vector<std::string>& command) {
  auto run = run_program(command);
  if (!run || run->status != 0) return "";
  return run->output.substr(0, run->output.find('\n'));
}

std::vector<std::string> authors() {
  const std::string name = first_line_of({"git", "config", "user.name"});
  const std::string email = first_line_of({"git", "config", "user.email"});
  if (name.empty()) return {};
  return {email.empty() ? name : name + " <" + email + ">"};
}

void start_repository(const fs::path& folder) {
  auto inside = run_program({"git", "rev-parse", "--is-inside-work-tree"}, {.folder = folder});
  if (!inside || inside->status == 0) return;  // no git, or part of a repository already
  auto made = run_program({"git", "init", "--quiet"}, {.folder = folder});
  if (!made || made->status != 0) std::fprintf(stderr, "Warning: git init failed in %s\n", folder.c_str());
}

// NAME, TEMPLATE NAME, NAME TEMPLATE, TEMPLATE, or nothing.
Result<std::string> sort_words(NewOptions& options) {
  std::string name = options.words.empty() ? "" : options.words[0];
  std::string other = options.words.size() < 2 ? "" : options.words[1];
  if (!options.from.empty()) {
    if (other.empty()) return name;
    return fail(Errc::invalid, "`" + other + "`: a project has one name, and -t gives the template");
  }
  if (project::find_template(name) == nullptr) std::swap(name, other);
  if (project::find_template(name) == nullptr && !name.empty())
    return fail(Errc::invalid, "neither `" + other + "` nor `" + name + "` is a template; give one with -t");
  options.from = name;
  return other;
}

std::string default_name(const NewOptions& options, const std::string& given) {
  if (!given.empty()) return given;
  std::error_code ignored;
  if (options.init) return manifest::suggest_kebab(fs::current_path(ignored).filename().string());
  return options.output.empty() ? "" : manifest::suggest_kebab(fs::path(options.output).filename().string());
}

// Everything that is not given yet.
Result<project::ProjectValues> complete(const NewOptions& options, const Template& from, const std::string& given) {
  TRY(Values values, given_values(options));
  const std::string name = default_name(options, given);
  const auto check_name = [&](const std::string& text) { return project::check_project_name(from, text); };
  if (!name.empty()) CHECK_OK(check_name(name));
  const auto missing = [&](const Parameter& parameter) {
    return parameter.prompt != nullptr && !values.contains(parameter.name);
  };
  const bool asks = !options.accept_defaults && (name.empty() || std::ranges::any_of(parameters, missing));
  project::ProjectValues out{.name = name, .description = "", .authors = authors()};
  if (asks) {
    TRY(out.name, ask("Project name:", name, check_name));
  } else if (name.empty()) {
    return fail(Errc::invalid, "give the project a name: " + options.program + " new -t " + std::string(from.name) +
                                   " my-app --accept-defaults");
  }
  for (const Parameter& parameter : parameters) {
    if (asks && missing(parameter)) {
      const auto check = [&](const std::string& text) -> Result<void> {
        const bool is_path = parameter.name == "http-path";
        CHECK_OK(project::route_of(is_path ? "" : text, is_path ? text : values["http-path"]));
        return {};
      };
      TRY(values[parameter.name], ask(parameter.prompt, parameter.otherwise, check));
    } else {
      values.emplace(parameter.name, parameter.otherwise);
    }
  }
  out.description = values["project-description"];
  out.http_path = values["http-path"];
  out.http_scope = values["http-scope"];
  return out;
}

Result<void> make(NewOptions options) {
  TRY(const std::string given, sort_words(options));
  if (options.init && !options.output.empty()) return fail(Errc::invalid, "--init and --output exclude each other");
  if (options.from.empty()) {
    if (options.accept_defaults || isatty(STDIN_FILENO) == 0) {
      std::fprintf(stderr, "Templates:\n");
      list_templates(stderr);
      return fail(Errc::invalid, "name a template with -t");
    }
    std::printf("Templates:\n");
    list_templates(stdout);
    TRY(options.from, ask("Template:", "http-rust", check_template));
  }
  CHECK_OK(check_template(options.from));
  const Template& from = *project::find_template(options.from);
  TRY(const project::ProjectValues values, complete(options, from, given));
  TRY(const auto files, project::render(from, values));
  const fs::path folder = options.init ? "." : !options.output.empty() ? options.output : values.name;
  CHECK_OK(project::write_project(folder, files,
                                  options.allow_overwrite ? project::Existing::overwrite : project::Existing::refuse));
  if (!options.no_vcs) start_repository(folder);
  const char* program = options.program.c_str();
  std::printf("Made %s from %s. Next:\n", values.name.c_str(), options.from.c_str());
  if (!options.init) std::printf("  cd %s\n", folder.c_str());
  std::printf("  %s build\n  %s up\n", program, program);
  return {};
}

}  // namespace

Command new_command(CLI::App& program) {
  auto options = std::make_shared<NewOptions>();
  options->program = program.get_name();
  CLI::App* app = program.add_subcommand("new", "Make a new application from a template");
  app->alias("n");
  app->add_option(
         "NAME", options->words,
         "Name of the application, in kebab-case; also of its folder. Before it a template may stand, as for old "
         "versions of Spin")
      ->expected(0, 2);
  app->add_option("-t,--template", options->from, "Template; `" + options->program + " templates list` lists them");
  app->add_option("-o,--output", options->output, "Folder to make instead of ./NAME");
  app->add_flag("--init", options->init, "Use the current folder");
  app->add_option("-v,--value", options->values,
                  "Answer beforehand, KEY=VALUE: http-path, http-scope, project-description. May be repeated")
      ->expected(1)
      ->take_all();
  app->add_option("--values-file", options->values_file, "The same from a TOML file; --value goes first");
  app->add_flag("-a,--accept-defaults", options->accept_defaults, "Ask nothing");
  app->add_flag("--allow-overwrite", options->allow_overwrite, "Replace files that are in the way");
  app->add_flag("--no-vcs", options->no_vcs, "Do not run git init");
  const std::string name = options->program;
  app->footer("What is not given on the command line is asked for.\n\nExamples:\n  " + name +
              " new -t http-rust hello-wasm\n  " + name +
              " new -t http-ts shop --value http-path=/cart/... --accept-defaults\n  mkdir api && cd api && " + name +
              " new -t http-py --init -a" + exit_codes_help);
  return {app, [options] {
            if (auto made = make(*options); !made) {
              complain(made.error().message());
              return made.error().code() == Errc::invalid ? exit_usage : exit_failed;
            }
            return exit_done;
          }};
}

Command templates_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("templates", "The templates of `new`, which are part of the program");
  app->require_subcommand(1);
  app->add_subcommand("list", "List them, each with what it needs to be built")->alias("ls");
  app->footer("Examples:\n  " + program.get_name() + " templates list" + exit_codes_help);
  return {app, [] {
            for (const Template& each : project::templates()) {
              std::printf("%-10.*s  %.*s\n%-10s  needs %.*s\n", static_cast<int>(each.name.size()), each.name.data(),
                          static_cast<int>(each.description.size()), each.description.data(), "",
                          static_cast<int>(each.needs.size()), each.needs.data());
            }
            return exit_done;
          }};
}

}  // namespace weft::cli
