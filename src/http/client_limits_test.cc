// Limits on connections, name look-ups, and addresses that are not dialled.
#include <gtest/gtest.h>
#include <netdb.h>

#include <future>

#include "http/client.h"
#include "http/testing/client_fixture.h"
#include "http/testing/raw_server.h"

namespace weft::http {
namespace {

using testing::ClientTest;
using testing::Peer;
using testing::RawServer;

constexpr std::string_view ok_empty = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
constexpr std::chrono::milliseconds soon{60};

class ClientLimits : public ClientTest {};

// ---- limits ----

TEST_F(ClientLimits, RequestsBeyondTheLimitWaitForAConnection) {
  options.pool.connections_of_owner = 2;
  RawServer server([](Peer& peer) {
    while (!peer.read_head().empty()) peer.write(ok_empty);
  });
  std::vector<std::shared_ptr<ClientExchange>> exchanges;
  for (int i = 0; i < 20; ++i) exchanges.push_back(start(request_to(server.port())));
  for (const auto& exchange : exchanges) EXPECT_FALSE(finish(*exchange).error);
  EXPECT_LE(server.connections(), 2u);
}

TEST_F(ClientLimits, WaitingForAConnectionCountsAsConnecting) {
  options.pool.connections = 1;
  RawServer server([](Peer& peer) { peer.read_to_end(); });
  const auto first = start(request_to(server.port()));
  turn_until([&] { return server.connections() == 1; });
  ClientRequest second = request_to(server.port());
  second.timeouts.connect = soon;
  EXPECT_EQ(ask(second).fault(), ClientFault::connect_timeout);
  // And it does not keep its place.
  first->cancel();
  turn_until([&] { return made_client().connections() == 0; });
}

TEST_F(ClientLimits, TooManyWaitersAreTurnedAway) {
  options.pool.connections = 1;
  options.pool.waiting = 1;
  RawServer server([](Peer& peer) { peer.read_to_end(); });
  const auto first = start(request_to(server.port()));
  const auto second = start(request_to(server.port()));
  EXPECT_EQ(ask(request_to(server.port())).fault(), ClientFault::connection_limit);
  second->cancel();
  first->cancel();
  turn_until([&] { return made_client().connections() == 0 && second->error(); });
}

// ---- names ----

TEST_F(ClientLimits, AddressesAreTriedInOrder) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write(ok_empty);
  });
  resolver = std::make_unique<Resolver>([](const std::string& host) {
    EXPECT_EQ(host, "many.example");
    // Nobody listens on the first two.
    Resolver::Answer answer;
    for (const char* address : {"::1", "127.0.0.2", "127.0.0.1"}) {
      answer.addresses.push_back(boost::asio::ip::make_address(address));
    }
    return answer;
  });
  ClientRequest request = request_to(server.port());
  request.origin.host = "many.example";
  EXPECT_EQ(ask(request).status, 200u);
}

TEST_F(ClientLimits, ANameThatIsNotFoundIsAnErrorOfTheLookUp) {
  resolver = std::make_unique<Resolver>([](const std::string&) { return Resolver::Answer{{}, EAI_NONAME}; });
  ClientRequest request = request_to(80);
  request.origin.host = "nowhere.example";
  const Answer answer = ask(request);
  EXPECT_EQ(answer.fault(), ClientFault::dns_failed);
  EXPECT_NE(answer.error->detail.find("nowhere.example"), std::string::npos);
}

TEST_F(ClientLimits, ALookUpThatHangsEndsAtTheConnectTimeoutAndHoldsNobodyBack) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write(ok_empty);
  });
  std::promise<void> release;
  auto released = release.get_future().share();
  resolver = std::make_unique<Resolver>([released](const std::string&) {
    released.wait();
    return Resolver::Answer{{boost::asio::ip::make_address("127.0.0.1")}, 0};
  });
  ClientRequest slow = request_to(server.port());
  slow.origin.host = "slow.example";
  slow.timeouts.connect = soon;
  const auto waiting = start(slow);
  EXPECT_EQ(ask(request_to(server.port())).status, 200u);
  EXPECT_EQ(finish(*waiting).fault(), ClientFault::dns_timeout);
  release.set_value();
  slow.timeouts.connect = std::chrono::seconds(10);
  EXPECT_EQ(ask(slow).status, 200u);
}

TEST_F(ClientLimits, RequestsForOneNameShareItsLookUp) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write(ok_empty);
    peer.read_to_end();
  });
  std::atomic<int> lookups = 0;
  resolver = std::make_unique<Resolver>([&](const std::string&) {
    ++lookups;
    return Resolver::Answer{{boost::asio::ip::make_address("127.0.0.1")}, 0};
  });
  ClientRequest request = request_to(server.port());
  request.origin.host = "one.example";
  std::vector<std::shared_ptr<ClientExchange>> exchanges;
  for (int i = 0; i < 16; ++i) exchanges.push_back(start(request));
  for (const auto& exchange : exchanges) EXPECT_EQ(finish(*exchange).status, 200u);
  EXPECT_EQ(lookups, 1);
}

TEST_F(ClientLimits, ProhibitedAddressesAreNotDialled) {
  RawServer server([](Peer& peer) { peer.read_to_end(); });
  options.dial.allow_address = [](const boost::asio::ip::address& address) { return !address.is_loopback(); };
  EXPECT_EQ(ask(request_to(server.port())).fault(), ClientFault::address_prohibited);
  resolver = std::make_unique<Resolver>(
      [](const std::string&) { return Resolver::Answer{{boost::asio::ip::make_address("127.0.0.1")}, 0}; });
  client.reset();
  ClientRequest named = request_to(server.port());
  named.origin.host = "rebound.example";
  EXPECT_EQ(ask(named).fault(), ClientFault::address_prohibited);
  EXPECT_EQ(server.connections(), 0u);
}

TEST_F(ClientLimits, TheProcessItselfIsNotProhibited) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write(ok_empty);
  });
  options.dial.allow_address = [](const boost::asio::ip::address&) { return false; };
  ClientRequest request = request_to(server.port());
  request.to_self = true;
  EXPECT_EQ(ask(request).status, 200u);
}

TEST_F(ClientLimits, TheSystemsResolverKnowsLocalhost) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write(ok_empty);
  });
  ClientRequest request = request_to(server.port());
  request.origin.host = "localhost";
  EXPECT_EQ(ask(request).status, 200u);
}

}  // namespace
}  // namespace weft::http
