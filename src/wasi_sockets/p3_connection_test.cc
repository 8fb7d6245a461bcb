// Connections as streams that the host reads and writes: what passes guests by.
#include "wasi_sockets/p3_connection.h"

#include <gmock/gmock.h>

#include "http/testing/raw_server.h"
#include "wasi_sockets/testing/fixture.h"

namespace weft::wasi_sockets::p3 {
namespace {

using http::testing::Peer;
using http::testing::RawServer;
using testing::loopback;

std::string name_of(const ErrorCode& code) {
  return std::visit(
      [](const auto& chosen) {
        std::string name(chosen.label);
        if constexpr (requires { chosen.value; }) name += chosen.value ? "(" + *chosen.value + ")" : "";
        return name;
      },
      code);
}

// What came of a stream, once it is known.
struct Told final : bind::FutureSink<Outcome> {
  void arrived(Outcome outcome) override { said = outcome ? "ok" : name_of(outcome.error()); }
  void lost() override { said = "lost"; }
  std::string said;
};
using ToldRef = boost::intrusive_ptr<Told>;

ToldRef tell(bind::Future<Outcome> outcome) {
  const ToldRef told(new Told());
  std::move(outcome).read_with(told);
  return told;
}

// Keeps what comes.
struct Kept final : bind::ByteSink {
  std::size_t room() const override { return closes_after - bytes.size(); }
  bool closed() const override { return bytes.size() == closes_after; }
  void write(std::string_view more) override { bytes += more; }
  void end(task::LetGo) override { ended = true; }
  std::size_t closes_after = SIZE_MAX;
  std::string bytes;
  bool ended = false;
};

// Bytes that are all there, and more of them unless `whole`.
struct Given final : bind::ByteSource {
  explicit Given(std::string of, bool is_whole = true) : bytes(std::move(of)), whole(is_whole) {}
  std::string_view front() const override { return std::string_view(bytes).substr(at); }
  bool ended() const override { return whole && at == bytes.size(); }
  void consume(std::size_t count) override { at += count; }
  void cancel() override { cancelled = true; }
  const std::string bytes;
  const bool whole;
  std::size_t at = 0;
  bool cancelled = false;
};

class Connections : public testing::SocketTest {
 protected:
  using Socket = std::unique_ptr<TcpSocket>;

  Socket make() {
    auto socket = OpenSocket::create(loop, IpAddressFamily::ipv4, SOCK_STREAM, state->limit);
    return std::make_unique<TcpSocket>(socket.value(), state->access, state->outgoing);
  }
  Socket connected(const Endpoint& to) {
    auto socket = make();
    EXPECT_TRUE(socket->start_connect(to));
    wait(*socket->readiness());
    EXPECT_TRUE(socket->state()->finish_connect());
    return socket;
  }
  bind::Future<Outcome> send_from(TcpSocket& socket, boost::intrusive_ptr<Given> given) {
    return send(socket.take_writing(), Bytes(bind::ByteSource::Ref(given)));
  }
  template <class F>
  void run_until(F done) {
    while (!done()) {
      loop.restart();
      ASSERT_GT(loop.run_one_for(std::chrono::seconds(10)), 0u) << "nothing happens";
    }
  }
};

TEST_F(Connections, WhatAPeerSendsComesToItsEnd) {
  RawServer server([](Peer& peer) {
    peer.write(std::string(300'000, 'x'));
    peer.write("end");
  });
  auto socket = connected(loopback(server.port()));
  auto [bytes, outcome] = receive(loop, socket->take_reading());
  const boost::intrusive_ptr<Kept> kept(new Kept());
  const auto told = tell(std::move(outcome));
  std::move(bytes).read_with(kept);
  socket.reset();  // the stream has the connection too
  run_until([&] { return kept->ended; });
  EXPECT_EQ(kept->bytes, std::string(300'000, 'x') + "end");
  EXPECT_EQ(told->said, "ok");
  EXPECT_EQ(state->limit->used(), 0u);
}

TEST_F(Connections, AResetIsTheOutcome) {
  std::mutex held;
  held.lock();
  RawServer server([&](Peer& peer) {
    const std::lock_guard wait(held);
    peer.reset();
  });
  auto socket = connected(loopback(server.port()));
  held.unlock();  // a reset before the connection is finished is another fault
  auto [bytes, outcome] = receive(loop, socket->take_reading());
  const auto told = tell(std::move(outcome));
  std::move(bytes).read_with(bind::ByteSink::Ref(new Kept()));
  run_until([&] { return !told->said.empty(); });
  EXPECT_EQ(told->said, "connection-reset");
}

TEST_F(Connections, WhatNobodyWantsAnyMoreIsNotReceived) {
  RawServer server([](Peer& peer) {
    peer.write("0123456789");
    peer.read(1);
  });
  auto socket = connected(loopback(server.port()));
  auto [bytes, outcome] = receive(loop, socket->take_reading());
  const auto told = tell(std::move(outcome));
  const boost::intrusive_ptr<Kept> kept(new Kept());
  kept->closes_after = 4;
  std::move(bytes).read_with(kept);
  run_until([&] { return !told->said.empty(); });
  EXPECT_EQ(told->said, "ok");
  EXPECT_EQ(kept->bytes, "0123");
  EXPECT_FALSE(kept->ended);
}

TEST_F(Connections, WhatIsSentIsSentWholeThenTheEndAndThenItIsToldSo) {
  std::string received;
  std::mutex held;
  held.lock();
  RawServer server([&](Peer& peer) {
    const std::lock_guard wait(held);
    received = peer.read_to_end();
  });
  auto socket = connected(loopback(server.port()));
  // More than the kernel takes while nobody reads.
  const boost::intrusive_ptr<Given> given(new Given(std::string(std::size_t{16} << 20, 'y')));
  const auto told = tell(send_from(*socket, given));
  socket.reset();
  run_briefly();
  EXPECT_EQ(told->said, "");
  EXPECT_LT(given->at, given->bytes.size()) << "no more is taken than is sent, and a little";
  held.unlock();
  run_until([&] { return !told->said.empty(); });
  EXPECT_EQ(told->said, "ok");
  server.wait_for_end(0);
  EXPECT_TRUE(received == given->bytes);
  EXPECT_EQ(state->limit->used(), 0u);
}

TEST_F(Connections, APeerThatIsGoneEndsWhatIsSentToIt) {
  std::mutex held;
  held.lock();
  RawServer server([&](Peer& peer) {
    const std::lock_guard wait(held);
    peer.reset();
  });
  auto socket = connected(loopback(server.port()));
  held.unlock();
  server.wait_for_end(0);
  run_briefly();  // the reset has come
  const boost::intrusive_ptr<Given> given(new Given(std::string(std::size_t{16} << 20, 'z')));
  const auto told = tell(send_from(*socket, given));
  run_until([&] { return !told->said.empty(); });
  EXPECT_THAT(told->said, ::testing::AnyOf("connection-reset", "connection-broken"));
  EXPECT_TRUE(given->cancelled);
}

TEST_F(Connections, EachWayIsForOneStream) {
  auto unconnected = make();
  EXPECT_EQ(tell(std::get<1>(receive(loop, unconnected->take_reading())))->said, "invalid-state");
  const boost::intrusive_ptr<Given> given(new Given("x"));
  EXPECT_EQ(tell(send_from(*unconnected, given))->said, "invalid-state");
  EXPECT_TRUE(given->cancelled);

  RawServer server([](Peer& peer) { peer.read(1); });
  auto socket = connected(loopback(server.port()));
  const auto taken = receive(loop, socket->take_reading());
  auto [second, refused] = receive(loop, socket->take_reading());
  EXPECT_EQ(tell(std::move(refused))->said, "invalid-state");
  const boost::intrusive_ptr<Kept> kept(new Kept());
  std::move(second).read_with(kept);
  EXPECT_TRUE(kept->ended) << "a closed stream";
}

TEST_F(Connections, AnInstanceThatEndsCutsWhatItSendsAndThePeerLearnsThatItIsNotAll) {
  bool whole = true;
  std::string received;
  RawServer server([&](Peer& peer) {
    received = peer.read(std::size_t{1} << 30);
    whole = peer.write("still there") && peer.write("and still");
  });
  auto socket = connected(loopback(server.port()));
  // It is not at its end: there may be more at any time.
  const boost::intrusive_ptr<Given> given(new Given("a part", false));
  const auto told = tell(send_from(*socket, given));
  socket.reset();
  EXPECT_FALSE(given->cancelled);
  state.reset();
  EXPECT_TRUE(given->cancelled);
  server.wait_for_end(0);
  EXPECT_EQ(told->said, "") << "nobody is there to be told";
  EXPECT_FALSE(whole);
}

TEST_F(Connections, WhatTheHostReadsForOthersGoesOnWhenTheInstanceHasEnded) {
  std::mutex held;
  held.lock();
  RawServer server([&](Peer& peer) {
    peer.write("before");
    const std::lock_guard wait(held);
    peer.write(" and after");
  });
  auto socket = connected(loopback(server.port()));
  auto [bytes, outcome] = receive(loop, socket->take_reading());
  const boost::intrusive_ptr<Kept> kept(new Kept());
  std::move(bytes).read_with(kept);
  run_until([&] { return kept->bytes == "before"; });
  socket.reset();
  state.reset();
  held.unlock();
  run_until([&] { return kept->ended; });
  EXPECT_EQ(kept->bytes, "before and after");
}

TEST_F(Connections, ArrivalsAreThereOneByOneAsTheyConnect) {
  auto listener = make();
  ASSERT_TRUE(listener->listen()) << "on any free port, being unbound";
  const Endpoint at = loopback(listener->local_address().value().port());
  const auto arriving = arrivals(loop, listener->state(), state->access);
  EXPECT_FALSE(arriving->ready());
  auto first = connected(at), second = connected(at);
  for (const auto* client : {&first, &second}) {
    run_until([&] { return arriving->ready(); });
    const auto accepted = arriving->next();
    ASSERT_TRUE(accepted);
    EXPECT_EQ((*accepted)->remote_address().value(), (*client)->local_address().value());
  }
  EXPECT_FALSE(arriving->ready());
  listener.reset();
  EXPECT_EQ(state->limit->used(), 3u) << "the stream listens";
  arriving->cancel();
  EXPECT_EQ(state->limit->used(), 2u);
}

TEST_F(Connections, ArrivalsWaitUntilThereIsRoomForThem) {
  auto listener = make();
  ASSERT_TRUE(listener->bind(loopback()) && listener->listen());
  const auto arriving = arrivals(loop, listener->state(), state->access);
  auto client = connected(listener->local_address().value());
  std::vector<Socket> others;
  while (state->limit->used() < max_sockets) others.push_back(make());
  EXPECT_FALSE(arriving->ready());
  run_briefly();
  EXPECT_FALSE(arriving->ready());
  others.pop_back();
  run_until([&] { return arriving->ready(); });
  EXPECT_TRUE(arriving->next());
  arriving->cancel();
}

TEST_F(Connections, WhoeverTheSiteBlocksIsNotAccepted) {
  auto listener = make();
  ASSERT_TRUE(listener->bind(loopback()) && listener->listen());
  const auto arriving = arrivals(loop, listener->state(), state->access);
  auto client = connected(listener->local_address().value());
  BlockedNetworks blocked;
  blocked.add(IpNetwork::parse("127.0.0.0/8").value());
  context.blocked_networks = &blocked;
  run_briefly();
  EXPECT_FALSE(arriving->ready());
  EXPECT_EQ(state->limit->used(), 2u);
  arriving->cancel();
}

TEST_F(Connections, ListeningIsGrantedByTheAddress) {
  grants.allows = [](host::Capability capability, const host::Target& target) {
    return capability == host::Capability::socket_bind && target.host == "127.0.0.1";
  };
  auto socket = make();
  EXPECT_EQ(socket->listen().error(), wasi_sockets::ErrorCode::access_denied);
  EXPECT_THAT(logged.back(), ::testing::HasSubstr("denied binding of a socket to tcp://0.0.0.0:0"));
  EXPECT_TRUE(socket->bind(loopback()) && socket->listen());
  EXPECT_EQ(socket->listen().error(), wasi_sockets::ErrorCode::invalid_state);
}

TEST(SocketErrors, WhatHasNoCaseOfItsOwnKeepsItsName) {
  using Code = wasi_sockets::ErrorCode;
  EXPECT_EQ(name_of(converted(Code::new_socket_limit)), "other(new-socket-limit)");
  EXPECT_EQ(name_of(converted(Code::unknown)), "other");
  EXPECT_EQ(name_of(converted(Code::concurrency_conflict)), "invalid-state");
  EXPECT_EQ(name_of(write_error_of(EPIPE)), "connection-broken");
  // The others have the same name in both.
  for (const Code code :
       {Code::access_denied, Code::not_supported, Code::invalid_argument, Code::out_of_memory, Code::timeout,
        Code::invalid_state, Code::address_not_bindable, Code::address_in_use, Code::remote_unreachable,
        Code::connection_refused, Code::connection_reset, Code::connection_aborted, Code::datagram_too_large}) {
    EXPECT_EQ(name_of(converted(code)), weft_labels(code)[static_cast<std::size_t>(code)]);
  }
}

}  // namespace
}  // namespace weft::wasi_sockets::p3
