#include "static_files/site.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "util/open_beneath.h"

namespace weft::static_files {
namespace {

namespace fs = std::filesystem;

// There is nothing of that name that can be served: the client is told no more.
bool is_absent(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
    case EACCES:
    case EPERM:
    case ELOOP:
    case EXDEV:
    case ENXIO:
    case EINVAL:
      return true;
    default:
      return false;
  }
}

bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == EAGAIN;
}

Lookup lookup_of(Wait wait) {
  return wait == Wait::no ? Lookup::cached : Lookup::any;
}

// A regular file; EISDIR: a folder; ENXIO: something else.
std::expected<File, int> open_file(int root, const char* path, Wait wait) {
  // A named pipe must not be waited for, a terminal not become ours.
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  auto opened = open_beneath(root, path, flags, 0, Links::follow, lookup_of(wait));
  if (!opened) return std::unexpected(opened.error());
  File file{.descriptor = *std::move(opened), .version = {}};
  struct stat status;
  if (fstat(file.descriptor.get(), &status) != 0) return std::unexpected(errno);
  if (S_ISDIR(status.st_mode)) return std::unexpected(EISDIR);
  if (!S_ISREG(status.st_mode)) return std::unexpected(ENXIO);
  file.version = version_of(status);
  return file;
}

http::Fields make_fields(const SiteSettings& settings) {
  http::Fields fields;
  fields.append("accept-ranges", "bytes");
  for (const auto& [name, value] : settings.headers) fields.append(name, value);
  // The type is what the name says: bytes are not to be taken for something else.
  if (!fields.has("x-content-type-options")) fields.append("x-content-type-options", "nosniff");
  return fields;
}

}  // namespace

Site::Site(FileDescriptor application, SiteSettings settings, std::shared_ptr<PreparedStore> prepared)
    : application_(std::move(application)),
      settings_(std::move(settings)),
      prepared_(std::move(prepared)),
      fields_(make_fields(settings_)) {}

Result<std::shared_ptr<const Site>> Site::create(const fs::path& application, SiteSettings settings,
                                                 std::shared_ptr<PreparedStore> prepared) {
  CHECK_OK(check_open_beneath());
  FileDescriptor folder(open(application.empty() ? "." : application.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return std::unexpected(Error::from_errno("the folder " + application.string(), errno));
  std::shared_ptr<const Site> site(new Site(std::move(folder), std::move(settings), std::move(prepared)));
  const SiteSettings& made = site->settings_;
  const std::string place = (application / made.source).lexically_normal().string();
  const auto root = site->open_root(Wait::yes);
  if (!root) {
    if (root.error() == EXDEV || root.error() == ELOOP)
      return fail(Errc::denied, place + " leads out of the application's folder; put the files there");
    if (root.error() == ENOENT)
      return fail(Errc::not_found, "there is no folder " + place + "; make or build it first");
    if (root.error() == ENOTDIR) return fail(Errc::invalid, place + " is no folder; name the folder of the file");
    return std::unexpected(Error::from_errno("the folder " + place, root.error()));
  }
  for (const std::string& page : {made.fallback, made.not_found}) {
    if (page.empty()) continue;
    if (const auto file = open_file(root->get(), page.c_str(), Wait::yes); !file) {
      return std::unexpected(Error::from_errno("the page " + place + "/" + page, file.error()));
    }
  }
  return site;
}

std::expected<FileDescriptor, int> Site::open_root(Wait wait) const {
  return open_beneath(application_.get(), settings_.source.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC, 0, Links::follow,
                      lookup_of(wait));
}

std::optional<Found> Site::find(std::string_view path, const Preferences& preferences, Wait wait) const {
  auto root = open_root(wait);
  auto found = root ? find_in(root->get(), path, preferences, wait) : std::unexpected(root.error());
  if (!found && is_absent(found.error())) {
    found = root ? find_page(root->get(), preferences, wait) : Found{};
    if (!found && is_absent(found.error())) found = Found{};
  }
  if (found) return *std::move(found);
  if (found.error() == EAGAIN && wait == Wait::no) return std::nullopt;
  return Found{.kind = is_shortage(found.error()) ? Found::Kind::unavailable : Found::Kind::failed,
               .error = found.error()};
}

std::expected<Found, int> Site::find_in(int root, std::string_view path, const Preferences& preferences,
                                        Wait wait) const {
  // Kept by its thread: paths are as long as clients make them.
  thread_local std::string name;
  if (!settings_.whole_tree) return take(root, settings_.index, preferences, wait);
  if (!file_path(path, settings_.dot_files, name)) return std::unexpected(ENOENT);
  const auto add_index = [this] {
    if (!name.empty()) name += '/';
    name += settings_.index;
  };
  if (path.ends_with('/')) {
    add_index();
    return take(root, name, preferences, wait);
  }
  if (!name.empty()) {
    auto found = take(root, name, preferences, wait);
    if (found || found.error() != EISDIR) return found;
  }
  add_index();
  const auto index = open_file(root, name.c_str(), wait);
  if (!index) return std::unexpected(index.error());
  return Found{.kind = Found::Kind::folder};
}

std::expected<Found, int> Site::find_page(int root, const Preferences& preferences, Wait wait) const {
  const bool falls_back = !settings_.fallback.empty();
  const std::string& page = falls_back ? settings_.fallback : settings_.not_found;
  if (page.empty()) return Found{};
  auto found = take(root, page, preferences, wait);
  if (found) found->kind = falls_back ? Found::Kind::fallback : Found::Kind::missing;
  return found;
}

std::expected<Found, int> Site::take(int root, const std::string& path, const Preferences& preferences,
                                     Wait wait) const {
  auto file = open_file(root, path.c_str(), wait);
  if (!file) return std::unexpected(file.error());
  Found found{.kind = Found::Kind::file, .file = *std::move(file), .type = &media_type_of(path)};
  if (!settings_.precompressed) return found;
  for (const Coding coding : preferences.codings()) {
    if (coding == Coding::identity) break;
    auto sibling = open_file(root, (path + std::string(suffix_of(coding))).c_str(), wait);
    if (!sibling && !is_absent(sibling.error())) return std::unexpected(sibling.error());
    // One that is older was made of what the file was before.
    if (!sibling || sibling->version.modified_seconds() < found.file.version.modified_seconds()) continue;
    found.file = *std::move(sibling);
    found.coding = coding;
    break;
  }
  return found;
}

}  // namespace weft::static_files
