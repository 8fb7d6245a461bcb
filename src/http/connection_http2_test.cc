// How a client chooses HTTP/2 on a connection that could be either.
#include <gtest/gtest.h>

#include "http/testing/connection_fixture.h"

namespace weft::http {
namespace {

using testing::hello;
using testing::is_status;

const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

class Http2Choice : public testing::ConnectionTest {
 protected:
  bool speaks = true;
  std::unique_ptr<Transport> given;  // away, for HTTP/2
  std::string given_bytes;

  bool speaks_http2() const override { return speaks; }
  void on_http2(ServerConnection&, std::unique_ptr<Transport> away, std::string client_address,
                std::string received) override {
    EXPECT_EQ(client_address, "192.0.2.1:4711");
    given = std::move(away);
    given_bytes = std::move(received);
    is_open = false;
  }
};

TEST_F(Http2Choice, ThePrefaceGivesTheTransportAwayWithAllThatCame) {
  open();
  send(preface + "more");
  ASSERT_NE(given, nullptr);
  EXPECT_EQ(given_bytes, preface + "more");
  EXPECT_EQ(transport->sent, "");
  EXPECT_FALSE(transport->closed);
  EXPECT_FALSE(transport->is_reading());
}

TEST_F(Http2Choice, ThePrefaceIsKnownHoweverItArrives) {
  for (std::size_t piece = 1; piece < preface.size(); ++piece) {
    given = nullptr;
    open();
    transport->piece = piece;
    send(preface);
    ASSERT_NE(given, nullptr) << piece;
    EXPECT_EQ(given_bytes + transport->incoming, preface);
  }
}

TEST_F(Http2Choice, AfterARequestItIsNoPreface) {
  open();
  EXPECT_EQ(ask(get()), hello);
  EXPECT_TRUE(is_status(ask(preface), 505));
  EXPECT_EQ(given, nullptr);
}

TEST_F(Http2Choice, WithAnythingElseInItItIsNoPreface) {
  for (const char* bytes :
       {"PRI * HTTP/2.0\r\nhost: x\r\n\r\n", "\r\nPRI * HTTP/2.0\r\n\r\n", "GET * HTTP/2.0\r\n\r\n"}) {
    open();
    EXPECT_TRUE(is_status(ask(bytes), 505)) << bytes;
    EXPECT_EQ(given, nullptr);
  }
}

TEST_F(Http2Choice, AServerThatDoesNotSpeakItSaysSo) {
  speaks = false;
  open();
  EXPECT_TRUE(is_status(ask(preface), 505));
  EXPECT_EQ(given, nullptr);
}

TEST_F(Http2Choice, AWishToUpgradeIsIgnored) {
  open();
  EXPECT_EQ(ask(get("/", "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n")),
            hello);
  EXPECT_EQ(ask(get()), hello);
}

}  // namespace
}  // namespace weft::http
