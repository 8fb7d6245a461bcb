#include "http/server.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "http/testing/raw_client.h"
#include "http/testing/running_server.h"

namespace weft::http {
namespace {

using testing::echo;
using testing::eventually;
using testing::get;
using testing::get_and_close;
using testing::RawClient;
using testing::RunningServer;
using testing::say_hello;
using namespace std::chrono_literals;

// ---- listening ----

TEST(Server, ServesManyRequestsOnOneConnection) {
  RunningServer server(say_hello);
  RawClient client(server.port);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(client.send(get));
    const std::string response = client.receive_response();
    EXPECT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\n")) << response;
    EXPECT_TRUE(response.ends_with("\r\n\r\nhello")) << response;
  }
  EXPECT_EQ(server.connections(), 1u);
  client.close();
  EXPECT_TRUE(eventually([&] { return server.connections() == 0; }));
}

TEST(Server, TellsTheClientsAddress) {
  RunningServer server([](const auto& exchange) { exchange->respond({}, exchange->request().client_address); });
  RawClient client(server.port);
  client.send(get_and_close);
  EXPECT_NE(client.receive_all().find("\r\n\r\n127.0.0.1:"), std::string::npos);
}

TEST(Server, ListensOnIPv6) {
  RunningServer server(say_hello, {}, {.host = "::1", .tls = {}});
  EXPECT_NE(server.port, 0);
}

TEST(Server, SeveralLoopsShareOneChosenPort) {
  RunningServer first(say_hello);
  RunningServer second(say_hello, {}, {.port = first.port, .join = true, .tls = {}});
  EXPECT_EQ(second.port, first.port);
  for (int i = 0; i < 500 && (first.requests == 0 || second.requests == 0); ++i) {
    RawClient client(first.port);
    client.send(get_and_close);
    EXPECT_TRUE(client.receive_all().ends_with("hello"));
  }
  EXPECT_GT(first.requests, 0);
  EXPECT_GT(second.requests, 0);
}

class Listening : public ::testing::Test, public Handler {
 protected:
  void handle(std::shared_ptr<Exchange>) override {}
  Result<unsigned short> listen(const ListenOptions& options) { return Server(loop_, {}, *this).listen(options); }
  Loop loop_;
};

TEST_F(Listening, OnATakenPortIsAnErrorThatNamesTheAddress) {
  RunningServer other(say_hello);
  const auto listening = listen({.port = other.port, .tls = {}});
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().code(), Errc::unavailable);
  EXPECT_NE(listening.error().message().find("127.0.0.1:" + std::to_string(other.port)), std::string::npos);
}

TEST_F(Listening, OnAnUnknownHostIsAnErrorThatNamesIt) {
  const auto listening = listen({.host = "no.such.host.invalid", .tls = {}});
  ASSERT_FALSE(listening);
  EXPECT_NE(listening.error().message().find("no.such.host.invalid"), std::string::npos);
}

TEST_F(Listening, ConnectionsAboveTheLimitWaitForTheirTurn) {
  Limits limits;
  limits.connections = 2;
  RunningServer server(say_hello, limits);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port));
    clients.back()->send(get);
  }
  for (auto& client : clients) {
    EXPECT_LE(server.connections(), 2u);
    EXPECT_TRUE(client->receive_response().ends_with("hello"));
    client->close();
  }
}

TEST_F(Listening, WithoutFreeDescriptorsGoesOnWhenThereAreSome) {
  RunningServer server(say_hello);
  RawClient client;
  rlimit limit;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlimit none_left = limit;
  const int next = ::dup(0);
  ::close(next);
  none_left.rlim_cur = static_cast<rlim_t>(next);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none_left), 0);
  client.connect(server.port);
  client.send(get_and_close);
  EXPECT_TRUE(eventually([&] { return !server.log().empty(); }));
  std::this_thread::sleep_for(200ms);  // some more attempts fail meanwhile
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_TRUE(client.receive_all().ends_with("hello"));
  EXPECT_EQ(server.log().size(), 1u) << "one line for one shortage";
}

// ---- clients ----

TEST(Server, AClientMayVanishAtAnyStage) {
  // A write to a socket whose peer has gone must not be the end of the process.
  ASSERT_EQ(std::signal(SIGPIPE, SIG_DFL), SIG_DFL);
  RunningServer server(echo);
  const std::string request = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n" + std::string(50'000, 'x');
  for (const std::size_t sent : {0uz, 1uz, 30uz, request.find("\r\n\r\n") + 4, request.size()}) {
    for (const bool reset : {false, true}) {
      RawClient client(server.port);
      client.send(std::string_view(request).substr(0, sent));
      if (sent == request.size()) client.receive();
      if (reset) client.reset();
    }
  }
  EXPECT_TRUE(eventually([&] { return server.connections() == 0; }));
  RawClient client(server.port);
  client.send(get_and_close);
  EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 200"));
}

TEST(Server, AHandlerLearnsThatItsClientHasGone) {
  std::atomic<int> gone = 0;
  std::vector<std::shared_ptr<Exchange>> kept;
  RunningServer server([&](auto exchange) {
    exchange->on_client_gone = [&] { ++gone; };
    kept.push_back(exchange);
  });
  for (int i = 1; i <= 3; ++i) {
    RawClient client(server.port);
    client.send(get);
    ASSERT_TRUE(eventually([&] { return server.requests == i; }));
    if (i == 1) client.half_close();
    if (i == 2) client.reset();
    if (i == 3) client.close();
    EXPECT_TRUE(eventually([&] { return gone == i; }));
  }
  server.run([&] { kept.clear(); });
}

TEST(Server, AClientThatDoesNotReadCostsLittleMemory) {
  std::atomic<std::size_t> written = 0;
  RunningServer server([&](const auto& exchange) {
    BodyPipe& body = exchange->respond_streaming({});
    const auto pump = [&] {
      while (body.writable() > 0) {
        body.write(std::string(std::min<std::size_t>(body.writable(), 10'000), 'x'));
        written += 10'000;
      }
    };
    body.on_writable = pump;
    pump();
  });
  RawClient client;
  client.set_receive_buffer(10'000);
  client.connect(server.port);
  client.send(get);
  std::size_t before = 1;
  // Until the kernel's buffers are full.
  EXPECT_TRUE(eventually([&] {
    std::this_thread::sleep_for(50ms);
    return std::exchange(before, written) == written;
  }));
  EXPECT_LT(written, 32u << 20);
  EXPECT_GT(client.receive()->size(), 0u);
}

TEST(Server, ABodyStreamsBothWaysAtOnce) {
  RunningServer server(echo);
  RawClient client(server.port);
  const std::size_t total = 30 << 20;
  client.send("POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: " + std::to_string(total) +
              "\r\n\r\n");
  std::jthread sender([&] {
    for (std::size_t sent = 0; sent < total; sent += 1 << 20) client.send(std::string(1 << 20, 'z'));
  });
  const std::string response = client.receive_all();
  EXPECT_TRUE(response.ends_with("\r\n0\r\n\r\n"));
  EXPECT_EQ(std::count(response.begin(), response.end(), 'z'), static_cast<std::ptrdiff_t>(total));
}

TEST(Server, TimeOutsCloseWithTheirStatus) {
  Limits limits;
  limits.head_timeout = 60ms;
  limits.body_timeout = 60ms;
  limits.idle_timeout = 60ms;
  RunningServer server([](const auto&) {}, limits);
  RawClient silent(server.port);
  EXPECT_EQ(silent.receive_all(), "");
  RawClient head(server.port);
  head.send("GET / HTTP/1.1\r\n");
  EXPECT_TRUE(head.receive_all().starts_with("HTTP/1.1 408 "));
  RawClient body(server.port);
  body.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab");
  EXPECT_TRUE(body.receive_all().starts_with("HTTP/1.1 408 "));
}

TEST(Server, AnIdleConnectionIsClosedInTheEnd) {
  Limits limits;
  limits.idle_timeout = 60ms;
  RunningServer server(say_hello, limits);
  RawClient client(server.port);
  client.send(get);
  EXPECT_TRUE(client.receive_all().ends_with("hello"));
}

TEST(Server, AClientThatTakesNothingIsClosedInTheEnd) {
  Limits limits;
  limits.write_timeout = 100ms;
  RunningServer server([](const auto& exchange) { exchange->respond({}, std::string(64 << 20, 'x')); }, limits);
  RawClient client;
  client.set_receive_buffer(10'000);
  client.connect(server.port);
  client.send(get);
  ASSERT_TRUE(eventually([&] { return server.requests == 1; }));
  EXPECT_TRUE(eventually([&] { return server.connections() == 0; }));
}

TEST(Server, ARefusedClientCanReadTheAnswerThoughItIsStillSending) {
  Limits limits;
  limits.body_bytes = 1000;
  RunningServer server(say_hello, limits);
  for (int i = 0; i < 20; ++i) {
    RawClient client(server.port);
    client.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n\r\n" + std::string(200'000, 'x'));
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 413 "));
  }
}

// ---- the end ----

TEST(Server, DrainingFinishesOpenRequestsAndClosesIdleConnections) {
  std::shared_ptr<Exchange> open;
  RunningServer server([&](auto exchange) {
    if (exchange->request().path_with_query == "/slow")
      open = exchange;
    else
      exchange->respond({}, "hello");
  });
  RawClient idle(server.port), busy(server.port);
  idle.send(get);
  idle.receive_response();
  busy.send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return server.requests == 2; }));
  std::atomic<bool> drained = false;
  server.run([&] { server.server().drain(20s, [&] { drained = true; }); });
  EXPECT_EQ(idle.receive_all(), "");
  EXPECT_FALSE(drained);
  EXPECT_THROW(RawClient{server.port}, std::runtime_error);
  server.run([&] { std::exchange(open, nullptr)->respond({}, "done"); });
  const std::string response = busy.receive_all();
  EXPECT_TRUE(response.ends_with("done"));
  EXPECT_NE(response.find("connection: close"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return drained.load(); }));
}

TEST(Server, DrainingServesWhoIsStillInTheQueue) {
  Limits limits;
  limits.connections = 1;
  RunningServer server(say_hello, limits);
  RawClient first(server.port);
  first.send(get);
  first.receive_response();
  // Beyond the limit: not accepted yet.
  RawClient queued(server.port);
  queued.send(get);
  server.run([&] { server.server().drain(20s, [] {}); });
  EXPECT_TRUE(queued.receive_all().ends_with("hello"));
}

TEST(Server, DrainingEndsWhenTheGraceIsOver) {
  std::atomic<bool> drained = false, gone = false;
  std::shared_ptr<Exchange> open;
  Limits limits;
  limits.head_timeout = 100ms;  // for a fine sweep
  RunningServer server(
      [&](auto exchange) {
        open = exchange;
        exchange->on_client_gone = [&] { gone = true; };
      },
      limits);
  RawClient client(server.port);
  client.send(get);
  ASSERT_TRUE(eventually([&] { return server.requests == 1; }));
  server.run([&] { server.server().drain(50ms, [&] { drained = true; }); });
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_TRUE(eventually([&] { return drained.load(); }));
  EXPECT_TRUE(gone);
  server.run([&] { open = nullptr; });
}

TEST(Server, AServerWithoutConnectionsIsDrainedAtOnce) {
  RunningServer server(say_hello);
  bool drained = false;
  server.run([&] {
    server.server().drain(20s, [&] { drained = true; });
    EXPECT_TRUE(drained);
  });
}

TEST(Server, MayGoAwayWithConnectionsInEveryState) {
  for (int i = 0; i < 5; ++i) {
    std::vector<std::shared_ptr<Exchange>> kept;
    std::vector<std::unique_ptr<RawClient>> clients;
    {
      RunningServer server([&](auto exchange) {
        kept.push_back(exchange);
        exchange->respond_streaming({}).write("part");
      });
      for (const std::string& sent : {std::string(), std::string("GET / HT"), get, get + get,
                                      std::string("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n1234")}) {
        clients.push_back(std::make_unique<RawClient>(server.port));
        clients.back()->send(sent);
      }
      ASSERT_TRUE(eventually([&] { return server.requests == 3; }));
    }
    for (auto& exchange : kept) {
      EXPECT_TRUE(exchange->client_gone());
      exchange->response_body().finish();
    }
  }
}

}  // namespace
}  // namespace weft::http
