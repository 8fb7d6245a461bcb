#include "project/file_watcher.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace weft::project {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t mask = IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                               IN_MOVED_TO | IN_DELETE_SELF | IN_ONLYDIR;

bool is_left_out(const std::string& name) {
  return name.starts_with('.') || name == "node_modules" || name == "target" || name == "__pycache__";
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

}  // namespace

Result<std::unique_ptr<FileWatcher>> FileWatcher::create() {
  FileDescriptor notices(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!notices) {
    Error error = Error::from_errno("watching files", errno);
    return fail(error.code(), error.message() + "; raise fs.inotify.max_user_instances (sysctl)");
  }
  FileDescriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return std::unexpected(Error::from_errno("eventfd", errno));
  return std::unique_ptr<FileWatcher>(new FileWatcher(std::move(notices), std::move(wake)));
}

Result<void> FileWatcher::watch(std::vector<WatchSet> sets) {
  Prints before;
  for (const Set& set : sets_) before.insert(set.prints.begin(), set.prints.end());
  std::vector<Set> next;
  for (WatchSet& each : sets) {
    Set set{.root = each.root.empty() ? "." : std::move(each.root), .globs = {}, .files = {}, .prints = {}};
    for (const std::string& pattern : each.patterns) {
      if (!manifest::Glob::has_wildcard(pattern)) {
        set.files.push_back(pattern);
        continue;
      }
      TRY(auto glob, manifest::Glob::parse(pattern));
      set.globs.push_back(std::move(glob));
    }
    next.push_back(std::move(set));
  }
  sets_ = std::move(next);
  folders_ = 0;
  for (Set& set : sets_) {
    TRY(set.prints, look(set));
    for (auto& [path, print] : set.prints) {
      if (const auto known = before.find(path); known != before.end()) print = known->second;
    }
  }
  return {};
}

bool FileWatcher::wait(const std::stop_token& stop, std::chrono::milliseconds settle) {
  const std::stop_callback on_stop(stop, [this] { eventfd_write(wake_.get(), 1); });
  bool noticed = false;
  for (;;) {
    if (stop.stop_requested()) return false;
    pollfd files[] = {{notices_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    const int ready = poll(files, 2, noticed ? static_cast<int>(settle.count()) : -1);
    if (ready == 0) return true;
    if (ready < 0 && errno != EINTR) return false;
    char events[16384];
    while (read(notices_.get(), events, sizeof events) > 0) noticed = true;
  }
}

Result<std::vector<std::size_t>> FileWatcher::changes() {
  std::vector<std::size_t> changed;
  folders_ = 0;
  for (std::size_t i = 0; i < sets_.size(); ++i) {
    TRY(Prints prints, look(sets_[i]));
    if (prints == sets_[i].prints) continue;
    sets_[i].prints = std::move(prints);
    changed.push_back(i);
  }
  return changed;
}

Result<FileWatcher::Prints> FileWatcher::look(const Set& set) {
  Prints prints;
  for (const std::string& file : set.files) {
    const fs::path path = set.root / file;
    CHECK_OK(notice(path.parent_path()));
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) continue;
    prints[path.string()] = {status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
                             static_cast<std::uint64_t>(status.st_size), status.st_ino};
  }
  for (const manifest::Glob& glob : set.globs) {
    const std::string& prefix = glob.literal_prefix();
    const auto above = static_cast<std::size_t>(std::ranges::count(prefix, '/')) + (prefix.empty() ? 0 : 1);
    CHECK_OK(walk(set, glob, prefix, glob.depth() == 0 ? SIZE_MAX : glob.depth() - above, prints));
  }
  return prints;
}

// `depth`: names that a path below `folder` may have.
Result<void> FileWatcher::walk(const Set& set, const manifest::Glob& glob, const std::string& folder, std::size_t depth,
                               Prints& prints) {
  const fs::path path = set.root / folder;
  if (++folders_ > max_watched_folders) {
    return fail(Errc::limit, "more than " + std::to_string(max_watched_folders) + " folders to watch below " +
                                 set.root.string() + "; narrow the patterns of [component.NAME.build] watch");
  }
  CHECK_OK(notice(path));
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const std::string relative = joined(folder, name);
    struct stat status{};
    if (lstat(entry->path().c_str(), &status) != 0) continue;  // gone meanwhile
    if (S_ISDIR(status.st_mode)) {
      if (depth > 1 && !is_left_out(name)) CHECK_OK(walk(set, glob, relative, depth - 1, prints));
      continue;
    }
    if (!glob.matches(relative)) continue;
    if (S_ISLNK(status.st_mode) && stat(entry->path().c_str(), &status) != 0) continue;
    if (prints.size() >= max_watched_files) {
      return fail(Errc::limit, "more than " + std::to_string(max_watched_files) + " files to watch below " +
                                   set.root.string() + "; narrow the patterns of [component.NAME.build] watch");
    }
    prints[entry->path().string()] = {status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
                                      static_cast<std::uint64_t>(status.st_size), status.st_ino};
  }
  return {};
}

// A folder that is not there yet is noticed when it is made in the nearest one above that is.
Result<void> FileWatcher::notice(const fs::path& folder) {
  fs::path at = folder.empty() ? "." : folder;
  for (;;) {
    if (inotify_add_watch(notices_.get(), at.c_str(), mask) >= 0) return {};
    if (errno == ENOSPC) {
      return fail(Errc::limit, "the kernel's limit of watched folders is reached at " + at.string() +
                                   "; raise fs.inotify.max_user_watches (sysctl)");
    }
    if (errno != ENOENT && errno != ENOTDIR)
      return std::unexpected(Error::from_errno("watching " + at.string(), errno));
    const fs::path above = at.has_parent_path() ? at.parent_path() : ".";
    if (above == at) return std::unexpected(Error::from_errno("watching " + at.string(), errno));
    at = above;
  }
}

}  // namespace weft::project
