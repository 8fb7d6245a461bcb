#include "http/testing/certificates.h"

#include <cstdlib>
#include <stdexcept>

namespace weft::http::testing {
namespace {

constexpr const char* local_names = "DNS:localhost,IP:127.0.0.1";
constexpr const char* new_key = " -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

}  // namespace

Certificates::Certificates() {
  std::string pattern = std::filesystem::temp_directory_path() / "weft-certificates-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder for certificates");
  folder_ = pattern;
  run(std::string("req -x509") + new_key + " -keyout ca.key -out ca.pem -days 2 -subj /CN=weft-test-authority");
  sign("good", local_names, "2");
  sign("other", "DNS:elsewhere.example", "2");
  sign("expired", local_names, "-1");
  run(std::string("req -x509") + new_key + " -keyout self.key -out self.pem -days 2 -subj /CN=localhost -addext " +
      "subjectAltName=" + local_names);
}

Certificates::~Certificates() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Certificates::sign(const std::string& name, const std::string& names, const std::string& days) {
  run(std::string("req") + new_key + " -keyout " + name + ".key -out " + name + ".csr -subj /CN=" + name +
      " -addext subjectAltName=" + names);
  run("x509 -req -in " + name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copy -days " + days +
      " -out " + name + ".pem");
}

void Certificates::run(const std::string& arguments) {
  const std::string command = "cd " + folder_.string() + " && openssl " + arguments + " >/dev/null 2>&1";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: openssl " + arguments);
}

}  // namespace weft::http::testing
