// The directories a component sees.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "util/error.h"
#include "wasi/open_file.h"

namespace weft::wasi {

// One preopened directory. Read-only unless it says otherwise: the right is ours and does not depend on what the
// operating system would allow.
struct Mount {
  std::string place;  // absolute path in the guest
  std::shared_ptr<const OpenFile> folder;
  bool writable = false;
};

// Immutable once made; shared by all instances of a component.
class Mounts {
 public:
  // Without mounts a component has no file system.
  Mounts() = default;
  // `limit`: of the process.
  explicit Mounts(std::shared_ptr<OpenFileLimit> limit) : limit_(std::move(limit)) {}

  // Fails when there is no such directory, another mount is at the same place, or the kernel cannot resolve paths
  // safely (see check_open_beneath()).
  Result<void> add(const std::filesystem::path& directory, std::string place, bool writable);

  const std::vector<Mount>& list() const { return list_; }
  const std::shared_ptr<OpenFileLimit>& limit() const { return limit_; }

 private:
  std::vector<Mount> list_;
  std::shared_ptr<OpenFileLimit> limit_;
};

}  // namespace weft::wasi
