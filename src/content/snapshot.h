// A private copy of the files an application gives to a component, so that what a running application sees does not
// change when its sources are edited.
//
// A snapshot is a folder that is locked (flock) as long as its process lives and removed with its object. What a
// crashed process left is not locked any more: whoever makes the next snapshot removes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "content/store.h"

namespace weft::content {

// Bytes of one snapshot. A pattern that takes in too much must not fill the disk.
inline constexpr std::uint64_t max_snapshot_bytes = std::uint64_t{16} << 30;

// A file of a snapshot.
struct SnapshotFile {
  Ref ref;
  std::string place;  // in the snapshot: `/`-separated, absolute or not, without `.` and `..`
};

// Where snapshots are kept: this user's cache folder, else a folder of this user among the temporary ones.
std::filesystem::path default_snapshot_base();

class Snapshot : Pinned {
 public:
  // Copies `files`. `base` is made if it is missing, and must belong to this user alone. Blocking: call at start.
  static Result<std::unique_ptr<Snapshot>> create(const std::filesystem::path& base, const Store& store,
                                                  std::span<const SnapshotFile> files,
                                                  std::uint64_t max_bytes = max_snapshot_bytes);
  // Removes the folder.
  ~Snapshot();

  const std::filesystem::path& folder() const { return folder_; }

 private:
  Snapshot(std::filesystem::path folder, FileDescriptor lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
  Result<void> fill(const Store& store, std::span<const SnapshotFile> files, std::uint64_t max_bytes);

  std::filesystem::path folder_;
  FileDescriptor lock_;  // the folder itself
};

}  // namespace weft::content
