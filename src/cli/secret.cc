#include "cli/secret.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iostream>

#include "cli/application.h"
#include "util/read_file.h"
#include "util/secret.h"
#include "variables/secret_store.h"

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

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

}  // namespace

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

}  // namespace weft::cli
