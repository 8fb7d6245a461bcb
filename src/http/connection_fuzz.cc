// Any bytes on a connection: which requests they are does not depend on how they come, and whatever the client, the
// handler and the kernel do, the connection ends when the client does.
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "http/connection.h"
#include "http/testing/fake_transport.h"
#include "util/testing/require.h"

using namespace weft::http;
using weft::http::testing::Kernel;
using weft::testing::require;

namespace {

// One connection from its begin to its end. Its handler does what the target's first letter says.
class Peer final : public ConnectionOwner, public Handler {
 public:
  Peer(std::string_view bytes, const Kernel& kernel) {
    limits_.target_bytes = 100;
    limits_.head_bytes = 500;
    limits_.body_bytes = 300;
    limits_.drained_body_bytes = 100;
    auto made = std::make_unique<testing::FakeTransport>();
    testing::FakeTransport& transport = *made;
    transport.incoming = bytes;
    transport.incoming_ended = true;
    static_cast<Kernel&>(transport) = kernel;
    connection_ = std::make_shared<Connection>(std::move(made), *this, "client");
    connection_->start();
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
    require(closed_ && connection_.use_count() == 1);
  }
  // Method, target and body of every request that came whole.
  std::string requests;
  // The handler did not wait for the end of every body: what was read of the last one depends on how it came.
  bool is_hasty = false;

  const Limits& limits() const override { return limits_; }
  Handler& handler() override { return *this; }
  bool draining() const override { return false; }
  void log(std::string_view) override { require(is_hasty); }
  std::string_view date() override { return "now"; }
  weft::Loop& loop() override { return loop_; }
  void on_closed(ServerConnection&) override {
    require(!closed_);
    closed_ = true;
  }

  void handle(std::shared_ptr<Exchange> exchange) override {
    const std::string& target = exchange->request().path_with_query;
    const char what = target.size() > 1 ? target[1] : ' ';
    is_hasty |= std::string_view("acdgnst").contains(what);
    switch (what) {
      case 'a':  // answers at once
        return exchange->respond({}, "answer");
      case 'c':  // wants no body
        exchange->request_body().cancel();
        later_.emplace_back([exchange] { exchange->respond({}, "answer"); });
        return;
      case 'd': {  // sends another length than announced
        ResponseHead head;
        head.fields.append("content-length", "5");
        exchange->respond_streaming(std::move(head)).write(target);
        exchange->response_body().finish();
        return;
      }
      case 'g':  // gives up
        exchange->respond_streaming({}).write("part");
        later_.emplace_back([exchange] { exchange->response_body().abort("gave up"); });
        return;
      case 'n':  // answers when the client has long lost its patience
        later_.emplace_back([exchange] { exchange->respond({.status = 504, .fields = {}}, {}); });
        return;
      case 's':  // streams more than fits
        exchange->respond_streaming({}).write(std::string(40'000, 'x'));
        later_.emplace_back([exchange] {
          exchange->response_body().write("end");
          exchange->response_body().finish();
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
    // Called by the connection only, which holds the exchange.
    const auto read = [this, &exchange, body = std::make_shared<std::string>()] {
      BodyPipe& pipe = exchange.request_body();
      *body += pipe.take_all();
      require(body->size() <= limits_.body_bytes + body_pipe_capacity);
      if (!pipe.finished() || exchange.responded()) return;
      requests += exchange.request().method + " " + exchange.request().path_with_query + " " + *body + "\n";
      exchange.respond({}, "answer");
    };
    exchange.request_body().on_readable = read;
    read();
  }

  Limits limits_;
  weft::Loop loop_;
  std::shared_ptr<Connection> connection_;
  std::vector<std::function<void()>> later_;  // when nothing else happens
  bool closed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  const Kernel kernel{.piece = 1 + data[0] % 32u,
                      .window = data[1] % 64 == 0 ? SIZE_MAX : data[1] % 64 * 100u,
                      .fail_at = data[2] % 64u};
  const Peer whole(bytes, {});
  const Peer pieces(bytes, kernel);
  if (whole.is_hasty || pieces.is_hasty) return 0;
  if (kernel.fail_at == 0)
    require(whole.requests == pieces.requests);
  else
    require(whole.requests.starts_with(pieces.requests));
  return 0;
}
