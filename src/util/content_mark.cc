#include "util/content_mark.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <memory>
#include <new>

namespace weft {
namespace {

// OpenSSL's calls here fail only when memory is out, or there is no randomness.
void check(bool ok) {
  if (!ok) throw std::bad_alloc();
}

struct FreeMac {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

// With the process's key, before the first byte. One nonce for all: nobody sees a mark.
Context keyed() {
  const std::unique_ptr<EVP_MAC, FreeMac> mac(EVP_MAC_fetch(nullptr, "GMAC", nullptr));
  check(mac != nullptr);
  Context context(EVP_MAC_CTX_new(mac.get()));
  unsigned char key[16];
  unsigned char nonce[12] = {};
  char cipher[] = "AES-128-GCM";
  check(context != nullptr && RAND_bytes(key, sizeof key) == 1);
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
                                   OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_IV, nonce, sizeof nonce),
                                   OSSL_PARAM_construct_end()};
  check(EVP_MAC_init(context.get(), key, sizeof key, parameters) == 1);
  return context;
}

}  // namespace

ContentMark content_mark(std::span<const std::span<const std::byte>> pieces) {
  static const Context first = keyed();
  const Context context(EVP_MAC_CTX_dup(first.get()));
  check(context != nullptr);
  for (const auto piece : pieces)
    check(EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(piece.data()), piece.size()) == 1);
  ContentMark mark;
  std::size_t size = 0;
  check(EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(mark.data()), &size, mark.size()) == 1 &&
        size == mark.size());
  return mark;
}

ContentMark content_mark(std::span<const std::byte> bytes) {
  return content_mark(std::span(&bytes, 1));
}

ContentMark joint_mark(std::initializer_list<ContentMark> marks) {
  return content_mark(std::as_bytes(std::span(marks.begin(), marks.size())));
}

}  // namespace weft
