// The server under TLS, met by OpenSSL's own client and by clients that do not speak it.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "http/testing/certificates.h"
#include "http/testing/raw_client.h"
#include "http/testing/running_server.h"

namespace weft::http {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using testing::echo;
using testing::eventually;
using testing::get;
using testing::get_and_close;
using testing::RawClient;
using testing::RunningServer;
using testing::say_hello;
using namespace std::chrono_literals;

const testing::Certificates& certificates() {
  static const testing::Certificates made;
  return made;
}

ListenOptions tls_options() {
  ListenOptions options;
  options.tls = certificates().good();
  return options;
}

class TlsClient {
 public:
  explicit TlsClient(unsigned short port) {
    context_.load_verify_file(certificates().authority());
    context_.set_verify_mode(asio::ssl::verify_peer);
    stream_.next_layer().connect({asio::ip::address_v4::loopback(), port});
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(stream_.next_layer().native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    stream_.handshake(asio::ssl::stream_base::client);
  }
  void send(std::string_view bytes) { asio::write(stream_, asio::buffer(bytes)); }
  std::string receive_all() {
    std::string all;
    asio::read(stream_, asio::dynamic_buffer(all), error);
    return all;
  }
  std::string receive(std::size_t count) {
    std::string bytes(count, ' ');
    asio::read(stream_, asio::buffer(bytes));
    return bytes;
  }
  Tcp::socket& socket() { return stream_.next_layer(); }
  boost::system::error_code error;  // of receive_all

 private:
  asio::io_context loop_;
  asio::ssl::context context_{asio::ssl::context::tls_client};
  asio::ssl::stream<Tcp::socket> stream_{loop_, context_};
};

TEST(TlsServer, ServesHttpsAndSaysGoodBye) {
  RunningServer server([](const auto& exchange) { exchange->respond({}, exchange->request().scheme); }, {},
                       tls_options());
  TlsClient client(server.port);
  client.send(get + get_and_close);
  const std::string answers = client.receive_all();
  EXPECT_NE(answers.find("\r\n\r\nhttpsHTTP/1.1 200 OK\r\n"), std::string::npos) << answers;
  EXPECT_TRUE(answers.ends_with("https"));
  // Without TLS's own end, the client could not tell the answer from one that was cut short.
  EXPECT_EQ(client.error, asio::error::eof);
}

TEST(TlsServer, StreamsBothWaysAtOnce) {
  RunningServer server(echo, {}, tls_options());
  TlsClient client(server.port);
  const std::size_t total = 8 << 20, piece = 64 << 10;
  const std::string bytes(piece, 'z');
  client.send("POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: " + std::to_string(total) +
              "\r\n\r\n");
  std::size_t seen = 0;
  // In turns, as one TLS stream is not for two threads: the server must send before it has received all.
  for (std::size_t sent = 0; sent < total; sent += piece) {
    client.send(bytes);
    if (sent < total / 2) continue;
    const std::string some = client.receive(piece / 2);
    seen += static_cast<std::size_t>(std::count(some.begin(), some.end(), 'z'));
  }
  const std::string rest = client.receive_all();
  seen += static_cast<std::size_t>(std::count(rest.begin(), rest.end(), 'z'));
  EXPECT_EQ(seen, total);
  EXPECT_TRUE(rest.ends_with("0\r\n\r\n"));
}

TEST(TlsServer, ClosesWhoDoesNotFinishTheHandshake) {
  Limits limits;
  limits.head_timeout = 60ms;
  RunningServer server(say_hello, limits, tls_options());
  RawClient silent(server.port), begun(server.port);
  begun.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_EQ(silent.receive_all(), "");
  EXPECT_EQ(begun.receive_all(), "");
  EXPECT_EQ(server.requests, 0);
}

TEST(TlsServer, ClosesWhoSpeaksSomethingElse) {
  RunningServer server(say_hello, {}, tls_options());
  RawClient plain(server.port), garbage(server.port);
  plain.send(get);
  EXPECT_EQ(plain.receive_all().find("HTTP/1.1 200"), std::string::npos);
  garbage.send(std::string(100'000, '\xff'));
  garbage.receive_all();
  EXPECT_EQ(server.requests, 0);
  EXPECT_TRUE(eventually([&] { return server.connections() == 0; }));
}

TEST(TlsServer, ATlsClientOfAPlainServerIsRefusedAtOnce) {
  RunningServer server(say_hello);
  RawClient client(server.port);
  client.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 400 "));
}

TEST(TlsServer, AClientMayVanishWithoutGoodBye) {
  std::atomic<int> gone = 0;
  std::vector<std::shared_ptr<Exchange>> kept;
  RunningServer server(
      [&](auto exchange) {
        exchange->on_client_gone = [&] { ++gone; };
        kept.push_back(exchange);
      },
      {}, tls_options());
  for (int i = 1; i <= 3; ++i) {
    TlsClient client(server.port);
    client.send(get);
    ASSERT_TRUE(eventually([&] { return server.requests == i; }));
    if (i == 1) client.socket().shutdown(Tcp::socket::shutdown_send);
    if (i == 2) client.socket().set_option(Tcp::socket::linger(true, 0));
    if (i != 1) client.socket().close();
    EXPECT_TRUE(eventually([&] { return gone == i; }));
  }
  EXPECT_TRUE(eventually([&] { return server.connections() == 0; }));
  server.run([&] { kept.clear(); });
}

TEST(TlsServer, DrainingClosesIdleConnections) {
  RunningServer server(say_hello, {}, tls_options());
  TlsClient client(server.port);
  client.send(get);
  client.receive(40);
  std::atomic<bool> drained = false;
  server.run([&] { server.server().drain(20s, [&] { drained = true; }); });
  client.receive_all();
  EXPECT_EQ(client.error, asio::error::eof);
  client.socket().close();
  EXPECT_TRUE(eventually([&] { return drained.load(); }));
}

TEST(TlsServer, FilesThatAreNoneAreAnErrorThatNamesThem) {
  Loop loop;
  struct Nobody : Handler {
    void handle(std::shared_ptr<Exchange>) override {}
  } nobody;
  ListenOptions options = tls_options();
  options.tls->certificate_chain = "/no/such/chain.pem";
  auto listening = Server(loop, {}, nobody).listen(options);
  ASSERT_FALSE(listening);
  EXPECT_NE(listening.error().message().find("/no/such/chain.pem"), std::string::npos);
  options = tls_options();
  options.tls->private_key = certificates().self_signed().private_key;
  listening = Server(loop, {}, nobody).listen(options);
  ASSERT_FALSE(listening);
  EXPECT_NE(listening.error().message().find("self.key"), std::string::npos);
}

}  // namespace
}  // namespace weft::http
