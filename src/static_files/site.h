// A folder whose files are served at a route.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/fields.h"
#include "static_files/coding.h"
#include "static_files/file.h"
#include "static_files/media_types.h"
#include "static_files/prepared.h"
#include "static_files/request_path.h"
#include "util/error.h"
#include "util/pinned.h"

namespace weft::static_files {

// Paths are relative, without `..`; those of files are from `source` on.
struct SiteSettings {
  std::string source = {};  // the folder, from the application's on
  std::string index = "index.html";
  std::string fallback = {};               // served for what is missing; empty: none
  std::string not_found = {};              // the page of a 404; empty: none
  std::string cache_control = "no-cache";  // stored, and asked about at every use: a changed file is seen at once
  std::vector<std::pair<std::string, std::string>> headers = {};  // on every answer with a file
  DotFiles dot_files = DotFiles::hidden;
  bool precompressed = false;  // look for FILE.br, FILE.zst and FILE.gz
  bool whole_tree = true;      // false: the route is one path, which serves `index` alone
};

// What a path stands for.
struct Found {
  enum class Kind : std::uint8_t {
    file,
    fallback,     // the file is that of SiteSettings::fallback
    missing,      // the file, if any, is that of SiteSettings::not_found
    folder,       // its index is served at the path with a `/` behind
    unavailable,  // this process has no descriptor or memory left
    failed,       // the disk fails
  };
  Kind kind = Kind::missing;
  File file = {};
  const MediaType* type = nullptr;
  Coding coding = Coding::identity;  // that the file's bytes are in
  int error = 0;                     // errno of `unavailable` and `failed`
};

// Immutable, shared by all loops. Nothing of the folder is held but its place: what is in it is found at each request,
// so a build that replaces it is served when it is done.
class Site : Pinned {
 public:
  // Fails, naming the path, when the folder is missing or leads out of `application`, and when one of the pages is not
  // there.
  static Result<std::shared_ptr<const Site>> create(const std::filesystem::path& application, SiteSettings settings,
                                                    std::shared_ptr<PreparedStore> prepared);

  // `path` is what the route left of the request's path, still encoded. Nothing: with Wait::no, ask again where waiting
  // is allowed. Thread-safe.
  std::optional<Found> find(std::string_view path, const Preferences& preferences, Wait wait) const;

  const SiteSettings& settings() const { return settings_; }
  PreparedStore& prepared() const { return *prepared_; }
  // What every answer with a file has, but for Cache-Control.
  const http::Fields& fields() const { return fields_; }

 private:
  Site(FileDescriptor application, SiteSettings settings, std::shared_ptr<PreparedStore> prepared);
  // Errors are errno.
  std::expected<FileDescriptor, int> open_root(Wait wait) const;
  std::expected<Found, int> find_in(int root, std::string_view path, const Preferences& preferences, Wait wait) const;
  std::expected<Found, int> find_page(int root, const Preferences& preferences, Wait wait) const;
  // The file at a path beneath the root, or the better one beside it.
  std::expected<Found, int> take(int root, const std::string& path, const Preferences& preferences, Wait wait) const;

  const FileDescriptor application_;
  const SiteSettings settings_;
  const std::shared_ptr<PreparedStore> prepared_;
  http::Fields fields_;
};

}  // namespace weft::static_files
