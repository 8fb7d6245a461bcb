// Tells when files that match patterns have changed.
//
// The kernel's notices (inotify) only say when to look: what has changed is found by comparing the files' times and
// sizes, so a file that is replaced, moved in, or written twice is one change, and one that is only touched by reading
// is none. One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "manifest/glob.h"
#include "util/error.h"
#include "util/file_descriptor.h"
#include "util/pinned.h"

namespace weft::project {

// Folders looked into: a pattern that takes in a whole disk is a mistake, and the kernel's notices are limited too.
inline constexpr std::size_t max_watched_folders = 8192;
inline constexpr std::size_t max_watched_files = 100'000;

struct WatchSet {
  std::filesystem::path root;         // what the patterns are relative to
  std::vector<std::string> patterns;  // see manifest/glob.h; one without wildcard is a file
};

class FileWatcher : Pinned {
 public:
  static Result<std::unique_ptr<FileWatcher>> create();

  // Watches these from now on, in place of the earlier ones. A file that was watched before and has changed since the
  // last changes() is reported by the next. Folders that a wildcard reaches are left out when they are hidden, or named
  // node_modules, target or __pycache__.
  Result<void> watch(std::vector<WatchSet> sets);

  // Waits until something may have changed and nothing more does for `settle`. False when `stop` is requested.
  bool wait(const std::stop_token& stop, std::chrono::milliseconds settle);

  // The sets, by index, with files that were changed, made or removed since the last call.
  Result<std::vector<std::size_t>> changes();

 private:
  struct Print {
    std::int64_t modified_ns;
    std::uint64_t size;
    std::uint64_t inode;
    bool operator==(const Print&) const = default;
  };
  using Prints = std::map<std::string, Print>;
  struct Set {
    std::filesystem::path root;
    std::vector<manifest::Glob> globs;
    std::vector<std::string> files;
    Prints prints;
  };

  explicit FileWatcher(FileDescriptor notices, FileDescriptor wake)
      : notices_(std::move(notices)), wake_(std::move(wake)) {}
  Result<Prints> look(const Set& set);
  Result<void> walk(const Set& set, const manifest::Glob& glob, const std::string& folder, std::size_t depth,
                    Prints& prints);
  Result<void> notice(const std::filesystem::path& folder);

  FileDescriptor notices_;
  FileDescriptor wake_;
  std::vector<Set> sets_;
  std::size_t folders_ = 0;  // looked into at this look
};

}  // namespace weft::project
