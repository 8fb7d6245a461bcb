#include "project/manifest_file.h"

#include <fcntl.h>

#include <cerrno>

#include "manifest/load.h"
#include "util/file_descriptor.h"
#include "util/read_file.h"
#include "util/write_all.h"

namespace weft::project {
namespace {

namespace fs = std::filesystem;

Result<void> replace_file(const fs::path& path, std::string_view text) {
  const fs::path part = path.string() + ".part";
  std::error_code error;
  const auto permissions = fs::status(path, error).permissions();
  {
    const FileDescriptor out(open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!out || !write_all(out.get(), std::as_bytes(std::span(text))))
      return std::unexpected(Error::from_errno("writing " + part.string(), errno));
  }
  if (!error) fs::permissions(part, permissions, error);
  if (!error) fs::rename(part, path, error);
  if (error) return std::unexpected(Error::from_errno("replacing " + path.string(), error.value()));
  return {};
}

}  // namespace

Result<void> edit_manifest(const fs::path& file,
                           const std::function<Result<std::string>(std::string_view text)>& change,
                           const std::function<bool(const manifest::App& changed)>& fits) {
  TRY(const std::string text, read_file(file, manifest::max_manifest_bytes));
  TRY(const std::string changed, change(text));
  const auto loaded = manifest::load_text(changed, file);
  if (!loaded.app || (fits && !fits(*loaded.app))) {
    const std::string faults = manifest::format_all(loaded.diagnostics);
    return fail(Errc::internal, "the edited manifest would not load as it should; edit " + file.string() + " by hand" +
                                    (faults.empty() ? "" : "\n" + faults));
  }
  // What a symbolic link names is changed, not the link.
  std::error_code error;
  const fs::path target = fs::canonical(file, error);
  return replace_file(error ? file : target, changed);
}

}  // namespace weft::project
