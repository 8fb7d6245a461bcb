// A folder of a test's own, removed with it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "util/pinned.h"

namespace weft::provider::sqlite::testing {

class Folder : Pinned {
 public:
  Folder() {
    char name[] = "/tmp/weft-kv-XXXXXX";
    if (mkdtemp(name) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace weft::provider::sqlite::testing
