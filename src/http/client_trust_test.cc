// Whom single requests trust under TLS, and what becomes of connections that are not kept.
#include <gtest/gtest.h>

#include <fstream>

#include "http/client.h"
#include "http/client_tls.h"
#include "http/server.h"
#include "http/testing/certificates.h"
#include "http/testing/client_fixture.h"
#include "http/testing/raw_server.h"

namespace weft::http {
namespace {

using testing::Certificates;
using testing::ClientTest;
using testing::Peer;
using testing::RawServer;

class Greeter final : public Handler {
 public:
  void handle(std::shared_ptr<Exchange> exchange) override { exchange->respond({}, "hello"); }
};

class ClientTrust : public ClientTest {
 protected:
  static void SetUpTestSuite() { certificates = new Certificates; }
  static void TearDownTestSuite() { delete certificates; }

  ClientRequest secure(std::shared_ptr<const ClientTls> tls) {
    ClientRequest request = request_to(port);
    request.origin.tls = true;
    request.origin.host = "localhost";
    request.tls = std::move(tls);
    return request;
  }
  static std::string refusal(const ClientTlsFiles& files) {
    const auto made = ClientTls::create(files);
    return made ? "" : made.error().message();
  }

  static Certificates* certificates;
  Greeter greeter;
  unsigned short port = 0;
};
Certificates* ClientTrust::certificates = nullptr;

TEST_F(ClientTrust, ARequestTrustsWhomItsOwnSettingNames) {
  Server server(loop, ServerOptions{}, greeter);
  port = server.listen({.host = "127.0.0.1", .port = 0, .tls = certificates->good()}).value();
  const auto trusting = ClientTls::create({.system_roots = false,
                                           .mozilla_roots = false,
                                           .roots_file = certificates->authority(),
                                           .certificate_file = {},
                                           .key_file = {}});
  ASSERT_TRUE(trusting) << trusting.error().message();
  EXPECT_EQ(ask(secure(*trusting)).body, "hello");
  // Of another owner: the connection from before is not for it.
  ClientRequest other = secure(nullptr);
  other.owner = "other";
  EXPECT_EQ(ask(other).fault(), ClientFault::tls_certificate);
  // The system does not know the authority, and nobody else is trusted.
  const auto of_system = ClientTls::create({}).value();
  other.tls = of_system;
  EXPECT_EQ(ask(other).fault(), ClientFault::tls_certificate);
}

TEST_F(ClientTrust, MozillasListDoesNotHaveAnAuthorityOfOurOwnAndGoesWithOne) {
  Server server(loop, ServerOptions{}, greeter);
  port = server.listen({.host = "127.0.0.1", .port = 0, .tls = certificates->good()}).value();
  const auto with = [&](std::string roots_file) {
    return secure(ClientTls::create({.system_roots = false,
                                     .mozilla_roots = true,
                                     .roots_file = std::move(roots_file),
                                     .certificate_file = {},
                                     .key_file = {}})
                      .value());
  };
  EXPECT_EQ(ask(with({})).fault(), ClientFault::tls_certificate);
  ClientRequest both = with(certificates->authority());
  both.owner = "other";
  EXPECT_EQ(ask(both).body, "hello");
}

TEST_F(ClientTrust, FilesThatCannotBeUsedAreNamed) {
  const TlsFiles good = certificates->good(), other = certificates->other_host();
  const auto own = [](std::string certificate, std::string key) {
    return ClientTlsFiles{.system_roots = true,
                          .mozilla_roots = false,
                          .roots_file = {},
                          .certificate_file = std::move(certificate),
                          .key_file = std::move(key)};
  };
  EXPECT_EQ(refusal(own(good.certificate_chain, good.private_key)), "");
  EXPECT_NE(refusal(own(good.certificate_chain, other.private_key)).find("is not that of the certificate"),
            std::string::npos);
  EXPECT_NE(refusal(own("/nowhere/cert.pem", good.private_key)).find("/nowhere/cert.pem"), std::string::npos);
  EXPECT_NE(refusal(own(good.certificate_chain, "/nowhere/key.pem")).find("/nowhere/key.pem"), std::string::npos);
  const std::string empty = certificates->authority() + ".empty";
  std::ofstream(empty).close();
  EXPECT_NE(
      refusal(
          {.system_roots = false, .mozilla_roots = false, .roots_file = empty, .certificate_file = {}, .key_file = {}})
          .find(empty),
      std::string::npos);
}

TEST_F(ClientTrust, AConnectionIsNotKeptWhenNoneShallBe) {
  RawServer server([](Peer& peer) {
    while (!peer.read_head().empty()) peer.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  });
  options.pool.keep = false;
  for (unsigned i = 0; i < 3; ++i) {
    EXPECT_EQ(ask(request_to(server.port())).status, 200u);
    server.wait_for_end(i);
  }
  EXPECT_EQ(server.connections(), 3u);
  EXPECT_EQ(made_client().connections(), 0u);
}

}  // namespace
}  // namespace weft::http
