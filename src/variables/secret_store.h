// The secrets of one application in one encrypted file, for `weft up` on a developer's machine. The format is in the
// README of this folder.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "provider/variables.h"
#include "util/error.h"
#include "variables/fixed.h"

namespace weft::variables {

// As many as an application may have variables.
inline constexpr std::size_t max_secrets = 4096;
inline constexpr std::size_t max_secret_key_bytes = 128;
// A secret is a key, a password or a certificate with its chain.
inline constexpr std::size_t max_secret_bytes = 64 << 10;
// What the file may have; its content is checked only when it is read whole.
inline constexpr std::size_t max_secret_file_bytes = 64 << 20;

// Encrypts the file. Belongs to the user, not to the application: a copy of the application's folder is no use without.
class SecretKey {
 public:
  static constexpr std::size_t size = 32;

  // Reads the key of `path`, which must be the user's own and closed to others.
  static Result<SecretKey> read(const std::filesystem::path& path);
  // The same; makes a key, and the folder, when there is none.
  static Result<SecretKey> read_or_make(const std::filesystem::path& path);
  // Where the user's key is: $WEFT_SECRETS_KEY, else secrets.key in ${XDG_CONFIG_HOME:-~/.config}/weft. Empty when the
  // environment names neither.
  static std::filesystem::path default_path();

  explicit SecretKey(Secret bytes) : bytes_(std::move(bytes)) {}
  const Secret& bytes() const { return bytes_; }

 private:
  Secret bytes_;
};

// The file's secrets as they were when it was read; thread-safe. Keys are kebab or snake case.
class SecretStore final : public provider::VariablesProvider {
 public:
  // Where the store of an application is: in its folder.
  static std::filesystem::path path_in(const std::filesystem::path& application_folder);

  // A file that does not exist is an empty store, and needs no key: `key` is then not read. Errc::invalid: the file is
  // damaged, or was written with another key.
  static Result<std::unique_ptr<SecretStore>> read(const std::filesystem::path& file, const std::filesystem::path& key);

  std::string describe() const override { return "the application's secret store"; }
  Result<std::optional<Secret>> get(std::string_view key) const override { return values_.get(key); }
  const std::vector<std::string>& keys() const { return keys_; }

 private:
  explicit SecretStore(Table values);

  FixedVariables values_;
  std::vector<std::string> keys_;
};

// Changes the file as one step for every reader, and one at a time: a process that changes it meanwhile is waited for.
// The file, and the key, are made if they are missing.
Result<void> set_secret(const std::filesystem::path& file, const std::filesystem::path& key_file, std::string_view key,
                        Secret value);
// False: there was none.
Result<bool> delete_secret(const std::filesystem::path& file, const std::filesystem::path& key_file,
                           std::string_view key);

}  // namespace weft::variables
