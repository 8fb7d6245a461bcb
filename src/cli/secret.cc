#include "cli/secret.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/application.h"
#include "util/read_file.h"
#include "util/secret.h"
#include "variables/secret_store.h"

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

struct SecretOptions {
  std::string from = "spin.toml";  // a manifest, or a folder with one
  std::string key;
  std::string file;  // holds the value; empty: it is read from standard input
  int (*chosen)(const SecretOptions&) = nullptr;
};

int complain_of(const Error& error) {
  complain(error.message());
  return 1;
}

Result<fs::path> store_file(const SecretOptions& options) {
  const fs::path manifest = find_application(options.from);
  std::error_code ignored;
  if (!fs::exists(manifest, ignored)) {
    return fail(Errc::not_found, "there is no " + manifest.string() + "; name the application with --from");
  }
  return variables::SecretStore::path_in(fs::absolute(manifest, ignored).parent_path());
}

// Keeps what is typed from the screen.
class NoEcho {
 public:
  NoEcho() : changed_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!changed_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~NoEcho() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool changed_;
};

Result<Secret> read_value(const SecretOptions& options) {
  std::string value;
  if (!options.file.empty()) {
    TRY(value, read_file(options.file, variables::max_secret_bytes));
    return Secret(std::move(value));
  }
  if (isatty(STDIN_FILENO) != 0) {
    std::fprintf(stderr, "Value of %s: ", options.key.c_str());
    const NoEcho quiet;
    const bool read = static_cast<bool>(std::getline(std::cin, value));
    std::fputs("\n", stderr);
    if (!read) return fail(Errc::cancelled, "no value was given");
    return Secret(std::move(value));
  }
  TRY(value, read_file("/dev/stdin", variables::max_secret_bytes));
  // echo and here-documents end with a line's end.
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  return Secret(std::move(value));
}

int secret_set(const SecretOptions& options) {
  const auto file = store_file(options);
  if (!file) return complain_of(file.error());
  auto value = read_value(options);
  if (!value) return complain_of(value.error());
  const auto set = variables::set_secret(*file, variables::SecretKey::default_path(), options.key, *std::move(value));
  if (!set) return complain_of(set.error());
  std::printf("Set %s\n", options.key.c_str());
  return 0;
}

int secret_list(const SecretOptions& options) {
  const auto file = store_file(options);
  if (!file) return complain_of(file.error());
  const auto store = variables::SecretStore::read(*file, variables::SecretKey::default_path());
  if (!store) return complain_of(store.error());
  for (const std::string& key : (*store)->keys()) std::puts(key.c_str());
  return 0;
}

int secret_delete(const SecretOptions& options) {
  const auto file = store_file(options);
  if (!file) return complain_of(file.error());
  const auto deleted = variables::delete_secret(*file, variables::SecretKey::default_path(), options.key);
  if (!deleted) return complain_of(deleted.error());
  if (!*deleted) return complain_of(Error(Errc::not_found, "there is no secret " + options.key));
  std::printf("Deleted %s\n", options.key.c_str());
  return 0;
}

}  // namespace

Command secret_command(CLI::App& program) {
  auto options = std::make_shared<SecretOptions>();
  CLI::App* app = program.add_subcommand("secret", "Set, list and delete the secrets of an application");
  app->require_subcommand(1);
  const std::string name = program.get_name();
  app->footer(
      "A component reads a secret as a variable, once its manifest names it:\n"
      "  [component.NAME.secrets]\n  database_url = { source = \"spin-application\", key = \"database-url\" }\n"
      "Secrets are kept encrypted in .spin/secrets.weft of the application's folder. The key is the user's:\n"
      "~/.config/weft/secrets.key, or the file WEFT_SECRETS_KEY names.\n\n"
      "Examples:\n  " +
      name + " secret set database-url            asks for the value\n  " + name +
      " secret set stripe-key < key.txt    reads it from standard input" + exit_codes_help);
  const auto add = [&](const char* word, const char* what, int (*function)(const SecretOptions&)) {
    CLI::App* sub = app->add_subcommand(word, what);
    sub->add_option("-f,--from", options->from, "A manifest, or a folder with a spin.toml");
    sub->callback([options, function] { options->chosen = function; });
    return sub;
  };
  CLI::App* set = add("set", "Set a secret; the value is read from standard input", secret_set);
  set->add_option("key", options->key, "Its key: kebab-case or snake_case")->required();
  set->add_option("--from-file", options->file, "Read the value from this file, as it is");
  add("list", "List the keys of all secrets", secret_list);
  add("delete", "Delete a secret", secret_delete)->add_option("key", options->key, "Its key")->required();
  return {app, [options] { return options->chosen(*options); }};
}

}  // namespace weft::cli
