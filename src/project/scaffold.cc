#include "project/scaffold.h"

#include <fcntl.h>

#include <cerrno>

#include "util/file_descriptor.h"
#include "util/write_all.h"

namespace weft::project {
namespace {

namespace fs = std::filesystem;

// A list of what is in the way says enough with these.
constexpr std::size_t max_named = 5;

Result<void> refuse_existing(const fs::path& folder, std::span<const ProjectFile> files) {
  std::string there;
  std::size_t count = 0;
  for (const ProjectFile& file : files) {
    std::error_code ignored;
    if (!fs::exists(fs::symlink_status(folder / file.path, ignored))) continue;
    if (++count <= max_named) there += (there.empty() ? "" : ", ") + file.path;
  }
  if (count == 0) return {};
  if (count > max_named) there += " and " + std::to_string(count - max_named) + " more";
  return fail(Errc::denied, folder.string() + " has " + there +
                                " already; name another folder with --output, or replace them with --allow-overwrite");
}

Result<void> write_file(const fs::path& path, const ProjectFile& file) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) return std::unexpected(Error::from_errno("making " + path.parent_path().string(), error.value()));
  const mode_t mode = file.executable ? 0777 : 0666;
  const FileDescriptor out(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!out || !write_all(out.get(), std::as_bytes(std::span(file.content))))
    return std::unexpected(Error::from_errno("writing " + path.string(), errno));
  return {};
}

}  // namespace

Result<void> write_project(const fs::path& folder, std::span<const ProjectFile> files, Existing existing) {
  if (existing == Existing::refuse) CHECK_OK(refuse_existing(folder, files));
  for (const ProjectFile& file : files) CHECK_OK(write_file(folder / file.path, file));
  return {};
}

}  // namespace weft::project
