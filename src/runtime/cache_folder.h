// The folder of the code cache: entered by this user alone, with a secret key that authenticates what is in it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "util/error.h"
#include "util/file_descriptor.h"
#include "util/pinned.h"
#include "util/sha256.h"

namespace weft::runtime {

// ${XDG_CACHE_HOME:-~/.cache}/weft/code. Empty when the environment names no home.
std::string default_cache_folder();

// Immutable once open; thread-safe. Everything in it is reached through the open folder, so a path that is changed
// meanwhile leads nowhere else.
class CacheFolder : Pinned {
 public:
  // Makes the folder if it is missing. Errc::denied when it, or its key, belongs to somebody else or others may enter
  // it; Errc::io when it cannot be made or written. Messages name the path and the remedy.
  static Result<std::unique_ptr<CacheFolder>> open(const std::string& path);

  int file() const { return folder_.get(); }
  const std::string& path() const { return path_; }
  const Sha256& key() const { return key_; }

  // Files being written have names of their own until they are whole; what a process that died left behind can be told
  // by the prefix.
  static constexpr std::string_view temporary_prefix = ".new-";
  static std::string fresh_name();

 private:
  CacheFolder() = default;
  Result<void> load_key();
  Result<void> make_key();

  std::string path_;
  FileDescriptor folder_;
  Sha256 key_{};
};

}  // namespace weft::runtime
