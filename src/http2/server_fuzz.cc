// Any bytes after the preface: whatever the client, the handler and the kernel do, the connection ends when the client
// does, every handler has been told, and no more is in memory than the limits allow.
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "http/testing/fake_transport.h"
#include "http2/server_session.h"
#include "util/testing/require.h"

using namespace weft;
using http::BodyPipe;
using http::Exchange;
using http::testing::Kernel;
using weft::testing::require;

namespace {

constexpr const char* preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

bool is_over(const Exchange& exchange) {
  return exchange.client_gone() || exchange.responded();
}

// One connection from its begin to its end. Its handler does what the target's first letter says.
class Client final : public http::ConnectionOwner, public http::Handler {
 public:
  Client(std::string_view bytes, const Kernel& kernel) {
    http_limits_.target_bytes = 100;
    http_limits_.head_bytes = 500;
    http_limits_.body_bytes = 30'000;
    http_limits_.drained_body_bytes = 100;
    limits_.streams = 5;
    limits_.connection_window = 100'000;
    auto made = std::make_unique<http::testing::FakeTransport>();
    http::testing::FakeTransport& transport = *made;
    transport.incoming = bytes;
    transport.incoming_ended = true;
    static_cast<Kernel&>(transport) = kernel;
    session_ = std::make_shared<http2::ServerSession>(std::move(made), *this, "client", preface, limits_);
    session_->start();
    for (;;) {
      loop_.restart();
      if (loop_.poll() > 0 || transport.deliver()) continue;
      if (transport.is_writing()) {
        transport.window = kernel.window;
      } else if (!later_.empty()) {
        for (const auto& work : std::exchange(later_, {})) work();
      } else {
        break;
      }
    }
    require(closed_ && session_.use_count() == 1);
    for (const auto& exchange : exchanges_) require(is_over(*exchange) && exchange->request_body().ended());
  }

  const http::Limits& limits() const override { return http_limits_; }
  http::Handler& handler() override { return *this; }
  bool draining() const override { return false; }
  void log(std::string_view line) override { require(!line.starts_with("an HTTP/2 connection ended by a fault")); }
  std::string_view date() override { return "now"; }
  Loop& loop() override { return loop_; }
  void on_closed(http::ServerConnection&) override {
    require(!closed_);
    closed_ = true;
  }

  void handle(std::shared_ptr<Exchange> exchange) override {
    std::erase_if(unanswered_, [](const auto& other) { return is_over(*other); });
    require(unanswered_.size() < limits_.streams);
    unanswered_.push_back(exchange);
    exchanges_.push_back(exchange);
    const std::string& target = exchange->request().path_with_query;
    require(target.size() <= http_limits_.target_bytes);
    require(exchange->request().fields.bytes() <= 2 * http_limits_.head_bytes);
    switch (target.size() > 1 ? target[1] : ' ') {
      case 'a':  // answers at once
        return exchange->respond({}, "answer");
      case 'c':  // wants no body
        exchange->request_body().cancel();
        later_.emplace_back([exchange] { exchange->respond({}, "answer"); });
        return;
      case 'd': {  // sends another length than announced
        http::ResponseHead head;
        head.fields.append("content-length", "5");
        exchange->respond_streaming(std::move(head)).write(target);
        exchange->response_body().finish();
        return;
      }
      case 'g':  // gives up
        exchange->respond_streaming({}).write("part");
        later_.emplace_back([exchange] { exchange->response_body().abort("gave up"); });
        return;
      case 'l':  // more than the client's windows take
        return exchange->respond({}, std::string(200'000, 'x'));
      case 's':  // streams, with trailers
        exchange->respond_streaming({}).write(std::string(40'000, 'x'));
        later_.emplace_back([exchange] {
          http::Fields trailers;
          trailers.append("t", "1");
          exchange->response_body().write("end");
          exchange->response_body().finish(std::move(trailers));
        });
        return;
      case 't':
        throw std::runtime_error("thrown");
      default:
        return answer_with_body(*exchange);
    }
  }

 private:
  void answer_with_body(Exchange& exchange) {
    // Called by the session only, which holds the exchange.
    const auto read = [this, &exchange, size = std::make_shared<std::size_t>(0)] {
      BodyPipe& pipe = exchange.request_body();
      require(pipe.size() <= limits_.stream_window);
      *size += pipe.take_all().size();
      require(*size <= http_limits_.body_bytes);
      if (pipe.finished() && !exchange.responded()) exchange.respond({}, "answer");
    };
    exchange.request_body().on_readable = read;
    read();
  }

  http::Limits http_limits_;
  http2::Limits limits_;
  Loop loop_;
  std::shared_ptr<http2::ServerSession> session_;
  std::vector<std::shared_ptr<Exchange>> exchanges_;
  std::vector<std::shared_ptr<Exchange>> unanswered_;
  std::vector<std::function<void()>> later_;  // when nothing else happens
  bool closed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  const Kernel kernel{.piece = 1 + data[0] % 64u,
                      .window = data[1] % 64 == 0 ? SIZE_MAX : data[1] % 64 * 100u,
                      .fail_at = data[2] % 64u};
  const Client whole(bytes, {});
  const Client pieces(bytes, kernel);
  return 0;
}
