#include "variables/secret_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "manifest/identifier.h"
#include "util/file_descriptor.h"
#include "util/read_file.h"
#include "util/utf8.h"
#include "util/write_all.h"
#include "variables/secret_crypt.h"

namespace weft::variables {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failed(std::string_view what, const fs::path& path) {
  return std::unexpected(Error::from_errno(std::string(what) + " " + path.string(), errno));
}

// Whole, or not at all, and synced: renamed from a file beside it, or linked, which does not replace.
enum class Existing { replace, keep };
Result<void> write_file(const fs::path& path, std::string_view text, Existing existing) {
  std::string temporary = path.string() + ".new-XXXXXX";
  const FileDescriptor file(mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
  if (!file) return failed("writing beside", path);
  const bool written = write_all(file.get(), std::as_bytes(std::span(text))) && fsync(file.get()) == 0;
  bool placed = false;
  if (written && existing == Existing::replace) placed = rename(temporary.c_str(), path.c_str()) == 0;
  if (written && existing == Existing::keep) placed = link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST;
  const int error = errno;
  if (!placed || existing == Existing::keep) unlink(temporary.c_str());
  errno = error;
  if (!placed) return failed("writing", path);
  const FileDescriptor folder(open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || fsync(folder.get()) != 0) return failed("syncing", path.parent_path());
  return {};
}

Result<void> make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return fail(Errc::io, "making " + path.string() + ": " + error.message());
  return {};
}

std::unexpected<Error> no_key_path() {
  return fail(Errc::invalid, "there is no place for the key of secrets: set HOME, or WEFT_SECRETS_KEY to a file");
}

Result<SecretKey> read_key(const fs::path& path) {
  if (path.empty()) return no_key_path();
  TRY(auto text, read_file(path, SecretKey::size));
  Secret bytes(std::move(text));
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return failed("looking at", path);
  if (status.st_uid != geteuid()) return fail(Errc::denied, path.string() + " belongs to another user");
  if ((status.st_mode & 077) != 0) {
    return fail(Errc::denied, "others may read " + path.string() + "; run: chmod 600 " + path.string());
  }
  if (bytes.reveal().size() != SecretKey::size) {
    return fail(Errc::invalid, path.string() + " is not a key of " + std::to_string(SecretKey::size) + " bytes");
  }
  return SecretKey(std::move(bytes));
}

Result<Table> read_table(const fs::path& file, const fs::path& key_file) {
  const auto text = read_file(file, max_secret_file_bytes);
  if (!text && text.error().code() == Errc::not_found) return Table{};
  if (!text) return std::unexpected(text.error());
  TRY(const SecretKey key, SecretKey::read(key_file));
  auto values = unseal(*text, key);
  if (!values) return std::unexpected(std::move(values).error().context(file.string()));
  return values;
}

// Held while the file is read, changed and written.
Result<FileDescriptor> lock(const fs::path& file) {
  CHECK_OK(make_folder(file.parent_path()));
  const fs::path path = file.string() + ".lock";
  FileDescriptor lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return failed("opening", path);
  while (flock(lock.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return failed("locking", path);
  }
  return lock;
}

}  // namespace

fs::path SecretKey::default_path() {
  if (const char* path = std::getenv("WEFT_SECRETS_KEY"); path != nullptr && path[0] != '\0') return path;
  // A relative path is to be ignored (XDG Base Directory Specification).
  if (const char* base = std::getenv("XDG_CONFIG_HOME"); base != nullptr && base[0] == '/')
    return fs::path(base) / "weft/secrets.key";
  if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/')
    return fs::path(home) / ".config/weft/secrets.key";
  return {};
}

Result<SecretKey> SecretKey::read(const fs::path& path) {
  auto key = read_key(path);
  if (key || key.error().code() != Errc::not_found) return key;
  return fail(Errc::not_found, "the key of the secrets is missing: " + path.string() +
                                   "; copy it from where the secrets were set, or set them again");
}

Result<SecretKey> SecretKey::read_or_make(const fs::path& path) {
  auto key = read_key(path);
  if (key || key.error().code() != Errc::not_found) return key;
  std::string random(size, '\0');
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return std::unexpected(Error::from_errno("making a key", errno));
  }
  const Secret fresh(std::move(random));
  CHECK_OK(make_folder(path.parent_path()));
  CHECK_OK(write_file(path, fresh.reveal(), Existing::keep));
  // Another process may have been first: all use its key.
  return read(path);
}

fs::path SecretStore::path_in(const fs::path& application_folder) {
  return application_folder / ".spin/secrets.weft";
}

SecretStore::SecretStore(Table values) : values_(describe(), values) {
  for (const auto& [key, value] : values) keys_.push_back(key);
}

Result<std::unique_ptr<SecretStore>> SecretStore::read(const fs::path& file, const fs::path& key) {
  TRY(Table values, read_table(file, key));
  return std::unique_ptr<SecretStore>(new SecretStore(std::move(values)));
}

Result<void> set_secret(const fs::path& file, const fs::path& key_file, std::string_view key, Secret value) {
  if (!manifest::is_label(key) || key.size() > max_secret_key_bytes) {
    return fail(Errc::invalid, "the key of a secret is in kebab-case or snake_case: database-url");
  }
  if (value.reveal().size() > max_secret_bytes) {
    return fail(Errc::limit, "the value is larger than " + std::to_string(max_secret_bytes) + " bytes");
  }
  if (!is_utf8(value.reveal()) || value.reveal().find('\0') != std::string::npos) {
    return fail(Errc::invalid, "the value is not text: write it in base64");
  }
  TRY(const FileDescriptor held, lock(file));
  // Before what needs the key: a store whose key is lost is not silently begun anew.
  TRY(Table values, read_table(file, key_file));
  TRY(const SecretKey secret_key, SecretKey::read_or_make(key_file));
  values.insert_or_assign(std::string(key), std::move(value));
  if (values.size() > max_secrets) {
    return fail(Errc::limit, "there are " + std::to_string(max_secrets) + " secrets already");
  }
  TRY(const std::string sealed, seal(values, secret_key));
  return write_file(file, sealed, Existing::replace);
}

Result<bool> delete_secret(const fs::path& file, const fs::path& key_file, std::string_view key) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return false;
  TRY(const FileDescriptor held, lock(file));
  TRY(Table values, read_table(file, key_file));
  const auto found = values.find(key);
  if (found == values.end()) return false;
  values.erase(found);
  TRY(const SecretKey secret_key, SecretKey::read(key_file));
  TRY(const std::string sealed, seal(values, secret_key));
  CHECK_OK(write_file(file, sealed, Existing::replace));
  return true;
}

}  // namespace weft::variables
