// A folder of a test's own, removed with it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "util/pinned.h"

namespace weft::provider::sqlite::testing {

class Folder : Pinned {
 public:
  Folder() : Folder("/tmp") {}
  explicit Folder(const std::filesystem::path& above) {
    std::string name = above / "weft-kv-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  // One in memory where there is such a place: syncing it costs nothing.
  static std::filesystem::path quick_place() { return std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp"; }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace weft::provider::sqlite::testing
