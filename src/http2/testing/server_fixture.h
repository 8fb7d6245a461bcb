// A server's session whose client, handler and clock are the test.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/testing/fake_transport.h"
#include "http2/server_session.h"
#include "http2/testing/peer.h"

namespace weft::http2::testing {

class ServerTest : public ::testing::Test, public http::ConnectionOwner, public http::Handler {
 protected:
  http::Limits http_limits_;
  Limits limits_;
  bool draining_ = false;
  // Called with every request; answers "hello" unless a test sets something else.
  std::function<void(std::shared_ptr<http::Exchange>)> on_request =
      [](const std::shared_ptr<http::Exchange>& exchange) { exchange->respond({}, "hello"); };
  std::vector<std::string> requests;  // "METHOD path" of each
  std::vector<std::string> log_lines;
  std::unique_ptr<Peer> client;
  std::shared_ptr<ServerSession> session;
  http::testing::FakeTransport* transport = nullptr;  // the session's
  bool is_open = false;
  std::string raw_received;  // what the client that is none got

  // `opens_windows`: see Peer.
  void open(bool opens_windows = true) {
    close_open();
    client = std::make_unique<Peer>(Role::client, opens_windows);
    start();
  }
  // Without a client: what it says is given to send(), and it does not answer.
  void open_raw(std::string_view first = hello_settings) {
    close_open();
    client = nullptr;
    start();
    send(first);
  }
  void start() {
    raw_received.clear();
    auto made = std::make_unique<http::testing::FakeTransport>();
    transport = made.get();
    session = std::make_shared<ServerSession>(std::move(made), *this, "192.0.2.1:4711", "", limits_);
    is_open = true;
    session->start();
    settle();
  }
  // Until nothing happens any more.
  void settle() {
    for (;;) {
      loop_.restart();
      if (loop_.poll() > 0 || transport->deliver()) continue;
      if (client == nullptr) {
        raw_received += std::exchange(transport->sent, {});
        return;
      }
      if (!transport->sent.empty()) {
        client->receive(std::exchange(transport->sent, {}));
        continue;
      }
      std::string bytes = client->take();
      if (bytes.empty() || !is_open) return;
      transport->incoming += bytes;
    }
  }
  // Bytes that are not the client's.
  void send(std::string_view bytes) {
    transport->incoming += bytes;
    settle();
  }
  void end_input() {
    transport->incoming_ended = true;
    settle();
  }
  // Acts as if so much time had passed since now.
  void look_after(std::chrono::milliseconds time) {
    session->check_time(std::chrono::steady_clock::now() + time);
    settle();
  }
  const Peer::Message& ask(std::string_view method, std::string_view path, const FieldList& fields = {}) {
    const std::int32_t stream = client->request(method, path, fields);
    settle();
    return client->message(stream);
  }
  // The last GOAWAY that the client got.
  Peer::GoAway goaway() const {
    if (client != nullptr) return client->goaways.empty() ? Peer::GoAway{999, 0, ""} : client->goaways.back();
    Peer::GoAway last{999, 0, ""};
    for (const RawFrame& each : frames_of(raw_received)) {
      if (each.type != NGHTTP2_GOAWAY) continue;
      last = {number_of(each.payload.substr(4)), static_cast<std::int32_t>(number_of(each.payload)),
              each.payload.substr(8)};
    }
    return last;
  }

  void TearDown() override { close_open(); }

  // ---- ConnectionOwner, Handler ----
  const http::Limits& limits() const override { return http_limits_; }
  http::Handler& handler() override { return *this; }
  bool draining() const override { return draining_; }
  void log(std::string_view line) override { log_lines.emplace_back(line); }
  std::string_view date() override { return "now"; }
  Loop& loop() override { return loop_; }
  void on_closed(http::ServerConnection&) override { is_open = false; }
  void handle(std::shared_ptr<http::Exchange> exchange) override {
    requests.push_back(exchange->request().method + " " + exchange->request().path_with_query);
    on_request(std::move(exchange));
  }

 private:
  void close_open() {
    if (is_open) session->close();
    if (session != nullptr) settle();
  }
  Loop loop_;
};

// Its handler keeps every request, once that is asked for.
class KeepingServerTest : public ServerTest {
 protected:
  void keep_requests() {
    on_request = [this](auto exchange) { kept.push_back(std::move(exchange)); };
  }
  // The connection ended with this reason, and the client is let see it.
  void expect_calm_down(std::string_view why) {
    EXPECT_EQ(goaway().error, NGHTTP2_ENHANCE_YOUR_CALM);
    EXPECT_EQ(goaway().why, why);
    EXPECT_TRUE(transport->half_closed);
    end_input();
    EXPECT_FALSE(is_open);
  }
  std::vector<std::shared_ptr<http::Exchange>> kept;
};

// Sends the request's body back while it comes.
inline void echo(const std::shared_ptr<http::Exchange>& exchange) {
  http::BodyPipe& in = exchange->request_body();
  http::BodyPipe& out = exchange->respond_streaming({});
  // Called by the session only, which holds the exchange.
  const auto pump = [&in, &out] {
    while (const std::size_t count = std::min(in.size(), out.writable())) {
      out.write(in.front().substr(0, count));
      in.consume(count);
    }
    if (in.at_end()) out.finish(in.trailers());
    if (in.failed()) out.abort(in.abort_reason());
  };
  in.on_readable = pump;
  out.on_writable = pump;
  pump();
}

}  // namespace weft::http2::testing
