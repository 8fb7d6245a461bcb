// Outgoing requests: their setters, who may send them where, and what comes back.
#include "wasi_http/outgoing_handler.h"

#include <gtest/gtest.h>

#include "http/testing/raw_server.h"

namespace weft::wasi_http {
namespace {

using http::testing::Peer;
using http::testing::RawServer;

// Grants what it was told to, and notes what it was asked.
class FakeGrants final : public host::Grants {
 public:
  host::Decision decide(host::Capability, const host::Target& target) const override {
    asked.push_back(std::string(target.scheme) + "://" + std::string(target.host) + ":" + std::to_string(target.port));
    return {allow, "so it is", "more grants"};
  }
  bool allow = true;
  mutable std::vector<std::string> asked;
};

class OutgoingHandler : public ::testing::Test {
 protected:
  Loop loop;
  Resolver resolver{[this](const std::string& host) {
    looked_up.push_back(host);
    return Resolver::Answer{{boost::asio::ip::make_address("127.0.0.1")}, 0};
  }};
  http::Client client{loop, resolver};
  Outbound outbound{.client = &client, .self = std::nullopt, .blocked = nullptr, .quota = nullptr};
  OutboundState state{.outbound = &outbound};
  FakeGrants grants;
  host::RequestContext context{loop, grants};
  std::shared_ptr<Budget> budget = std::make_shared<Budget>();
  std::vector<std::string> looked_up;
  std::string log;

  void SetUp() override {
    context.log = [this](std::string_view line) { log.append(line).append("\n"); };
  }

  std::unique_ptr<OutgoingRequest> make(std::string authority, Scheme scheme = scheme::Http{}) {
    auto request = std::make_unique<OutgoingRequest>(FieldsResource(budget).take(), budget);
    if (!authority.empty()) EXPECT_TRUE(request->set_authority(std::move(authority)));
    EXPECT_TRUE(request->set_scheme(std::move(scheme)));
    return request;
  }
  std::unique_ptr<OutgoingRequest> make(unsigned short port) { return make("127.0.0.1:" + std::to_string(port)); }

  // The error that handle returns at once.
  std::string_view malformed(OutgoingRequest& request) {
    const auto sent = send(context, state, request, nullptr);
    return sent ? "none" : to_string(sent.error());
  }
  bind::Own<FutureIncomingResponse> sent(OutgoingRequest& request, const RequestOptions* options = nullptr) {
    auto future = send(context, state, request, options);
    EXPECT_TRUE(future);
    return std::move(*future);
  }
  // Turns the loop until the pollable is ready.
  void wait(host::Pollable& pollable) {
    for (int i = 0; i < 400 && !pollable.ready(); ++i) {
      loop.restart();
      loop.run_one_for(std::chrono::milliseconds(50));
    }
    ASSERT_TRUE(pollable.ready());
  }
  FutureIncomingResponse::Response response(FutureIncomingResponse& future) {
    wait(*future.readiness());
    auto got = future.get(context);
    EXPECT_TRUE(got && *got);
    return std::move(**got);
  }
  std::string_view failure(FutureIncomingResponse& future) {
    const auto got = response(future);
    return got ? "none" : to_string(got.error());
  }
  std::string read_all(IncomingBody& body) {
    const auto stream = body.stream();
    std::string all;
    for (;;) {
      const auto bytes = stream->read(1 << 20);
      if (!bytes) return all;
      all.append(reinterpret_cast<const char*>(bytes->data()), bytes->size());
      if (bytes->empty()) wait(*stream->readiness());
    }
  }
};

// RFC 9110, 4.2.4: no user in a message; and a path that is relative to nothing reaches nobody.
TEST_F(OutgoingHandler, WhatIsValidAndCannotBeSentIsRefusedWhenItIsSent) {
  for (const char* authority : {"user@1.2.3.4:80", "user:pass%20@localhost:80"}) {
    const auto request = make(authority);
    EXPECT_EQ(request->authority(), authority);
    EXPECT_EQ(malformed(*request), "HTTP-request-URI-invalid");
  }
  for (const char* path : {"a/b/c", "../..", "*", "@evil.example/"}) {
    const auto request = make("example.com");
    ASSERT_TRUE(request->set_path_with_query(path)) << path;
    EXPECT_EQ(request->path_with_query(), path);
    EXPECT_EQ(malformed(*request), "HTTP-request-URI-invalid");
  }
  EXPECT_TRUE(grants.asked.empty());
}

TEST_F(OutgoingHandler, ABlankAroundAValueIsNotSent) {
  std::string head;
  RawServer server([&](Peer& peer) {
    head = peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  });
  FieldsResource fields(budget);
  const auto append = [&](std::string_view name, std::string_view value) {
    return fields.append(name, std::as_bytes(std::span(value))).has_value();
  };
  EXPECT_TRUE(append("a", " \t 1 2 \t"));
  EXPECT_TRUE(append("b", " "));
  EXPECT_FALSE(append("c", " x\r\n"));
  OutgoingRequest request(fields.take(), budget);
  ASSERT_TRUE(request.set_authority("127.0.0.1:" + std::to_string(server.port())));
  ASSERT_TRUE(request.set_scheme(scheme::Http{}));
  const auto future = sent(request);
  EXPECT_TRUE(response(*future));
  server.wait_for_end(0);
  EXPECT_NE(head.find("\r\na: 1 2\r\nb: \r\n"), std::string::npos) << head;
}

TEST_F(OutgoingHandler, TheBodyCanBeHadOnce) {
  const auto request = make("example.com");
  EXPECT_NE(request->body(loop, budget), nullptr);
  EXPECT_EQ(request->body(loop, budget), nullptr);
}

TEST_F(OutgoingHandler, AMalformedRequestIsRefusedAtOnce) {
  auto request = make("example.com", scheme::Other{"WS"});
  EXPECT_EQ(malformed(*request), "HTTP-protocol-error");
  request = make("example.com");
  ASSERT_TRUE(request->set_method(method::Connect{}));
  EXPECT_EQ(malformed(*request), "HTTP-request-method-invalid");
  http::Fields fields;
  fields.append("content-length", "5");
  request = std::make_unique<OutgoingRequest>(std::make_shared<http::Fields>(fields), budget);
  EXPECT_EQ(malformed(*request), "HTTP-request-body-size");
  fields.append("content-length", "5");
  request = std::make_unique<OutgoingRequest>(std::make_shared<http::Fields>(fields), budget);
  EXPECT_EQ(request->body(loop, budget), nullptr);
  EXPECT_EQ(malformed(*request), "HTTP-protocol-error");
  EXPECT_TRUE(grants.asked.empty());
}

TEST_F(OutgoingHandler, WhatIsNotGrantedIsNeitherLookedUpNorDialled) {
  grants.allow = false;
  const auto request = make("secret.example:8080");
  const auto future = sent(*request);
  EXPECT_EQ(failure(*future), "HTTP-request-denied");
  EXPECT_EQ(grants.asked, std::vector<std::string>{"http://secret.example:8080"});
  EXPECT_TRUE(looked_up.empty());
  EXPECT_EQ(client.connections(), 0u);
  EXPECT_EQ(context.share().account.denials, 1u);
  EXPECT_NE(log.find("to allow it: more grants"), std::string::npos);
}

TEST_F(OutgoingHandler, TheDestinationThatIsAskedForIsTheOneDialled) {
  grants.allow = false;
  const auto asked = [&](std::string authority, std::optional<Scheme> scheme) {
    const auto request = make(std::move(authority));
    EXPECT_TRUE(request->set_scheme(std::move(scheme)));
    sent(*request);
    return grants.asked.back();
  };
  EXPECT_EQ(asked("EXAMPLE.com", scheme::Http{}), "http://example.com:80");
  EXPECT_EQ(asked("example.com", scheme::Https{}), "https://example.com:443");
  EXPECT_EQ(asked("example.com", std::nullopt), "https://example.com:443");
  EXPECT_EQ(asked("example.com", scheme::Other{"HTTP"}), "http://example.com:80");
  EXPECT_EQ(asked("[::1]:81", scheme::Http{}), "http://::1:81");
  EXPECT_EQ(asked("self", scheme::Http{}), "http://self:80");
  EXPECT_EQ(asked("self.alt", scheme::Http{}), "http://:0");
  EXPECT_EQ(asked("", scheme::Http{}), "http://:0");
}

TEST_F(OutgoingHandler, ARequestWithoutAuthorityGoesToTheApplicationItself) {
  std::string head;
  RawServer server([&](Peer& peer) {
    head = peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  });
  outbound.self = {.tls = false, .host = "127.0.0.1", .port = server.port()};
  const auto request = make("");
  ASSERT_TRUE(request->set_path_with_query("/me"));
  const auto future = sent(*request);
  EXPECT_TRUE(response(*future));
  server.wait_for_end(0);
  EXPECT_TRUE(head.starts_with("GET /me HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"))
      << head;
}

TEST_F(OutgoingHandler, AnApplicationThatListensNowhereCannotBeAsked) {
  const auto future = sent(*make(""));
  EXPECT_EQ(failure(*future), "HTTP-request-URI-invalid");
}

struct FakeServices final : Services {
  bool has(std::string_view component) const override { return component == "other"; }
  void start(std::string_view component, std::shared_ptr<http::ClientExchange> exchange, unsigned depth) override {
    chain_depth = depth;
    started.emplace_back(component, std::move(exchange));
  }
  unsigned chain_depth = 0;
  std::vector<std::pair<std::string, std::shared_ptr<http::ClientExchange>>> started;
};

TEST_F(OutgoingHandler, AComponentOfTheApplicationIsAskedWithoutAConnectionOnceItIsGranted) {
  FakeServices services;
  state.services = &services;
  grants.allow = false;
  EXPECT_EQ(failure(*sent(*make("other.spin.internal"))), "HTTP-request-denied");
  EXPECT_TRUE(services.started.empty());
  grants.allow = true;
  const auto future = sent(*make("OTHER.spin.internal"));
  ASSERT_EQ(services.started.size(), 1u);
  EXPECT_EQ(services.started[0].first, "other");
  services.started[0].second->respond({.status = 202, .fields = {}});
  const auto got = response(*future);
  ASSERT_TRUE(got);
  EXPECT_EQ((*got)->status(), 202);
  EXPECT_TRUE(looked_up.empty());
}

TEST_F(OutgoingHandler, ARequestCarriesTheTraceUnlessTheGuestSaysOtherwise) {
  FakeServices services;
  state.services = &services;
  const auto fields_of = [&](http::Fields fields) {
    OutgoingRequest request(std::make_shared<http::Fields>(std::move(fields)), budget);
    EXPECT_TRUE(request.set_authority("other.spin.internal"));
    sent(request);
    return services.started.back().second->request().fields;
  };
  EXPECT_TRUE(fields_of({}).empty());
  context.share().trace = {.trace_id_high = 1, .trace_id_low = 2, .span_id = 3, .flags = 1};
  context.share().trace_state = "a=b";
  const auto parent_of = [&] { return host::parse_traceparent(fields_of({}).get("traceparent").value_or("")); };
  const auto first = parent_of();
  const auto second = parent_of();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, (host::TraceContext{1, 2, first->span_id, 1}));
  EXPECT_NE(first->span_id, 3u);
  EXPECT_NE(first->span_id, second->span_id);
  EXPECT_EQ(fields_of({}).get("tracestate"), "a=b");

  http::Fields own;
  own.append("Traceparent", "the guest's");
  const http::Fields kept = fields_of(own);
  EXPECT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept.get("traceparent"), "the guest's");
  http::Fields state_only;
  state_only.append("tracestate", "c=d");
  const http::Fields both = fields_of(state_only);
  EXPECT_TRUE(both.has("traceparent"));
  EXPECT_EQ(both.get_all("tracestate"), std::vector<std::string_view>{"c=d"});
}

TEST_F(OutgoingHandler, AComponentThatThereIsNotIsAnErrorThatNamesIt) {
  FakeServices services;
  for (Services* given : {static_cast<Services*>(nullptr), static_cast<Services*>(&services)}) {
    state.services = given;
    EXPECT_EQ(failure(*sent(*make("nobody.spin.internal"))), "internal-error");
    EXPECT_NE(log.find("the application has no component nobody"), std::string::npos);
  }
  EXPECT_TRUE(looked_up.empty());
}

TEST_F(OutgoingHandler, AChainOfComponentsHasAnEnd) {
  FakeServices services;
  state.services = &services;
  context.share().chain_depth = max_chain_depth;
  EXPECT_EQ(failure(*sent(*make("other.spin.internal"))), "loop-detected");
  EXPECT_TRUE(services.started.empty());
  context.share().chain_depth = max_chain_depth - 1;
  const auto future = sent(*make("other.spin.internal"));
  EXPECT_EQ(services.started.size(), 1u);
  EXPECT_EQ(services.chain_depth, max_chain_depth);
}

TEST_F(OutgoingHandler, AResponseHasItsStatusFieldsAndBody) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write(
        "HTTP/1.1 404 Not Found\r\nX-A: b\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        "2\r\nno\r\n0\r\nX-T: u\r\n\r\n");
  });
  const auto future = sent(*make(server.port()));
  EXPECT_FALSE(future->get(context));
  auto got = response(*future);
  ASSERT_TRUE(got);
  IncomingResponse& incoming = **got;
  EXPECT_EQ(incoming.status(), 404);
  const auto headers = incoming.headers();
  EXPECT_TRUE(headers->is_immutable());
  EXPECT_EQ(headers->fields().get("x-a"), "b");
  EXPECT_FALSE(headers->fields().has("connection"));
  EXPECT_FALSE(headers->fields().has("transfer-encoding"));
  const auto body = incoming.consume();
  EXPECT_EQ(incoming.consume(), nullptr);
  EXPECT_EQ(read_all(*body), "no");
  FutureTrailers trailers(body->reader());
  auto ended = trailers.get();
  ASSERT_TRUE(ended && *ended && **ended && ***ended);
  EXPECT_EQ(ended->value().value().value()->fields().get("x-t"), "u");
  // The future's value can be had once.
  const auto second = future->get(context);
  ASSERT_TRUE(second);
  EXPECT_FALSE(*second);
}

TEST_F(OutgoingHandler, ABodyWrittenBeforeOrAfterHandleIsSent) {
  std::string received;
  RawServer server([&](Peer& peer) {
    for (int i = 0; i < 2; ++i) {
      received += peer.read_head();
      received += peer.read(5);
      peer.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    }
  });
  for (const bool before : {true, false}) {
    const auto request = make(server.port());
    ASSERT_TRUE(request->set_method(method::Post{}));
    const auto body = request->body(loop, budget);
    const auto write = [&] {
      ASSERT_TRUE(body->stream()->write(std::as_bytes(std::span(std::string_view("hello")))));
      ASSERT_TRUE(body->finish({}));
    };
    if (before) write();
    const auto future = sent(*request);
    if (!before) write();
    EXPECT_TRUE(response(*future));
  }
  EXPECT_EQ(server.connections(), 1u);
  server.wait_for_end(0);
  EXPECT_EQ(received.find("transfer-encoding"), std::string::npos) << received;
  EXPECT_NE(received.find("content-length: 5\r\n\r\nhelloPOST"), std::string::npos) << received;
}

TEST_F(OutgoingHandler, AnUnfinishedBodyEndsTheRequest) {
  RawServer server([](Peer& peer) { peer.read_to_end(); });
  const auto request = make(server.port());
  auto body = request->body(loop, budget);
  const auto future = sent(*request);
  body.reset();
  EXPECT_EQ(failure(*future), "HTTP-protocol-error");
  EXPECT_EQ(server.connections(), 0u);
}

TEST_F(OutgoingHandler, AFailureIsToldAndLogged) {
  RawServer server([](Peer& peer) { peer.read_head(); });
  const auto future = sent(*make(server.port()));
  EXPECT_EQ(failure(*future), "connection-terminated");
  EXPECT_NE(log.find("the request to http://127.0.0.1:" + std::to_string(server.port()) + " failed: "),
            std::string::npos);
}

TEST_F(OutgoingHandler, OptionsAreTimeouts) {
  RawServer server([](Peer& peer) { peer.read_to_end(); });
  RequestOptions options;
  options.first_byte_timeout = 50'000'000;
  EXPECT_EQ(failure(*sent(*make(server.port()), &options)), "connection-read-timeout");
  options.first_byte_timeout = UINT64_MAX;
  options.connect_timeout = UINT64_MAX;
  options.between_bytes_timeout = UINT64_MAX;
  const auto future = sent(*make(server.port()), &options);
  loop.restart();
  loop.run_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(future->get(context));
}

TEST_F(OutgoingHandler, ADroppedFutureCancelsTheRequest) {
  RawServer server([](Peer& peer) { peer.read_to_end(); });
  auto future = sent(*make(server.port()));
  while (server.connections() == 0) {
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(50));
  }
  const auto pollable = future->readiness();
  future.reset();
  EXPECT_TRUE(pollable->ready());
  server.wait_for_end(0);
}

TEST_F(OutgoingHandler, ADroppedResponseEndsItsConnection) {
  RawServer server([](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
    peer.read_to_end();
  });
  auto future = sent(*make(server.port()));
  auto got = response(*future);
  ASSERT_TRUE(got);
  future.reset();
  got->reset();
  server.wait_for_end(0);
}

TEST_F(OutgoingHandler, EveryFaultOfTheClientHasACode) {
  using http::ClientFault;
  const auto code = [](ClientFault fault) {
    return std::string(to_string(to_error_code(http::ClientError{fault, "x", 40})));
  };
  EXPECT_EQ(code(ClientFault::dns_timeout), "DNS-timeout");
  EXPECT_EQ(code(ClientFault::dns_failed), "DNS-error");
  EXPECT_EQ(code(ClientFault::address_prohibited), "destination-IP-prohibited");
  EXPECT_EQ(code(ClientFault::address_unroutable), "destination-IP-unroutable");
  EXPECT_EQ(code(ClientFault::connection_refused), "connection-refused");
  EXPECT_EQ(code(ClientFault::connection_limit), "connection-limit-reached");
  EXPECT_EQ(code(ClientFault::connect_timeout), "connection-timeout");
  EXPECT_EQ(code(ClientFault::write_timeout), "connection-write-timeout");
  EXPECT_EQ(code(ClientFault::tls_protocol), "TLS-protocol-error");
  EXPECT_EQ(code(ClientFault::tls_certificate), "TLS-certificate-error");
  EXPECT_EQ(code(ClientFault::response_incomplete), "HTTP-response-incomplete");
  EXPECT_EQ(code(ClientFault::response_head_size), "HTTP-response-header-section-size");
  EXPECT_EQ(code(ClientFault::response_coding), "HTTP-response-transfer-coding");
  EXPECT_EQ(code(ClientFault::response_malformed), "HTTP-protocol-error");
  const auto alert = to_error_code(http::ClientError{ClientFault::tls_alert, "handshake failure", 40});
  EXPECT_EQ(std::get<error::TlsAlertReceived>(alert).value.alert_id, 40);
}

}  // namespace
}  // namespace weft::wasi_http
