// Certificates for tests, made by the openssl program in a folder that goes away with the object.
#pragma once

#include <filesystem>
#include <string>

#include "http/server.h"
#include "util/pinned.h"

namespace weft::http::testing {

class Certificates : Pinned {
 public:
  Certificates();
  ~Certificates();

  // The authority that signed the first three.
  std::string authority() const { return folder_ / "ca.pem"; }
  // For localhost and 127.0.0.1.
  TlsFiles good() const { return files("good"); }
  // For elsewhere.example.
  TlsFiles other_host() const { return files("other"); }
  // For localhost and 127.0.0.1, until yesterday.
  TlsFiles expired() const { return files("expired"); }
  // For localhost and 127.0.0.1, signed by itself.
  TlsFiles self_signed() const { return files("self"); }

 private:
  TlsFiles files(const std::string& name) const { return {folder_ / (name + ".pem"), folder_ / (name + ".key")}; }
  void sign(const std::string& name, const std::string& names, const std::string& days);
  void run(const std::string& arguments);
  std::filesystem::path folder_;
};

}  // namespace weft::http::testing
