// How a client greets a server under TLS: whom it trusts, and who it says it is.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "util/error.h"
#include "util/pinned.h"

namespace weft::http {

// PEM files; empty: none.
struct ClientTlsFiles {
  bool system_roots = true;      // trust whom the system trusts (SSL_CERT_FILE and SSL_CERT_DIR are heeded)
  bool mozilla_roots = false;    // trust Mozilla's list too, as the program carries it
  std::string roots_file;        // trust these too
  std::string certificate_file;  // the client's own, with those that signed it
  std::string key_file;
};

// Immutable; shared by all loops.
class ClientTls : Pinned {
 public:
  // The error names the file.
  static Result<std::shared_ptr<const ClientTls>> create(const ClientTlsFiles& files);

  // For new connections, on any thread.
  boost::asio::ssl::context& context() const { return context_; }

 private:
  ClientTls() : context_(boost::asio::ssl::context::tls_client) {}
  Result<void> load(const ClientTlsFiles& files);

  mutable boost::asio::ssl::context context_;
};

}  // namespace weft::http
