// Servers that misbehave, time-outs, and callers that give up.
#include <gtest/gtest.h>

#include <future>

#include "http/chunks.h"
#include "http/client.h"
#include "http/testing/client_fixture.h"
#include "http/testing/raw_server.h"

namespace weft::http {
namespace {

using testing::ClientTest;
using testing::closed_port;
using testing::Peer;
using testing::RawServer;
using testing::UnansweredPort;

constexpr std::string_view ok_empty = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
constexpr std::chrono::milliseconds soon{60};

class ClientFaults : public ClientTest {
 protected:
  // What a client makes of a server that answers a GET with `bytes` and then closes.
  Answer answer_of(std::string bytes) {
    RawServer server([&](Peer& peer) {
      peer.read_head();
      peer.write(bytes);
    });
    return ask(request_to(server.port()));
  }
};

TEST_F(ClientFaults, NobodyListening) {
  const Answer answer = ask(request_to(closed_port()));
  EXPECT_EQ(answer.fault(), ClientFault::connection_refused);
  EXPECT_EQ(made_client().connections(), 0u);
}

TEST_F(ClientFaults, AnEndBeforeAnyByteIsTermination) {
  EXPECT_EQ(answer_of("").fault(), ClientFault::connection_terminated);
}

TEST_F(ClientFaults, AResetIsTerminationToo) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.reset();
  });
  EXPECT_EQ(ask(request_to(server.port())).fault(), ClientFault::connection_terminated);
}

TEST_F(ClientFaults, AnEndWithinTheHeadOrTheBodyIsIncomplete) {
  for (const char* bytes :
       {"H", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"}) {
    const Answer answer = answer_of(bytes);
    EXPECT_EQ(answer.fault(), ClientFault::response_incomplete) << bytes;
    EXPECT_EQ(made_client().connections(), 0u);
  }
}

TEST_F(ClientFaults, WhatCameBeforeTheCutIsDelivered) {
  const Answer answer = answer_of("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello");
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.fault(), ClientFault::response_incomplete);
}

TEST_F(ClientFaults, GarbageIsMalformedAtOnce) {
  for (const char* bytes : {"SSH-2.0-OpenSSH_9\r\n", "\x15\x03\x01", "<html>", "HTTP/1.1 abc\r\n\r\n",
                            "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
                            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n"}) {
    EXPECT_EQ(answer_of(bytes).fault(), ClientFault::response_malformed) << bytes;
  }
}

TEST_F(ClientFaults, MalformedChunksEndTheBodyWithTheirError) {
  const Answer answer = answer_of("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhelloXX");
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.fault(), ClientFault::response_malformed);
  const Answer trailers =
      answer_of("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\na: " + std::string(max_trailer_bytes, 'x'));
  EXPECT_EQ(trailers.fault(), ClientFault::response_trailer_size);
}

TEST_F(ClientFaults, HugeHeadsAreCutOff) {
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\na: " + std::string(1 << 20, 'x')).fault(), ClientFault::response_head_size);
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 300; ++i) many += "a: b\r\n";
  EXPECT_EQ(answer_of(many + "\r\n").fault(), ClientFault::response_head_size);
}

TEST_F(ClientFaults, InterimResponsesWithoutEndAreNotReadForEver) {
  std::string endless;
  for (int i = 0; i < 1000; ++i) endless += "HTTP/1.1 102 Processing\r\n\r\n";
  EXPECT_EQ(answer_of(endless).fault(), ClientFault::response_malformed);
}

TEST_F(ClientFaults, AnUnknownCodingIsSaid) {
  const Answer answer = answer_of("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n");
  EXPECT_EQ(answer.fault(), ClientFault::response_coding);
  EXPECT_EQ(answer.error->detail, "gzip, chunked");
}

TEST_F(ClientFaults, ASecondAnswerIsNotTakenForTheNextOne) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    const std::string number = std::to_string(peer.number);
    peer.write("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n" + number +
               "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil");
    peer.read_to_end();
  });
  EXPECT_EQ(ask(request_to(server.port())).body, "0");
  EXPECT_EQ(made_client().idle_connections(), 0u);
  EXPECT_EQ(ask(request_to(server.port())).body, "1");
}

TEST_F(ClientFaults, BytesThatComeWhileAConnectionIsIdleAreNotTakenForAnAnswer) {
  std::promise<void> answered;
  std::promise<void> poisoned;
  RawServer server([&](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n" + std::to_string(peer.number));
    if (peer.number == 0) {
      answered.get_future().wait();
      peer.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil");
      poisoned.set_value();
    }
    peer.read_to_end();
  });
  EXPECT_EQ(ask(request_to(server.port())).body, "0");
  EXPECT_EQ(made_client().idle_connections(), 1u);
  answered.set_value();
  poisoned.get_future().wait();
  EXPECT_EQ(ask(request_to(server.port())).body, "1");
}

// ---- kept connections that the server closes ----

TEST_F(ClientFaults, AClosedIdleConnectionIsNotedBeforeTheNextRequest) {
  std::promise<void> answered;
  RawServer server([&](Peer& peer) {
    peer.read_head();
    peer.write(ok_empty);
    if (peer.number == 0) answered.get_future().wait();
  });
  ask(request_to(server.port()));
  EXPECT_EQ(made_client().idle_connections(), 1u);
  answered.set_value();
  server.wait_for_end(0);
  EXPECT_EQ(ask(request_to(server.port(), "POST"), "x").status, 200u);
  EXPECT_EQ(server.connections(), 2u);
}

TEST_F(ClientFaults, ARequestThatCanBeRepeatedIsRepeatedOnANewConnection) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write(ok_empty);
    // The second request of the first connection meets its end.
    if (!peer.read_head().empty() && peer.number > 0) peer.write(ok_empty);
  });
  EXPECT_FALSE(ask(request_to(server.port())).error);
  EXPECT_FALSE(ask(request_to(server.port(), "PUT"), "again").error);
  EXPECT_EQ(server.connections(), 2u);
}

TEST_F(ClientFaults, ARequestThatMayHaveHadItsEffectIsNotRepeated) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write(ok_empty);
    peer.read_head();
  });
  EXPECT_FALSE(ask(request_to(server.port())).error);
  EXPECT_EQ(ask(request_to(server.port(), "POST"), "once").fault(), ClientFault::connection_terminated);
  EXPECT_EQ(server.connections(), 1u);
}

TEST_F(ClientFaults, AStreamIsNotRepeated) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write(ok_empty);
    peer.read_head();
  });
  EXPECT_FALSE(ask(request_to(server.port())).error);
  const auto exchange = start_streaming(request_to(server.port(), "PUT"));
  exchange->request_body().write("part");
  EXPECT_EQ(finish(*exchange).fault(), ClientFault::connection_terminated);
  EXPECT_TRUE(exchange->request_body().cancelled());
  EXPECT_EQ(server.connections(), 1u);
}

TEST_F(ClientFaults, ARequestIsRepeatedOnlyOnce) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    if (peer.number > 0) return;
    peer.write(ok_empty);
    peer.read_head();
  });
  EXPECT_FALSE(ask(request_to(server.port())).error);
  EXPECT_EQ(ask(request_to(server.port())).fault(), ClientFault::connection_terminated);
  EXPECT_EQ(server.connections(), 2u);
}

TEST_F(ClientFaults, APartialAnswerIsNotRepeated) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write(ok_empty);
    peer.read_head();
    peer.write("HTTP/1.1 2");
  });
  EXPECT_FALSE(ask(request_to(server.port())).error);
  EXPECT_EQ(ask(request_to(server.port())).fault(), ClientFault::response_incomplete);
  EXPECT_EQ(server.connections(), 1u);
}

// ---- time ----

TEST_F(ClientFaults, AServerThatNeverAnswersEndsAtTheFirstByteTimeout) {
  RawServer server([](Peer& peer) { peer.read_to_end(); });
  ClientRequest request = request_to(server.port());
  request.timeouts.first_byte = soon;
  EXPECT_EQ(ask(request).fault(), ClientFault::read_timeout);
  EXPECT_EQ(made_client().connections(), 0u);
}

TEST_F(ClientFaults, AHeadThatTricklesInDoesNotExtendTheTimeout) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\n");
    while (peer.write("a: b\r\n")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  });
  ClientRequest request = request_to(server.port());
  request.timeouts.first_byte = soon;
  EXPECT_EQ(ask(request).fault(), ClientFault::read_timeout);
}

TEST_F(ClientFaults, ABodyThatStallsEndsAtTheTimeoutBetweenBytes) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello");
    peer.read_to_end();
  });
  ClientRequest request = request_to(server.port());
  request.timeouts.between_bytes = soon;
  const Answer answer = ask(request);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.fault(), ClientFault::read_timeout);
}

TEST_F(ClientFaults, AServerThatTakesNoBytesEndsAtTheTimeoutBetweenBytes) {
  std::promise<void> done;
  RawServer server([&](Peer& peer) {
    peer.read_head();
    done.get_future().wait();
  });
  ClientRequest request = request_to(server.port(), "POST");
  request.timeouts.between_bytes = soon;
  EXPECT_EQ(ask(request, std::string(64 << 20, 'x')).fault(), ClientFault::write_timeout);
  done.set_value();
}

TEST_F(ClientFaults, ConnectingEndsAtItsTimeout) {
  UnansweredPort port;
  ClientRequest request = request_to(port.port());
  request.timeouts.connect = soon;
  EXPECT_EQ(ask(request).fault(), ClientFault::connect_timeout);
  EXPECT_EQ(made_client().connections(), 0u);
}

TEST_F(ClientFaults, ATimeoutOfZeroEndsARequestThatCannotBeReadyAtOnce) {
  UnansweredPort port;
  ClientRequest request = request_to(port.port());
  request.timeouts = {std::chrono::nanoseconds(0), std::chrono::nanoseconds(0), std::chrono::nanoseconds(0)};
  EXPECT_EQ(ask(request).fault(), ClientFault::connect_timeout);
}

TEST_F(ClientFaults, TheLongestTimeoutIsNever) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write(ok_empty);
  });
  ClientRequest request = request_to(server.port());
  const auto longest = std::chrono::nanoseconds::max();
  request.timeouts = {longest, longest, longest};
  EXPECT_FALSE(ask(request).error);
}

TEST_F(ClientFaults, ASlowReaderIsNotTimedOut) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n" + std::string(200'000, 'x'));
    peer.read_to_end();
  });
  ClientRequest request = request_to(server.port());
  request.timeouts.between_bytes = soon;
  const auto exchange = start(request);
  turn_until([&] { return exchange->response_body().size() == body_pipe_capacity; });
  loop.restart();
  loop.run_for(3 * soon);
  EXPECT_EQ(finish(*exchange).body.size(), 200'000u);
}

// ---- whoever asks gives up ----

TEST_F(ClientFaults, ABodyThatIsGivenUpDoesNotLookComplete) {
  std::string received;
  RawServer server([&](Peer& peer) { received = peer.read_to_end(); });
  const auto exchange = start_streaming(request_to(server.port(), "POST"));
  exchange->request_body().write("part");
  turn_until([&] { return server.connections() == 1 && exchange->request_body().size() == 0; });
  exchange->request_body().abort("not finished");
  EXPECT_EQ(finish(*exchange).fault(), ClientFault::request_aborted);
  EXPECT_EQ(made_client().connections(), 0u);
  server.wait_for_end(0);
  EXPECT_TRUE(received.ends_with("\r\n\r\n4\r\npart\r\n")) << received;
}

TEST_F(ClientFaults, ABodyThatIsGivenUpBeforeTheStartReachesNobody) {
  RawServer server([](Peer& peer) { peer.read_to_end(); });
  const auto exchange = std::make_shared<ClientExchange>(request_to(server.port(), "POST"));
  exchange->request_body().abort("not finished");
  made_client().start(exchange);
  EXPECT_EQ(finish(*exchange).fault(), ClientFault::request_aborted);
  EXPECT_EQ(server.connections(), 0u);
}

TEST_F(ClientFaults, ACancelledWaitForAnAnswerClosesTheConnection) {
  std::promise<void> closed;
  RawServer server([&](Peer& peer) {
    peer.read_to_end();
    closed.set_value();
  });
  const auto exchange = start(request_to(server.port()));
  turn_until([&] { return server.connections() == 1; });
  exchange->cancel();
  turn_until([&] { return made_client().connections() == 0; });
  EXPECT_EQ(closed.get_future().wait_for(testing::test_patience), std::future_status::ready);
  EXPECT_EQ(exchange->error()->fault, ClientFault::cancelled);
}

}  // namespace
}  // namespace weft::http
