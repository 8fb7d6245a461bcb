// The plain transport on a real socket; TLS is met in server_tls_test.cc.
#include "http/transport.h"

#include <gtest/gtest.h>

#include <boost/asio/write.hpp>

namespace weft::http {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

class User final : public TransportUser {
 public:
  void on_handshake(bool) override { ADD_FAILURE(); }
  void on_read(std::size_t count) override { read = count; }
  void on_written(std::size_t count) override { written = count; }
  void on_ended() override { ADD_FAILURE(); }
  std::optional<std::size_t> read;
  std::optional<std::size_t> written;
};

class PlainTransportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Tcp::acceptor acceptor(peers_loop_, {asio::ip::address_v4::loopback(), 0});
    // Little room, so that it can be filled.
    Socket accepted(loop);
    peer.open(Tcp::v4());
    peer.set_option(Tcp::socket::receive_buffer_size(4096));
    peer.connect(acceptor.local_endpoint());
    acceptor.accept(accepted);
    accepted.set_option(Tcp::socket::send_buffer_size(4096));
    accepted.non_blocking(true);
    transport = make_transport(std::move(accepted));
  }
  // Until `done`.
  template <class Done>
  void turn_until(Done done) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!done()) {
      loop.restart();
      loop.run_one_for(50ms);
      ASSERT_LT(std::chrono::steady_clock::now(), until) << "nothing happens any more";
    }
  }
  // What the peer gets until the end of it, and how that looks.
  std::string peer_reads_all() {
    std::string all;
    char bytes[4096];
    while (const std::size_t count = peer.read_some(asio::buffer(bytes), peers_error)) all.append(bytes, count);
    return all;
  }

  Loop loop;
  std::unique_ptr<Transport> transport;
  std::shared_ptr<User> user = std::make_shared<User>();
  asio::io_context peers_loop_;
  Tcp::socket peer{peers_loop_};
  error_code peers_error;
  std::array<char, 16> room{};
};

TEST_F(PlainTransportTest, HasNeitherHandshakeNorFarewell) {
  EXPECT_EQ(transport->scheme(), "http");
  EXPECT_FALSE(transport->handshake(user));
  EXPECT_FALSE(transport->end(user));
}

TEST_F(PlainTransportTest, ReadsWhatComesAndThenTheEnd) {
  transport->read(room, user);
  EXPECT_FALSE(user->read) << "not from within the call";
  asio::write(peer, asio::buffer(std::string_view("hello")));
  turn_until([&] { return user->read.has_value(); });
  EXPECT_EQ(std::string_view(room.data(), *user->read), "hello");
  user->read.reset();
  peer.shutdown(Tcp::socket::shutdown_send);
  transport->read(room, user);
  turn_until([&] { return user->read.has_value(); });
  EXPECT_EQ(*user->read, 0u);
}

TEST_F(PlainTransportTest, WritesPartsInOrderEmptyOnesToo) {
  EXPECT_EQ(transport->write_now({"only", "", ""}), 4u);
  EXPECT_EQ(transport->write_now({"", "piece", ""}), 5u);
  EXPECT_EQ(transport->write_now({"a", "b", "c"}), 3u);
  transport->close();
  EXPECT_EQ(peer_reads_all(), "onlypieceabc");
  EXPECT_EQ(peers_error, asio::error::eof);
}

TEST_F(PlainTransportTest, TakesOnlyWhatFitsAndGoesOnWhenThereIsRoom) {
  const std::string large(1 << 20, 'x');
  std::size_t taken = 0;
  while (const std::size_t count = transport->write_now({large, "", ""}).value()) taken += count;
  EXPECT_GT(taken, 0u);
  EXPECT_GT(transport->unsent(), 0u);
  transport->write({large, "", ""}, user);
  loop.poll();
  EXPECT_FALSE(user->written);
  peer.non_blocking(true);
  std::size_t got = 0;
  turn_until([&] {
    char bytes[4096];
    error_code error;
    got += peer.read_some(asio::buffer(bytes), error);
    return user->written.has_value();
  });
  EXPECT_GT(*user->written, 0u);
  EXPECT_LE(got, taken + *user->written);
}

TEST_F(PlainTransportTest, SaysWhenNothingGoesAnyMore) {
  peer.set_option(Tcp::socket::linger(true, 0));
  peer.close();
  turn_until([&] { return !transport->write_now({"x", "", ""}); });
  transport->write({"x", "", ""}, user);
  turn_until([&] { return user->written.has_value(); });
  EXPECT_EQ(*user->written, 0u);
}

TEST_F(PlainTransportTest, HasInputWhenThereAreBytesOrTheEnd) {
  EXPECT_FALSE(transport->has_input());
  asio::write(peer, asio::buffer(std::string_view("x")));
  turn_until([&] { return transport->has_input(); });
  transport->read(room, user);
  turn_until([&] { return user->read.has_value(); });
  EXPECT_FALSE(transport->has_input());
  peer.shutdown(Tcp::socket::shutdown_send);
  turn_until([&] { return transport->has_input(); });
}

TEST_F(PlainTransportTest, AReadThatIsCancelledEnds) {
  transport->read(room, user);
  transport->cancel_read();
  turn_until([&] { return user->read.has_value(); });
  EXPECT_EQ(*user->read, 0u);
  EXPECT_EQ(transport->write_now({"still", "", ""}), 5u);
}

TEST_F(PlainTransportTest, HalfClosedItStillReads) {
  transport->half_close();
  EXPECT_EQ(peer_reads_all(), "");
  EXPECT_EQ(peers_error, asio::error::eof);
  asio::write(peer, asio::buffer(std::string_view("late")));
  transport->read(room, user);
  turn_until([&] { return user->read.has_value(); });
  EXPECT_EQ(*user->read, 4u);
}

TEST_F(PlainTransportTest, ClosedItEndsEverythingAndLetsItsUserGo) {
  const std::string large(1 << 20, 'x');
  while (transport->write_now({large, "", ""}).value() > 0) continue;
  transport->read(room, user);
  transport->write({large, "", ""}, user);
  transport->close();
  turn_until([&] { return user->read.has_value() && user->written.has_value(); });
  EXPECT_EQ(*user->read, 0u);
  EXPECT_EQ(*user->written, 0u);
  EXPECT_EQ(user.use_count(), 1);
}

TEST_F(PlainTransportTest, AnAbruptEndLooksLikeAFailure) {
  transport->close_abruptly();
  EXPECT_EQ(peer_reads_all(), "");
  EXPECT_EQ(peers_error, asio::error::connection_reset);
}

}  // namespace
}  // namespace weft::http
