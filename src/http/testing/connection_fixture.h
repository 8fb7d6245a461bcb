// A connection whose client, handler and clock are the test.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/connection.h"
#include "http/testing/fake_transport.h"

namespace weft::http::testing {

class ConnectionTest : public ::testing::Test, public ConnectionOwner, public Handler {
 protected:
  Limits limits_;
  bool draining_ = false;
  // Called with every request; answers "hello" unless a test sets something else.
  std::function<void(std::shared_ptr<Exchange>)> on_request = [](const std::shared_ptr<Exchange>& exchange) {
    exchange->respond({}, "hello");
  };
  std::vector<std::string> requests;  // "METHOD path" of each
  std::vector<std::string> log_lines;
  std::shared_ptr<Connection> connection;
  FakeTransport* transport = nullptr;  // the connection's
  bool is_open = false;

  void open() {
    close_open();
    auto made = std::make_unique<FakeTransport>();
    transport = made.get();
    connection = std::make_shared<Connection>(std::move(made), *this, "192.0.2.1:4711");
    is_open = true;
    connection->start();
    settle();
  }
  // Until nothing happens any more.
  void settle() {
    do {
      loop_.restart();
      loop_.poll();
    } while (transport->deliver() || loop_.poll_one() > 0);
  }
  // The client sends.
  void send(std::string_view bytes) {
    transport->incoming += bytes;
    settle();
  }
  void end_input() {
    transport->incoming_ended = true;
    settle();
  }
  // What the client got since the last call, without Date.
  std::string received() {
    std::string text = std::exchange(transport->sent, {});
    for (std::size_t at; (at = text.find("date: now\r\n")) != std::string::npos;) text.erase(at, 11);
    return text;
  }
  std::string ask(std::string_view bytes) {
    send(bytes);
    return received();
  }
  // Acts as if so much time had passed since now.
  void look_after(std::chrono::milliseconds time) {
    connection->check_time(std::chrono::steady_clock::now() + time);
    settle();
  }

  static std::string get(std::string_view path = "/", std::string_view fields = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nhost: x\r\n" + std::string(fields) + "\r\n";
  }
  static std::string post(std::string_view fields, std::string_view body = "") {
    return "POST / HTTP/1.1\r\nhost: x\r\n" + std::string(fields) + "\r\n" + std::string(body);
  }

  void TearDown() override { close_open(); }

  // ---- ConnectionOwner, Handler ----
  const Limits& limits() const override { return limits_; }
  Handler& handler() override { return *this; }
  bool draining() const override { return draining_; }
  void log(std::string_view line) override { log_lines.emplace_back(line); }
  std::string_view date() override { return "now"; }
  Loop& loop() override { return loop_; }
  void on_closed(ServerConnection&) override { is_open = false; }
  void handle(std::shared_ptr<Exchange> exchange) override {
    requests.push_back(exchange->request().method + " " + exchange->request().path_with_query);
    on_request(std::move(exchange));
  }

 private:
  void close_open() {
    if (is_open) connection->close();
    if (connection != nullptr) settle();
  }
  Loop loop_;
};

// Its handler can be the test's later steps.
class KeepingTest : public ConnectionTest {
 protected:
  void keep_requests() {
    on_request = [this](auto given) { exchange = std::move(given); };
  }
  std::shared_ptr<Exchange> exchange;  // the last request's
};

inline const std::string hello = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

// Begins with that status line.
inline ::testing::AssertionResult is_status(const std::string& answer, unsigned status) {
  if (answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ")) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << answer;
}

}  // namespace weft::http::testing
