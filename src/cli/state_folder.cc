#include "cli/state_folder.h"

#include "cli/application.h"

namespace weft::cli {

namespace fs = std::filesystem;

std::optional<fs::path> state_folder(const manifest::App& app, const std::optional<std::string>& state_dir) {
  if (!state_dir) return app.root / ".spin";
  if (state_dir->empty()) return std::nullopt;
  return fs::path(*state_dir);
}

std::optional<fs::path> state_folder_of(const std::string& from, const std::optional<std::string>& state_dir) {
  manifest::App app;
  std::error_code ignored;
  app.root = fs::absolute(find_application(from), ignored).parent_path();
  return state_folder(app, state_dir);
}

}  // namespace weft::cli
