#include "manifest/files.h"

#include <algorithm>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "manifest/glob.h"
#include "manifest/paths.h"
#include "manifest/report.h"
#include "manifest/text.h"
#include "util/utf8.h"

namespace weft::manifest {
namespace {

namespace fs = std::filesystem;

// One expansion. Every path is checked after its links are resolved, directories before they are entered.
class Expansion {
 public:
  Expansion(const App& app, const Component& component)
      : app_(app), component_(component), report_(app.file.string(), {}) {}

  FileList run() {
    std::error_code error;
    root_ = fs::canonical(app_.root, error);
    if (error) {
      report_.error({}, "", compose("the application's folder {}: {}", app_.root.string(), error.message()),
                    "make the folder readable");
    } else {
      for (const auto& pattern : component_.exclude_files) {
        if (auto glob = Glob::parse(pattern.value, Glob::Separators::matched)) excludes_.push_back(*std::move(glob));
      }
      for (std::size_t i = 0; i < component_.files.size() && !full_; ++i) {
        key_ = compose("component.{}.files[{}]", component_.id, i);
        expand(component_.files[i]);
      }
    }
    FileList list;
    for (auto& [guest, host] : files_) list.files.push_back({std::move(host), guest});
    list.diagnostics = report_.take();
    return list;
  }

 private:
  void expand(const FileMount& mount) {
    at_ = mount.at;
    if (auto problem = app_path_problem(mount.source)) {
      return error(compose("`{}` {}", mount.source, problem->message), std::string(problem->remedy));
    }
    const std::string source = guest_path(mount.source).value_or("/").substr(1);
    if (mount.destination) return expand_placed(source, *mount.destination);
    std::error_code ignored;
    const auto status = fs::status(root_ / source, ignored);
    if (fs::is_directory(status)) {
      walk(source, "/" + source, nullptr);
    } else if (fs::is_regular_file(status)) {
      if (!excluded(source)) add_file(source, "/" + source);
    } else if (Glob::has_wildcard(source)) {
      expand_pattern(source);
    } else if (fs::exists(status)) {
      error(compose("`{}` is neither a file nor a folder", source), "name a regular file");
    } else {
      error(compose("there is no file `{}`", source), missing_remedy(source));
    }
  }

  void expand_placed(const std::string& source, const std::string& destination) {
    std::error_code ignored;
    const auto status = fs::status(root_ / source, ignored);
    if (fs::is_directory(status)) {
      walk(source, destination == "/" ? "" : destination, nullptr);
    } else if (fs::is_regular_file(status)) {
      if (destination == "/") return error("a file cannot be placed at `/`", "write destination = \"/name\"");
      add_file(source, destination);
    } else {
      error(compose("there is no file or folder `{}`", source), missing_remedy(source));
    }
  }

  void expand_pattern(const std::string& pattern) {
    auto glob = Glob::parse(pattern);
    if (!glob) return error(compose("`{}`: {}", pattern, glob.error().message()), "repair the pattern");
    std::error_code ignored;
    const std::string& start = glob->literal_prefix();
    if (!fs::is_directory(root_ / start, ignored)) return;  // a pattern may match nothing
    walk(start, start.empty() ? "" : "/" + start, &*glob);
  }

  // All files below `relative`, or those that match.
  void walk(const std::string& relative, const std::string& guest, const Glob* glob) {
    if (auto folder = resolve(relative)) {
      ancestors_.clear();
      walk_folder(*folder, relative, guest, glob, relative.empty() ? 0 : 1 + std::ranges::count(relative, '/'));
    }
  }

  void walk_folder(const fs::path& folder, const std::string& relative, const std::string& guest, const Glob* glob,
                   std::ptrdiff_t depth) {
    if (contains(ancestors_, folder)) {
      return error(compose("the folder `{}` contains itself through a link", relative), "remove the link");
    }
    if (static_cast<std::size_t>(depth) > max_directory_depth) {
      return error(compose("`{}` is more than {} folders deep", relative, max_directory_depth), "flatten it");
    }
    std::vector<std::string> names;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
      if (++visited_ > max_visited) break;
      names.push_back(entry->path().filename().string());
    }
    if (failed) return error(compose("`{}`: {}", relative, failed.message()), "make the folder readable");
    if (visited_ > max_visited) return stop(compose("more than {} directory entries", max_visited));
    std::ranges::sort(names);
    ancestors_.push_back(folder);
    for (const std::string& name : names) {
      if (full_) break;
      walk_entry(relative.empty() ? name : relative + "/" + name, guest + "/" + name, glob, depth);
    }
    ancestors_.pop_back();
  }

  void walk_entry(const std::string& relative, const std::string& guest, const Glob* glob, std::ptrdiff_t depth) {
    std::error_code ignored;
    const auto status = fs::status(root_ / relative, ignored);
    if (fs::is_directory(status)) {
      const bool too_deep =
          glob != nullptr && glob->depth() != 0 && static_cast<std::size_t>(depth) + 1 >= glob->depth();
      if (too_deep) return;
      if (auto folder = resolve(relative)) walk_folder(*folder, relative, guest, glob, depth + 1);
    } else if (fs::is_regular_file(status)) {
      if ((glob == nullptr || glob->matches(relative)) && !excluded(relative)) add_file(relative, guest);
    } else if (fs::is_symlink(fs::symlink_status(root_ / relative, ignored)) &&
               (glob == nullptr || glob->matches(relative)) && !excluded(relative)) {
      error(compose("the link `{}` leads nowhere", relative), "remove the link, or exclude it");
    }
  }

  void add_file(const std::string& relative, const std::string& guest) {
    auto host = resolve(relative);
    if (!host) return;
    if (!is_utf8(guest)) {
      return error(compose("a file name below `{}` is not UTF-8", fs::path(relative).parent_path().string()),
                   "rename it, or exclude it");
    }
    files_.insert_or_assign(guest, *std::move(host));
    if (files_.size() > max_files) stop(compose("more than {} files", max_files));
  }

  // The path with links resolved; nullopt, reported, when that is outside the application's folder.
  std::optional<fs::path> resolve(const std::string& relative) {
    std::error_code failed;
    fs::path real = fs::canonical(root_ / relative, failed);
    if (failed) {
      error(compose("`{}`: {}", relative, failed.message()), "make it readable, or exclude it");
      return std::nullopt;
    }
    const auto [at_root, at_real] = std::mismatch(root_.begin(), root_.end(), real.begin(), real.end());
    if (at_root != root_.end()) {
      error(compose("`{}` is a link out of the application's folder", relative),
            "copy the file into the folder, or grant the place with `allowed_paths`");
      return std::nullopt;
    }
    return real;
  }

  bool excluded(const std::string& relative) const {
    return std::ranges::any_of(excludes_, [&](const Glob& glob) { return glob.matches(relative); });
  }

  // Points at the folder that exists when only the last name is wrong.
  std::string missing_remedy(const std::string& relative) const {
    std::error_code ignored;
    const fs::path folder = (root_ / relative).parent_path();
    if (fs::is_directory(folder, ignored)) return compose("put it into {}, or correct the name", folder.string());
    return compose("paths start from {}", root_.string());
  }

  void error(std::string message, std::string remedy) {
    report_.error(at_, key_, std::move(message), std::move(remedy));
  }
  void stop(const std::string& what) {
    if (!full_) error(compose("the patterns find {}", what), "name the folders the guest needs");
    full_ = true;
  }

  const App& app_;
  const Component& component_;
  Report report_;
  fs::path root_;
  std::vector<Glob> excludes_;
  std::vector<fs::path> ancestors_;
  std::map<std::string, fs::path> files_;
  std::size_t visited_ = 0;
  bool full_ = false;
  std::string key_;
  Location at_;
};

}  // namespace

FileList expand_files(const App& app, const Component& component) {
  return Expansion(app, component).run();
}

}  // namespace weft::manifest
