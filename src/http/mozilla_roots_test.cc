#include "http/mozilla_roots.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "http/client_tls.h"

namespace weft::http {
namespace {

struct Delete {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};

std::vector<std::unique_ptr<X509, Delete>> certificates() {
  const std::string_view pem = mozilla_roots();
  const std::unique_ptr<BIO, Delete> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<std::unique_ptr<X509, Delete>> all;
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) all.emplace_back(next);
  return all;
}

std::string name_of(X509* certificate) {
  char text[256] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text, sizeof text);
  return text;
}

// What is neither a certificate nor white space would end the list for whoever reads it.
TEST(MozillaRoots, EveryCertificateOfTheListIsReadAndIsAnAuthority) {
  std::size_t begun = 0;
  for (std::size_t at = 0; (at = mozilla_roots().find("-----BEGIN", at)) != std::string_view::npos; ++at) ++begun;
  const auto all = certificates();
  EXPECT_EQ(all.size(), begun);
  EXPECT_GT(all.size(), 100u);
  std::set<std::string> names;
  for (const auto& certificate : all) {
    EXPECT_EQ(X509_check_ca(certificate.get()), 1) << name_of(certificate.get());
    names.insert(name_of(certificate.get()));
  }
  EXPECT_TRUE(names.contains("ISRG Root X1"));
  EXPECT_TRUE(names.contains("DigiCert Global Root G2"));
}

TEST(MozillaRoots, AClientThatTrustsTheListTrustsEachOfThemAndNobodyElse) {
  const auto trusts = [](const ClientTls& tls, X509* certificate) {
    const std::unique_ptr<X509_STORE_CTX, Delete> context(X509_STORE_CTX_new());
    X509_STORE* store = SSL_CTX_get_cert_store(tls.context().native_handle());
    EXPECT_EQ(X509_STORE_CTX_init(context.get(), store, certificate, nullptr), 1);
    // The list is older than the clock of whoever runs this.
    X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_NO_CHECK_TIME);
    return X509_verify_cert(context.get()) == 1;
  };
  const auto with = [](bool mozilla_roots) {
    return ClientTls::create({.system_roots = false,
                              .mozilla_roots = mozilla_roots,
                              .roots_file = {},
                              .certificate_file = {},
                              .key_file = {}})
        .value();
  };
  const auto trusting = with(true);
  const auto empty = with(false);
  for (const auto& certificate : certificates()) {
    EXPECT_TRUE(trusts(*trusting, certificate.get())) << name_of(certificate.get());
    EXPECT_FALSE(trusts(*empty, certificate.get())) << name_of(certificate.get());
  }
  const STACK_OF(X509_OBJECT)* kept =
      X509_STORE_get0_objects(SSL_CTX_get_cert_store(trusting->context().native_handle()));
  EXPECT_EQ(static_cast<std::size_t>(sk_X509_OBJECT_num(kept)), certificates().size());
}

}  // namespace
}  // namespace weft::http
