#include "wasi_sockets/tcp_socket.h"

#include <gmock/gmock.h>

#include "http/testing/raw_server.h"
#include "wasi_sockets/options.h"
#include "wasi_sockets/testing/fixture.h"

namespace weft::wasi_sockets {
namespace {

using http::testing::closed_port;
using http::testing::Peer;
using http::testing::RawServer;
using http::testing::UnansweredPort;
using testing::bytes_of;
using testing::loopback;
using testing::text_of;
using testing::v4;
using testing::v6;

using Socket = std::unique_ptr<TcpSocket>;
using Input = std::unique_ptr<wasi::InputStream>;
using Output = std::unique_ptr<wasi::OutputStream>;

template <class T>
std::optional<ErrorCode> error(const SocketResult<T>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

ErrorCode code_of(const wasi::StreamError& failure) {
  const auto* failed = std::get_if<wasi::LastOperationFailed>(&failure);
  const auto* of_socket = failed == nullptr ? nullptr : dynamic_cast<const SocketError*>(failed->value.get());
  EXPECT_NE(of_socket, nullptr);
  return of_socket == nullptr ? ErrorCode::unknown : of_socket->code();
}

bool is_closed(const wasi::StreamError& failure) {
  return std::holds_alternative<wasi::Closed>(failure);
}

class Tcp : public testing::SocketTest {
 protected:
  Socket make(IpAddressFamily family = IpAddressFamily::ipv4) {
    auto socket = OpenSocket::create(loop, family, SOCK_STREAM, state->limit);
    return socket ? std::make_unique<TcpSocket>(*socket, state->access, state->outgoing) : nullptr;
  }
  Socket listening(const Endpoint& at = loopback()) {
    auto socket = make(at.family());
    EXPECT_TRUE(socket->start_bind(at) && socket->finish_bind() && socket->start_listen() && socket->finish_listen());
    return socket;
  }
  struct End {
    Socket socket;
    Input input;
    Output output;
  };
  End connected(const Endpoint& to) {
    auto socket = make(to.family());
    EXPECT_TRUE(socket->start_connect(to));
    wait(*socket->readiness());
    auto streams = socket->finish_connect();
    EXPECT_TRUE(streams);
    return {std::move(socket), std::get<0>(*std::move(streams)), std::get<1>(*std::move(streams))};
  }
  End accepted(TcpSocket& listener) {
    wait(*listener.readiness());
    auto got = listener.accept();
    EXPECT_TRUE(got);
    auto& [socket, input, output] = *got;
    return {std::move(socket), std::move(input), std::move(output)};
  }
  // A connection of two ends, both in this instance.
  std::pair<End, End> pair(const Endpoint& at = loopback()) {
    auto listener = listening(at);
    End client = connected(listener->local_address().value());
    End server = accepted(*listener);
    return {std::move(client), std::move(server)};
  }
  void write(End& end, std::string_view text) {
    while (!text.empty()) {
      wait(*end.output->readiness());
      const auto permit = end.output->check_write().value();
      const auto part = text.substr(0, permit);
      ASSERT_TRUE(end.output->write(bytes_of(part)));
      text.remove_prefix(part.size());
    }
  }
  // Until the peer has closed.
  std::string read_to_end(End& end) {
    std::string all;
    for (;;) {
      wait(*end.input->readiness());
      auto bytes = end.input->read(1 << 20);
      if (!bytes) {
        EXPECT_TRUE(is_closed(bytes.error()));
        return all;
      }
      all += text_of(*bytes);
    }
  }
  // Writes more than the kernel takes while nobody reads, and more than a guest may, so that a part is still to be
  // sent.
  std::string fill(End& end) {
    std::string written;
    for (char c = 'a'; written.size() < std::size_t{16} << 20; c = c == 'z' ? 'a' : static_cast<char>(c + 1)) {
      written.append(65536, c);
    }
    EXPECT_TRUE(end.output->write(bytes_of(written)));
    EXPECT_EQ(end.output->check_write().value(), 0u);
    return written;
  }
};

TEST_F(Tcp, BytesGoBothWaysAndTheEndIsSeen) {
  for (const Endpoint& at : {loopback(), Endpoint(v6({0, 0, 0, 0, 0, 0, 0, 1}, 0))}) {
    auto [client, server] = pair(at);
    EXPECT_EQ(client.socket->remote_address().value(), server.socket->local_address().value());
    EXPECT_EQ(server.socket->remote_address().value(), client.socket->local_address().value());
    EXPECT_EQ(server.socket->address_family(), at.family());
    write(client, "ping");
    wait(*server.input->readiness());
    EXPECT_EQ(text_of(server.input->read(100).value()), "ping");
    EXPECT_TRUE(server.input->read(100).value().empty());
    write(server, "pong");
    server.output.reset();
    EXPECT_EQ(read_to_end(client), "pong");
    // The other way is still open.
    write(client, "more");
    client.output.reset();
    EXPECT_EQ(read_to_end(server), "more");
  }
}

TEST_F(Tcp, EachStateTakesItsOwnCallsOnly) {
  const auto endpoint = loopback();
  auto socket = make();
  EXPECT_EQ(error(socket->finish_bind()), ErrorCode::not_in_progress);
  EXPECT_EQ(error(socket->finish_connect()), ErrorCode::not_in_progress);
  EXPECT_EQ(error(socket->finish_listen()), ErrorCode::not_in_progress);
  EXPECT_EQ(error(socket->start_listen()), ErrorCode::invalid_state);
  EXPECT_EQ(error(socket->accept()), ErrorCode::invalid_state);
  EXPECT_EQ(error(socket->local_address()), ErrorCode::invalid_state);
  EXPECT_EQ(error(socket->remote_address()), ErrorCode::invalid_state);
  EXPECT_EQ(error(socket->shutdown(ShutdownType::both)), ErrorCode::invalid_state);
  EXPECT_TRUE(socket->readiness()->ready());

  ASSERT_TRUE(socket->start_bind(endpoint));
  EXPECT_EQ(error(socket->start_bind(endpoint)), ErrorCode::concurrency_conflict);
  EXPECT_EQ(error(socket->start_connect(loopback(1))), ErrorCode::concurrency_conflict);
  EXPECT_EQ(error(socket->start_listen()), ErrorCode::concurrency_conflict);
  EXPECT_EQ(error(socket->local_address()), ErrorCode::invalid_state);
  ASSERT_TRUE(socket->finish_bind());
  EXPECT_NE(socket->local_address().value().port(), 0);
  EXPECT_EQ(error(socket->start_bind(endpoint)), ErrorCode::invalid_state);
  EXPECT_EQ(error(socket->accept()), ErrorCode::invalid_state);

  ASSERT_TRUE(socket->start_listen());
  EXPECT_EQ(error(socket->start_listen()), ErrorCode::concurrency_conflict);
  EXPECT_FALSE(socket->is_listening());
  ASSERT_TRUE(socket->finish_listen());
  EXPECT_TRUE(socket->is_listening());
  EXPECT_EQ(error(socket->accept()), ErrorCode::would_block);
  EXPECT_FALSE(socket->readiness()->ready());
  EXPECT_EQ(error(socket->start_connect(loopback(1))), ErrorCode::invalid_state);
  EXPECT_EQ(error(socket->start_listen()), ErrorCode::invalid_state);
  EXPECT_TRUE(socket->set_listen_backlog_size(7));

  End client = connected(socket->local_address().value());
  EXPECT_EQ(error(client.socket->start_connect(loopback(1))), ErrorCode::invalid_state);
  EXPECT_EQ(error(client.socket->start_bind(endpoint)), ErrorCode::invalid_state);
  EXPECT_EQ(error(client.socket->start_listen()), ErrorCode::invalid_state);
  EXPECT_EQ(error(client.socket->set_listen_backlog_size(7)), ErrorCode::invalid_state);
}

TEST_F(Tcp, AddressesThatNoConnectionCanHaveAreInvalid) {
  auto socket = make();
  auto socket6 = make(IpAddressFamily::ipv6);
  const Ipv6Address mapped{0, 0, 0, 0, 0, 0xffff, 0x7f00, 1}, compatible{0, 0, 0, 0, 0, 0, 0x7f00, 1};
  for (const auto& address : {v6({0, 0, 0, 0, 0, 0, 0, 1}, 80), v4(224, 0, 0, 1, 80), v4(255, 255, 255, 255, 80)}) {
    EXPECT_EQ(error(socket->start_connect(Endpoint(address))), ErrorCode::invalid_argument);
    EXPECT_EQ(error(socket->start_bind(Endpoint(address))), ErrorCode::invalid_argument);
  }
  for (const auto& address : {v4(0, 0, 0, 0, 80), v4(127, 0, 0, 1, 0)}) {
    EXPECT_EQ(error(socket->start_connect(Endpoint(address))), ErrorCode::invalid_argument);
  }
  for (const auto& address :
       {v4(127, 0, 0, 1, 80), v6(mapped, 80), v6(compatible, 80), v6({0xff02, 0, 0, 0, 0, 0, 0, 1}, 80)}) {
    EXPECT_EQ(error(socket6->start_connect(Endpoint(address))), ErrorCode::invalid_argument);
    EXPECT_EQ(error(socket6->start_bind(Endpoint(address))), ErrorCode::invalid_argument);
  }
  EXPECT_TRUE(logged.empty());  // nobody was asked
}

TEST_F(Tcp, NothingIsReachedThatIsNotGranted) {
  RawServer server([](Peer&) {});
  std::vector<std::string> asked;
  grants.allows = [&](host::Capability capability, const host::Target& target) {
    asked.push_back(std::string(target.scheme) + "://" + std::string(target.host) + ":" + std::to_string(target.port));
    return capability == host::Capability::outbound_socket && target.port != server.port();
  };
  auto socket = make();
  EXPECT_EQ(error(socket->start_bind(loopback(5))), ErrorCode::access_denied);
  EXPECT_EQ(error(socket->start_connect(loopback(server.port()))), ErrorCode::access_denied);
  EXPECT_EQ(asked.back(), "tcp://127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(asked.front(), "tcp://127.0.0.1:5");
  EXPECT_EQ(logged.size(), 2u);
  run_briefly();
  EXPECT_EQ(server.connections(), 0u);
  // The socket is as it was.
  EXPECT_TRUE(socket->start_connect(loopback(closed_port())));
}

TEST_F(Tcp, TheSiteLimitsTheSocketsOfAllInstances) {
  ConnectionQuota quota({.requests = std::nullopt, .sockets = 2, .total = std::nullopt});
  context.connections = &quota;
  SocketState other(context, nullptr);
  state.emplace(context, nullptr);
  const auto create = [&](SocketState& of) {
    return OpenSocket::create(loop, IpAddressFamily::ipv4, SOCK_STREAM, of.limit);
  };
  auto first = create(*state), second = create(other);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(error(create(*state)), ErrorCode::new_socket_limit);
  second->reset();
  EXPECT_TRUE(create(*state));
}

TEST_F(Tcp, WhatTheSiteBlocksIsNotReachedWhateverIsGranted) {
  RawServer server([](Peer&) {});
  BlockedNetworks blocked;
  blocked.add_private();
  context.blocked_networks = &blocked;
  auto socket = make();
  EXPECT_EQ(error(socket->start_connect(loopback(server.port()))), ErrorCode::access_denied);
  EXPECT_THAT(logged.back(), ::testing::HasSubstr("127.0.0.1 is in a blocked network"));
  run_briefly();
  EXPECT_EQ(server.connections(), 0u);
  context.blocked_networks = nullptr;
  EXPECT_TRUE(socket->start_connect(loopback(server.port())));
}

TEST_F(Tcp, ARefusedConnectionClosesTheSocket) {
  auto socket = make();
  ASSERT_TRUE(socket->start_connect(loopback(closed_port())));
  wait(*socket->readiness());
  EXPECT_EQ(error(socket->finish_connect()), ErrorCode::connection_refused);
  EXPECT_EQ(error(socket->finish_connect()), ErrorCode::not_in_progress);
  EXPECT_EQ(error(socket->start_connect(loopback(1))), ErrorCode::invalid_state);
  EXPECT_EQ(error(socket->open()), ErrorCode::invalid_state);
  EXPECT_TRUE(socket->readiness()->ready());
}

TEST_F(Tcp, AConnectionUnderWayBlocksNobodyAndCanBeGivenUp) {
  UnansweredPort port;
  auto socket = make();
  ASSERT_TRUE(socket->start_connect(loopback(port.port())));
  EXPECT_EQ(error(socket->finish_connect()), ErrorCode::would_block);
  const auto readiness = socket->readiness();
  readiness->signal();
  run_briefly();
  EXPECT_FALSE(readiness->ready());
  socket.reset();
  run_briefly();
  EXPECT_FALSE(readiness->ready());  // may outlive its socket
}

TEST_F(Tcp, AStreamTakesNoMoreThanThePeerReads) {
  auto [client, server] = pair();
  const std::string written = fill(client);
  EXPECT_FALSE(client.output->readiness()->ready());
  EXPECT_EQ(client.output->check_write().value(), 0u);
  ASSERT_TRUE(client.socket->shutdown(ShutdownType::send));
  // What was written before the end is sent before it.
  EXPECT_TRUE(read_to_end(server) == written);
  EXPECT_TRUE(is_closed(client.output->check_write().error()));
  EXPECT_TRUE(is_closed(client.output->write(bytes_of("x")).error()));
  EXPECT_TRUE(client.output->readiness()->ready());
}

TEST_F(Tcp, WhatAGuestWroteIsSentAfterItDroppedTheConnection) {
  auto [client, server] = pair();
  const std::string written = fill(client);
  client = {};
  EXPECT_TRUE(read_to_end(server) == written);
  EXPECT_EQ(state->limit->used(), 1u);  // the server's
}

TEST_F(Tcp, AnInstanceThatEndsBeforeWhatItWroteIsSentResetsTheConnection) {
  std::string received;
  bool whole = true;
  std::optional<RawServer> server;
  std::mutex held;
  held.lock();
  server.emplace([&](Peer& peer) {
    const std::lock_guard wait(held);
    // A reset is no end: read() then has less than was written.
    received = peer.read(std::size_t{1} << 30);
    whole = peer.write("still there");
  });
  {
    End client = connected(loopback(server->port()));
    fill(client);
    client = {};
  }
  state.reset();
  held.unlock();
  server->wait_for_end(0);
  server.reset();
  EXPECT_FALSE(whole);
}

TEST_F(Tcp, ShutdownClosesTheStreamsInQuestionOnceAndForAll) {
  auto [client, server] = pair();
  write(server, "unread");
  wait(*client.input->readiness());
  ASSERT_TRUE(client.socket->shutdown(ShutdownType::receive));
  EXPECT_TRUE(is_closed(client.input->read(1).error()));
  EXPECT_TRUE(client.input->readiness()->ready());
  EXPECT_GT(client.output->check_write().value(), 0u);
  ASSERT_TRUE(client.socket->shutdown(ShutdownType::both));
  ASSERT_TRUE(client.socket->shutdown(ShutdownType::both));
  EXPECT_TRUE(is_closed(client.output->check_write().error()));
  EXPECT_EQ(read_to_end(server), "");
}

TEST_F(Tcp, AResetIsAnErrorOnceAndThenTheEnd) {
  RawServer server([](Peer& peer) {
    peer.read(1);
    peer.reset();
  });
  End client = connected(loopback(server.port()));
  write(client, "x");
  wait(*client.input->readiness());
  auto failed = client.input->read(1);
  ASSERT_FALSE(failed);
  EXPECT_EQ(code_of(failed.error()), ErrorCode::connection_reset);
  EXPECT_TRUE(is_closed(client.input->read(1).error()));
  // Writing to it is the end of the stream too.
  wait(*client.output->readiness());
  while (client.output->write(bytes_of("x"))) {
  }
  EXPECT_FALSE(client.output->check_write());
}

TEST_F(Tcp, OptionsAreSetWithinLimitsAndInherited) {
  auto socket = make();
  OpenSocket& open = *socket->open().value();
  EXPECT_EQ(error(set_keep_alive_idle_time(open, 0)), ErrorCode::invalid_argument);
  EXPECT_EQ(error(set_keep_alive_interval(open, 0)), ErrorCode::invalid_argument);
  EXPECT_EQ(error(set_keep_alive_count(open, 0)), ErrorCode::invalid_argument);
  EXPECT_EQ(error(set_hop_limit(open, 0)), ErrorCode::invalid_argument);
  EXPECT_EQ(error(set_receive_buffer_size(open, 0)), ErrorCode::invalid_argument);
  EXPECT_EQ(error(set_send_buffer_size(open, 0)), ErrorCode::invalid_argument);
  EXPECT_EQ(error(socket->set_listen_backlog_size(0)), ErrorCode::invalid_argument);
  constexpr std::uint64_t second = 1'000'000'000;
  EXPECT_TRUE(set_keep_alive_idle_time(open, UINT64_MAX));
  EXPECT_EQ(keep_alive_idle_time(open), 32767 * second);
  EXPECT_TRUE(set_keep_alive_interval(open, 1));
  EXPECT_EQ(keep_alive_interval(open), second);
  EXPECT_TRUE(set_keep_alive_count(open, UINT32_MAX));
  EXPECT_EQ(keep_alive_count(open), 127u);
  EXPECT_TRUE(set_send_buffer_size(open, UINT64_MAX));
  EXPECT_LE(send_buffer_size(open).value(), max_buffer_size);
  EXPECT_TRUE(set_receive_buffer_size(open, 65536));
  EXPECT_EQ(receive_buffer_size(open), 65536u);
  EXPECT_EQ(keep_alive_enabled(open), false);
  EXPECT_TRUE(set_keep_alive_enabled(open, true));
  EXPECT_TRUE(set_hop_limit(open, 42));
  for (const bool without : {true, false}) {
    EXPECT_TRUE(set_no_delay(open, without));
    EXPECT_EQ(no_delay(open), without);
  }
  EXPECT_EQ(error(ipv6_only(open)), ErrorCode::not_supported);
  EXPECT_EQ(error(set_ipv6_only(open, true)), ErrorCode::not_supported);
  const auto six = make(IpAddressFamily::ipv6);
  EXPECT_EQ(ipv6_only(*six->open().value()), true);
  EXPECT_TRUE(set_ipv6_only(*six->open().value(), true));
  EXPECT_EQ(error(set_ipv6_only(*six->open().value(), false)), ErrorCode::not_supported);

  ASSERT_TRUE(socket->start_bind(loopback()) && socket->finish_bind() && socket->start_listen() &&
              socket->finish_listen());
  End client = connected(socket->local_address().value());
  End server = accepted(*socket);
  OpenSocket& inherited = *server.socket->open().value();
  EXPECT_EQ(keep_alive_enabled(inherited), true);
  EXPECT_EQ(keep_alive_idle_time(inherited), 32767 * second);
  EXPECT_EQ(hop_limit(inherited), 42);
  EXPECT_EQ(hop_limit(*make(IpAddressFamily::ipv6)->open().value()), 64);
}

TEST_F(Tcp, AnInstanceHasSoManySocketsAndNoneIsLeft) {
  const std::size_t files = testing::open_files();
  std::vector<Socket> sockets;
  auto listener = listening();
  while (sockets.size() < max_sockets - 2) sockets.push_back(make());
  End client = connected(listener->local_address().value());
  EXPECT_EQ(error(OpenSocket::create(loop, IpAddressFamily::ipv4, SOCK_STREAM, state->limit)),
            ErrorCode::new_socket_limit);
  wait(*listener->readiness());
  EXPECT_EQ(error(listener->accept()), ErrorCode::new_socket_limit);
  sockets.pop_back();
  EXPECT_TRUE(listener->accept());
  sockets.clear();
  listener.reset();
  client = {};
  EXPECT_EQ(state->limit->used(), 0u);
  state.reset();
  // The loop's own.
  EXPECT_LE(testing::open_files(), files + 3);
}

}  // namespace
}  // namespace weft::wasi_sockets
