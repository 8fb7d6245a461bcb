#include <gtest/gtest.h>

#include "http/client.h"
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
  void handle(std::shared_ptr<Exchange> exchange) override {
    BodyPipe& in = exchange->request_body();
    in.on_readable = [exchange = exchange.get(), &in] {
      if (in.ended()) exchange->respond({}, "hello " + in.take_all());
    };
    if (in.ended()) in.on_readable();
    kept_.push_back(std::move(exchange));
  }

 private:
  std::vector<std::shared_ptr<Exchange>> kept_;
};

class ClientTls : public ClientTest {
 protected:
  static void SetUpTestSuite() { certificates = new Certificates; }
  static void TearDownTestSuite() { delete certificates; }
  void SetUp() override { options.dial.ca_file = certificates->authority(); }

  std::unique_ptr<Server> serve(TlsFiles files, unsigned short& port) {
    auto server = std::make_unique<Server>(loop, ServerOptions{}, greeter);
    port = server->listen({.host = "127.0.0.1", .port = 0, .tls = std::move(files)}).value();
    return server;
  }
  static ClientRequest secure(unsigned short port, std::string host = "localhost") {
    ClientRequest request = request_to(port, "POST");
    request.origin.tls = true;
    request.origin.host = std::move(host);
    return request;
  }
  // What a client makes of a server with these certificates.
  Answer answer_with(TlsFiles files, std::string host = "localhost") {
    unsigned short port = 0;
    const auto server = serve(std::move(files), port);
    return ask(secure(port, std::move(host)), "world");
  }

  static Certificates* certificates;
  Greeter greeter;
};
Certificates* ClientTls::certificates = nullptr;

TEST_F(ClientTls, ARequestIsAnsweredUnderTheServersNameAndAddress) {
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const Answer answer = answer_with(certificates->good(), host);
    EXPECT_FALSE(answer.error) << answer.error->message();
    EXPECT_EQ(answer.body, "hello world");
  }
}

TEST_F(ClientTls, AConnectionServesManyRequests) {
  unsigned short port = 0;
  const auto server = serve(certificates->good(), port);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask(secure(port), std::to_string(i)).body, "hello " + std::to_string(i));
  EXPECT_EQ(server->connections(), 1u);
}

TEST_F(ClientTls, LargeBodiesPass) {
  unsigned short port = 0;
  const auto server = serve(certificates->good(), port);
  const auto exchange = start_streaming(secure(port));
  std::size_t written = 0;
  std::size_t received = 0;
  constexpr std::size_t size = 48 << 10;  // the greeter collects it
  turn_until([&] {
    BodyPipe& out = exchange->request_body();
    while (written < size && out.writable() > 0) {
      const std::size_t count = std::min({out.writable(), std::size_t{1000}, size - written});
      out.write(std::string(count, 'x'));
      written += count;
      if (written == size) out.finish();
    }
    received += exchange->response_body().take_all().size();
    return exchange->response_body().at_end();
  });
  EXPECT_EQ(received, size + 6);
}

TEST_F(ClientTls, ACertificateForAnotherHostIsNotAccepted) {
  const Answer answer = answer_with(certificates->other_host());
  EXPECT_EQ(answer.fault(), ClientFault::tls_certificate);
  EXPECT_NE(answer.error->detail.find("ostname mismatch"), std::string::npos) << answer.error->detail;
  EXPECT_EQ(answer_with(certificates->other_host(), "127.0.0.1").fault(), ClientFault::tls_certificate);
}

TEST_F(ClientTls, AnExpiredCertificateIsNotAccepted) {
  const Answer answer = answer_with(certificates->expired());
  EXPECT_EQ(answer.fault(), ClientFault::tls_certificate);
  EXPECT_NE(answer.error->detail.find("expired"), std::string::npos) << answer.error->detail;
}

TEST_F(ClientTls, ACertificateThatNobodyTrustedSignedIsNotAccepted) {
  EXPECT_EQ(answer_with(certificates->self_signed()).fault(), ClientFault::tls_certificate);
  // Without the authority's file the system's are trusted, and none of these signed it.
  options.dial.ca_file.clear();
  client.reset();
  EXPECT_EQ(answer_with(certificates->good()).fault(), ClientFault::tls_certificate);
}

TEST_F(ClientTls, TheProcessItselfNeedsNoCertificate) {
  unsigned short port = 0;
  const auto server = serve(certificates->self_signed(), port);
  ClientRequest request = secure(port, "127.0.0.1");
  request.to_self = true;
  EXPECT_EQ(ask(request, "me").body, "hello me");
}

TEST_F(ClientTls, AMissingFileOfAuthoritiesIsAnErrorOfOurs) {
  options.dial.ca_file = "/nonexistent/ca.pem";
  const Answer answer = answer_with(certificates->good());
  EXPECT_EQ(answer.fault(), ClientFault::internal);
  EXPECT_NE(answer.error->detail.find("/nonexistent/ca.pem"), std::string::npos);
}

TEST_F(ClientTls, AServerWithoutTlsIsATlsError) {
  RawServer server([](Peer& peer) {
    peer.read(1);
    peer.write("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
  });
  EXPECT_EQ(ask(secure(server.port())).fault(), ClientFault::tls_protocol);
}

TEST_F(ClientTls, AnAlertIsTold) {
  RawServer server([](Peer& peer) {
    peer.read(1);
    peer.write(std::string_view("\x15\x03\x03\x00\x02\x02\x28", 7));  // fatal, handshake_failure
    peer.read_to_end();
  });
  const Answer answer = ask(secure(server.port()));
  EXPECT_EQ(answer.fault(), ClientFault::tls_alert);
  EXPECT_EQ(answer.error->number, 40u);
}

TEST_F(ClientTls, AnEndWithinTheHandshakeIsTermination) {
  RawServer server([](Peer& peer) { peer.read(1); });
  EXPECT_EQ(ask(secure(server.port())).fault(), ClientFault::connection_terminated);
}

TEST_F(ClientTls, AHandshakeThatStallsEndsAtTheConnectTimeout) {
  RawServer server([](Peer& peer) { peer.read_to_end(); });
  ClientRequest request = secure(server.port());
  request.timeouts.connect = std::chrono::milliseconds(60);
  EXPECT_EQ(ask(request).fault(), ClientFault::connect_timeout);
  EXPECT_EQ(made_client().connections(), 0u);
}

TEST_F(ClientTls, TheHelloNamesTheHostAndHttp11) {
  std::string hello;
  RawServer server([&](Peer& peer) {
    const std::string header = peer.read(5);
    hello = peer.read(static_cast<unsigned char>(header[3]) * 256u + static_cast<unsigned char>(header[4]));
  });
  ask(secure(server.port()));
  server.wait_for_end(0);
  EXPECT_NE(hello.find("localhost"), std::string::npos);
  EXPECT_NE(hello.find("\x08http/1.1"), std::string::npos);
  ask(secure(server.port(), "127.0.0.1"));
  server.wait_for_end(1);
  EXPECT_EQ(hello.find("127.0.0.1"), std::string::npos);
}

}  // namespace
}  // namespace weft::http
