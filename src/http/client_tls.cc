#include "http/client_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "http/mozilla_roots.h"

namespace weft::http {

namespace asio = boost::asio;

Result<std::shared_ptr<const ClientTls>> ClientTls::create(const ClientTlsFiles& files) {
  std::shared_ptr<ClientTls> made(new ClientTls);
  CHECK_OK(made->load(files));
  return made;
}

Result<void> ClientTls::load(const ClientTlsFiles& files) {
  boost::system::error_code error;
  const auto failed = [&](std::string_view what, const std::string& file) {
    std::string text(what);
    if (!file.empty()) text += " " + file;
    return fail(Errc::invalid, text + ": " + error.message());
  };
  context_.set_options(
      asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
  if (files.system_roots) {
    context_.set_default_verify_paths(error);
    if (error) return failed("the system's trusted certificates", {});
  }
  if (files.mozilla_roots) {
    context_.add_certificate_authority(asio::buffer(mozilla_roots()), error);
    if (error) return failed("Mozilla's list of authorities", {});
  }
  if (!files.roots_file.empty()) {
    context_.load_verify_file(files.roots_file, error);
    if (error) return failed("trusted certificates", files.roots_file);
  }
  if (!files.certificate_file.empty()) {
    context_.use_certificate_chain_file(files.certificate_file, error);
    if (error) return failed("the client's certificate", files.certificate_file);
    // A key with a password has nobody who could give it.
    context_.set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string(); },
                                   error);
    context_.use_private_key_file(files.key_file, asio::ssl::context::pem, error);
    if (error.category() == asio::error::get_ssl_category() &&
        ERR_GET_REASON(static_cast<unsigned long>(error.value())) == X509_R_KEY_VALUES_MISMATCH) {
      return fail(Errc::invalid,
                  "the private key " + files.key_file + " is not that of the certificate " + files.certificate_file);
    }
    if (error) return failed("the client's private key", files.key_file);
  }
  static constexpr unsigned char protocols[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(context_.native_handle(), protocols, sizeof protocols - 1);
  return {};
}

}  // namespace weft::http
