#include "wasi_sockets/udp_socket.h"

#include <gmock/gmock.h>

#include "abi/trap.h"
#include "wasi_sockets/testing/fixture.h"

namespace weft::wasi_sockets {
namespace {

using testing::bytes_of;
using testing::loopback;
using testing::text_of;
using testing::v4;
using testing::v6;

template <class T>
std::optional<ErrorCode> error(const SocketResult<T>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

std::vector<std::byte> payload(std::string_view text) {
  const auto bytes = bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

class Udp : public testing::SocketTest {
 protected:
  struct End {
    std::unique_ptr<UdpSocket> socket;
    std::unique_ptr<IncomingDatagramStream> incoming;
    std::unique_ptr<OutgoingDatagramStream> outgoing;
    Endpoint at;

    void stream(std::optional<Endpoint> remote) {
      auto streams = socket->stream(remote);
      ASSERT_TRUE(streams);
      std::tie(incoming, outgoing) = *std::move(streams);
    }
    SocketResult<std::uint64_t> send(std::vector<OutgoingDatagram> datagrams) {
      EXPECT_GE(outgoing->check_send().value(), datagrams.size());
      return outgoing->send(datagrams);
    }
    SocketResult<std::uint64_t> send(std::string_view text, std::optional<Endpoint> to = {}) {
      std::vector<OutgoingDatagram> one;
      one.push_back({payload(text), to ? std::optional(to->to_wit()) : std::nullopt});
      return send(std::move(one));
    }
  };
  std::unique_ptr<UdpSocket> make(IpAddressFamily family = IpAddressFamily::ipv4) {
    return std::make_unique<UdpSocket>(OpenSocket::create(loop, family, SOCK_DGRAM, state->limit).value(),
                                       state->access);
  }
  End bound(const Endpoint& at = loopback()) {
    End end{make(at.family()), {}, {}, {}};
    EXPECT_TRUE(end.socket->start_bind(at) && end.socket->finish_bind());
    end.at = end.socket->local_address().value();
    end.stream({});
    return end;
  }
  std::vector<IncomingDatagram> receive(End& end, std::uint64_t most = 100) {
    wait(*end.incoming->readiness());
    return end.incoming->receive(most).value();
  }
};

TEST_F(Udp, DatagramsArriveWithTheirSenders) {
  for (const Endpoint& at : {loopback(), Endpoint(v6({0, 0, 0, 0, 0, 0, 0, 1}, 0))}) {
    End a = bound(at), b = bound(at);
    EXPECT_TRUE(b.incoming->receive(1).value().empty());
    EXPECT_FALSE(b.incoming->readiness()->ready());
    std::vector<OutgoingDatagram> two;
    two.push_back({payload("one"), b.at.to_wit()});
    two.push_back({payload(""), b.at.to_wit()});
    EXPECT_EQ(a.send(std::move(two)), 2u);
    EXPECT_TRUE(b.incoming->receive(0).value().empty());
    auto first = receive(b, 1), second = receive(b);
    ASSERT_TRUE(first.size() == 1 && second.size() == 1);
    EXPECT_EQ(text_of(first[0].data), "one");
    EXPECT_EQ(text_of(second[0].data), "");
    EXPECT_EQ(Endpoint(first[0].remote_address), a.at);
  }
}

TEST_F(Udp, ASocketStreamsOnceItIsBound) {
  auto socket = make();
  EXPECT_EQ(error(socket->stream({})), ErrorCode::invalid_state);
  EXPECT_EQ(error(socket->local_address()), ErrorCode::invalid_state);
  EXPECT_EQ(error(socket->finish_bind()), ErrorCode::not_in_progress);
  EXPECT_EQ(error(socket->start_bind(Endpoint(v6({0, 0, 0, 0, 0, 0, 0, 1}, 0)))), ErrorCode::invalid_argument);
  ASSERT_TRUE(socket->start_bind(loopback()));
  EXPECT_EQ(error(socket->start_bind(loopback())), ErrorCode::concurrency_conflict);
  EXPECT_EQ(error(socket->stream({})), ErrorCode::invalid_state);
  ASSERT_TRUE(socket->finish_bind());
  EXPECT_EQ(error(socket->start_bind(loopback())), ErrorCode::invalid_state);
  EXPECT_EQ(error(socket->remote_address()), ErrorCode::invalid_state);
  EXPECT_EQ(error(socket->stream(loopback(0))), ErrorCode::invalid_argument);
  EXPECT_EQ(error(socket->stream(Endpoint(v4(0, 0, 0, 0, 9)))), ErrorCode::invalid_argument);
  EXPECT_TRUE(socket->stream({}));
}

TEST_F(Udp, AnAssociatedSocketKnowsItsPeerOnly) {
  End a = bound(), b = bound(), c = bound();
  EXPECT_EQ(c.send("early", a.at), 1u);
  wait(*a.incoming->readiness());
  a.stream(b.at);
  EXPECT_EQ(a.socket->remote_address().value(), b.at);
  EXPECT_TRUE(a.incoming->receive(10).value().empty());  // the early one is not its peer's
  EXPECT_EQ(error(a.send("x", c.at)), ErrorCode::invalid_argument);
  EXPECT_EQ(a.send("with", b.at), 1u);
  EXPECT_EQ(a.send("without"), 1u);
  EXPECT_EQ(text_of(receive(b, 1)[0].data), "with");
  EXPECT_EQ(b.send("answer", a.at), 1u);
  EXPECT_EQ(text_of(receive(a)[0].data), "answer");
  a.stream({});
  EXPECT_EQ(error(a.socket->remote_address()), ErrorCode::invalid_state);
  EXPECT_EQ(error(a.send("nowhere")), ErrorCode::invalid_argument);
  EXPECT_EQ(a.send("back", c.at), 1u);
}

TEST_F(Udp, OnlyTheLatestStreamsAreOfUse) {
  End a = bound();
  auto incoming = std::move(a.incoming);
  auto outgoing = std::move(a.outgoing);
  a.stream({});
  EXPECT_EQ(error(incoming->receive(1)), ErrorCode::invalid_state);
  EXPECT_EQ(error(outgoing->check_send()), ErrorCode::invalid_state);
  EXPECT_EQ(error(outgoing->send({})), ErrorCode::invalid_state);
  EXPECT_TRUE(a.incoming->receive(1));
}

TEST_F(Udp, MoreThanWasPermittedIsATrap) {
  End a = bound();
  EXPECT_EQ(a.outgoing->send({}), 0u);
  std::vector<OutgoingDatagram> one;
  one.push_back({payload("x"), a.at.to_wit()});
  EXPECT_THROW((void)a.outgoing->send(one), abi::Trap);
  EXPECT_EQ(a.outgoing->check_send(), max_datagrams);
  EXPECT_EQ(a.outgoing->send(one), 1u);
  std::vector<OutgoingDatagram> many;
  for (std::uint64_t i = 0; i < max_datagrams; ++i) many.push_back({payload("x"), a.at.to_wit()});
  EXPECT_THROW((void)a.outgoing->send(many), abi::Trap);
}

TEST_F(Udp, ADatagramThatIsTooLargeIsRefusedAndEndsTheOthers) {
  End a = bound();
  const std::string large(65508, 'x');
  EXPECT_EQ(error(a.send(large, a.at)), ErrorCode::datagram_too_large);
  EXPECT_EQ(error(a.send(std::string(1 << 20, 'x'), a.at)), ErrorCode::datagram_too_large);
  std::vector<OutgoingDatagram> three;
  three.push_back({payload("first"), a.at.to_wit()});
  three.push_back({payload(large), a.at.to_wit()});
  three.push_back({payload("third"), a.at.to_wit()});
  EXPECT_EQ(a.send(std::move(three)), 1u);
  EXPECT_EQ(receive(a).size(), 1u);
  EXPECT_EQ(a.send(std::string(65507, 'x'), a.at), 1u);
  EXPECT_EQ(receive(a)[0].data.size(), 65507u);
}

TEST_F(Udp, NothingIsSentThatIsNotGranted) {
  End b = bound();
  grants.allows = [&](host::Capability capability, const host::Target& target) {
    return capability == host::Capability::socket_bind || target.port != b.at.port();
  };
  End a = bound();
  EXPECT_EQ(error(a.send("x", b.at)), ErrorCode::access_denied);
  EXPECT_EQ(error(a.socket->stream(b.at)), ErrorCode::access_denied);
  EXPECT_EQ(logged.size(), 2u);
  EXPECT_FALSE(b.incoming->readiness()->ready());
  grants.allows = [](auto, auto&) { return false; };
  EXPECT_EQ(error(make()->start_bind(loopback())), ErrorCode::access_denied);
}

TEST_F(Udp, ASocketOnAFreePortHearsOnlyThoseItMaySendTo) {
  End friendly = bound(), stranger = bound();
  grants.allows = [&](host::Capability capability, const host::Target& target) {
    return capability == host::Capability::socket_bind || target.port == friendly.at.port();
  };
  End a = bound();
  EXPECT_EQ(friendly.send("hello", a.at).has_value(), false);  // not granted to the others now
  grants.allows = [](auto, auto&) { return true; };
  EXPECT_EQ(stranger.send("psst", a.at), 1u);
  EXPECT_EQ(friendly.send("hello", a.at), 1u);
  grants.allows = [&](host::Capability, const host::Target& target) { return target.port == friendly.at.port(); };
  logged.clear();
  auto received = receive(a);
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(text_of(received[0].data), "hello");
  EXPECT_TRUE(logged.empty());  // strangers write no log
}

TEST_F(Udp, WhatTheSiteBlocksIsNeitherReachedNorHeard) {
  End a = bound(), b = bound();
  EXPECT_EQ(b.send("hello", a.at), 1u);
  BlockedNetworks blocked;
  blocked.add(IpNetwork::parse("127.0.0.0/8").value());
  context.blocked_networks = &blocked;
  EXPECT_EQ(error(a.send("x", b.at)), ErrorCode::access_denied);
  EXPECT_EQ(error(a.socket->stream(b.at)), ErrorCode::access_denied);
  EXPECT_EQ(logged.size(), 2u);
  EXPECT_TRUE(receive(a).empty());
}

TEST_F(Udp, NobodyThereIsToldByTheNextCall) {
  End a = bound();
  std::uint16_t port = 0;
  {
    End gone = bound();
    port = gone.at.port();
  }
  a.stream(loopback(port));
  EXPECT_EQ(a.send("anybody?"), 1u);
  wait(*a.incoming->readiness());
  EXPECT_EQ(error(a.incoming->receive(1)), ErrorCode::connection_refused);
  EXPECT_TRUE(a.incoming->receive(1).value().empty());
}

TEST_F(Udp, OfOctoberTheSocketItselfSendsAndReceives) {
  const auto a = make(), b = make();
  EXPECT_EQ(error(a->receive(1)), ErrorCode::invalid_state);
  EXPECT_EQ(error(a->send({})), ErrorCode::invalid_state);
  for (UdpSocket* socket : {a.get(), b.get()}) {
    ASSERT_TRUE(socket->start_bind(loopback()));
    EXPECT_TRUE(socket->readiness()->ready());
    ASSERT_TRUE(socket->finish_bind());
  }
  const Endpoint at = b->local_address().value();
  EXPECT_EQ(error(b->receive(1)), ErrorCode::would_block);
  EXPECT_TRUE(b->receive(0).value().empty());
  EXPECT_FALSE(b->readiness()->ready());
  std::vector<IncomingDatagram> two;
  two.push_back({payload("one"), at.to_wit()});
  two.push_back({payload("two"), at.to_wit()});
  EXPECT_EQ(a->send(two), 2u);
  wait(*b->readiness());
  const auto got = b->receive(10).value();
  ASSERT_FALSE(got.empty());
  EXPECT_EQ(text_of(got[0].data), "one");
  EXPECT_EQ(Endpoint(got[0].remote_address), a->local_address().value());
}

TEST_F(Udp, OfOctoberASocketIsAssociatedInTwoSteps) {
  const auto a = make(), b = make();
  ASSERT_TRUE(a->start_bind(loopback()) && a->finish_bind() && b->start_bind(loopback()) && b->finish_bind());
  const Endpoint at = b->local_address().value();
  EXPECT_EQ(error(a->finish_connect()), ErrorCode::not_in_progress);
  ASSERT_TRUE(a->start_connect(at));
  EXPECT_TRUE(a->readiness()->ready());
  EXPECT_EQ(error(a->start_connect(at)), ErrorCode::concurrency_conflict);
  EXPECT_EQ(error(a->send({})), ErrorCode::invalid_state);
  ASSERT_TRUE(a->finish_connect());
  EXPECT_EQ(a->remote_address().value(), at);
  std::vector<IncomingDatagram> stray;
  stray.push_back({payload("x"), a->local_address().value().to_wit()});
  EXPECT_EQ(error(a->send(stray)), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace weft::wasi_sockets
