#include "variables/secret_crypt.h"

#include <openssl/evp.h>
#include <sys/random.h>

#include <cerrno>
#include <memory>

namespace weft::variables {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view magic = "weft-secrets\x01"sv;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t header_size = magic.size() + nonce_size;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
int length(std::string_view text) {
  return static_cast<int>(text.size());  // at most max_secret_file_bytes
}

void put(std::string& out, std::string_view text) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(text.size() >> shift & 0xff);
  out += text;
}

bool take(std::string_view& from, std::string_view& out, std::size_t max_bytes) {
  if (from.size() < 4) return false;
  std::size_t size = 0;
  for (unsigned i = 0; i < 4; ++i) size |= std::size_t{static_cast<unsigned char>(from[i])} << (8 * i);
  from.remove_prefix(4);
  if (size > max_bytes || size > from.size()) return false;
  out = from.substr(0, size);
  from.remove_prefix(size);
  return true;
}

}  // namespace

Result<std::string> seal(const Table& values, const SecretKey& key) {
  std::string plain;
  for (const auto& [name, value] : values) {
    std::string next;
    put(next, name);
    put(next, value.reveal());
    // Appending may leave the text behind in memory that was outgrown.
    if (plain.capacity() < plain.size() + next.size()) {
      std::string grown;
      grown.reserve(2 * (plain.size() + next.size()));
      grown += plain;
      wipe(plain);
      plain = std::move(grown);
    }
    plain += next;
    wipe(next);
  }
  const Secret guard(std::move(plain));
  const std::string& text = guard.reveal();
  if (text.size() + header_size + tag_size > max_secret_file_bytes) {
    return fail(Errc::limit,
                "the secrets together are larger than " + std::to_string(max_secret_file_bytes) + " bytes");
  }
  std::string out(magic);
  out.resize(header_size + text.size() + tag_size);
  if (getrandom(out.data() + magic.size(), nonce_size, 0) != static_cast<ssize_t>(nonce_size)) {
    return std::unexpected(Error::from_errno("making a nonce", errno));
  }
  const Context context(EVP_CIPHER_CTX_new());
  unsigned char* to = bytes(out) + header_size;
  int written = 0;
  const bool sealed =
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key.bytes().reveal()),
                         bytes(out) + magic.size()) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &written, bytes(out), static_cast<int>(header_size)) == 1 &&
      EVP_EncryptUpdate(context.get(), to, &written, bytes(text), length(text)) == 1 &&
      EVP_EncryptFinal_ex(context.get(), to + text.size(), &written) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_size, to + text.size()) == 1;
  if (!sealed) return fail(Errc::internal, "encrypting the secrets failed");
  return out;
}

Result<Table> unseal(std::string_view file, const SecretKey& key) {
  if (!file.starts_with(magic.substr(0, magic.size() - 1))) return fail(Errc::invalid, "not a file of secrets");
  if (!file.starts_with(magic)) return fail(Errc::invalid, "a newer version of weft wrote it");
  if (file.size() < header_size + tag_size) return fail(Errc::invalid, "the end of the file is missing");
  const std::string_view sealed = file.substr(header_size, file.size() - header_size - tag_size);
  std::string tag(file.substr(file.size() - tag_size));
  std::string text(sealed.size() + 1, '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool unsealed =
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key.bytes().reveal()),
                         bytes(file.substr(magic.size()))) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &written, bytes(file), static_cast<int>(header_size)) == 1 &&
      EVP_DecryptUpdate(context.get(), bytes(text), &written, bytes(sealed), length(sealed)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_size, bytes(tag)) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes(text) + sealed.size(), &written) == 1;
  text.resize(sealed.size());
  const Secret guard(std::move(text));
  if (!unsealed) {
    return fail(Errc::invalid, "the file is damaged, or was written with another key (WEFT_SECRETS_KEY names the key)");
  }
  Table values;
  for (std::string_view rest = guard.reveal(); !rest.empty();) {
    std::string_view name, value;
    if (!take(rest, name, max_secret_key_bytes) || !take(rest, value, max_secret_bytes) ||
        values.size() >= max_secrets) {
      return fail(Errc::invalid, "the file's content is not valid");
    }
    values.try_emplace(std::string(name), std::string(value));
  }
  return values;
}

}  // namespace weft::variables
