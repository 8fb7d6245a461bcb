// A client on a loop that a test turns itself.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "http/client.h"

namespace weft::http::testing {

// What is long enough for anything on one machine, however busy.
inline constexpr std::chrono::seconds test_patience{20};

class ClientTest : public ::testing::Test {
 protected:
  Loop loop;
  ClientOptions options;
  std::unique_ptr<Resolver> resolver = std::make_unique<Resolver>();
  std::unique_ptr<Client> client;

  Client& made_client() {
    if (client == nullptr) client = std::make_unique<Client>(loop, *resolver, options);
    return *client;
  }

  static ClientRequest request_to(unsigned short port, std::string method = "GET", std::string path = "/") {
    ClientRequest request;
    request.origin = {.tls = false, .host = "127.0.0.1", .port = port};
    request.method = std::move(method);
    request.path_with_query = std::move(path);
    return request;
  }

  // Starts an exchange whose body is whole.
  std::shared_ptr<ClientExchange> start(ClientRequest request, std::string body = {}) {
    auto exchange = std::make_shared<ClientExchange>(std::move(request));
    exchange->request_body().fill(std::move(body));
    made_client().start(exchange);
    return exchange;
  }
  // Starts one whose body is to be written.
  std::shared_ptr<ClientExchange> start_streaming(ClientRequest request) {
    auto exchange = std::make_shared<ClientExchange>(std::move(request));
    made_client().start(exchange);
    return exchange;
  }

  // Turns the loop until `done`.
  template <class Done>
  void turn_until(Done done) {
    const auto until = std::chrono::steady_clock::now() + test_patience;
    while (!done()) {
      loop.restart();
      loop.run_one_for(std::chrono::milliseconds(50));
      ASSERT_LT(std::chrono::steady_clock::now(), until) << "nothing happens any more";
    }
  }
  // Turns it as long as there is something to do at once.
  void settle() {
    loop.restart();
    while (loop.poll() > 0) loop.restart();
  }

  struct Answer {
    unsigned status = 0;
    Fields fields;
    std::string body;
    std::optional<Fields> trailers;
    std::optional<ClientError> error;

    ClientFault fault() const { return error ? error->fault : static_cast<ClientFault>(255); }
  };
  // Reads the response to its end.
  Answer finish(ClientExchange& exchange) {
    Answer answer;
    turn_until([&] {
      answer.body += exchange.response_body().take_all();
      return exchange.response_body().at_end() || exchange.response_body().failed();
    });
    settle();
    answer.status = exchange.response().status;
    answer.fields = exchange.response().fields;
    answer.trailers = exchange.response_body().trailers();
    answer.error = exchange.error();
    return answer;
  }
  Answer ask(ClientRequest request, std::string body = {}) {
    return finish(*start(std::move(request), std::move(body)));
  }
};

}  // namespace weft::http::testing
