// Any bytes as what a server sends: whatever it, those who ask and the kernel do, each request has its end, what is
// answered is within the limits, and no more is in memory than they allow.
#include <boost/asio/co_spawn.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/testing/fake_transport.h"
#include "http2/client_session.h"
#include "util/testing/require.h"

using namespace weft;
using http::BodyPipe;
using http::ClientExchange;
using http::testing::Kernel;
using weft::testing::require;
using Outcome = http::ClientConnection::Outcome;

namespace {

constexpr std::size_t most_calls = 8;

// One request. What is asked, and how its answer is read, follows from `kind`.
struct Call {
  Call(Loop& loop, std::uint8_t kind) : loop_(loop), kind_(kind % 10) {
    http::ClientRequest request;
    request.origin = {.tls = true, .host = "x", .port = 443};
    request.path_with_query = "/";
    request.method = kind_ == 1 ? "HEAD" : has_body() ? "POST" : "GET";
    if (kind_ == 3) request.fields.append("expect", "100-continue");
    // All that there is to wait for has been waited for when somebody looks.
    request.timeouts = {.connect = {}, .first_byte = {}, .between_bytes = {}};
    exchange = std::make_shared<ClientExchange>(std::move(request));
    BodyPipe& body = exchange->request_body();
    if (!is_streamed()) body.fill(std::string(!has_body() ? 0 : kind_ == 4 ? 200'000 : 100, 'x'));
  }

  bool has_body() const { return kind_ >= 2 && kind_ <= 6; }
  bool is_streamed() const { return kind_ == 5 || kind_ == 6; }

  void start(const std::shared_ptr<http2::ClientSession>& session) {
    BodyPipe& in = exchange->response_body();
    if (kind_ != 7) in.on_readable = [this] { read(); };
    if (is_streamed()) exchange->request_body().write(std::string(40'000, 'x'));
    boost::asio::co_spawn(
        loop_, [this, session] { return run(session); }, [](const std::exception_ptr& failure) { require(!failure); });
  }

  // Goes on when nothing else happens. False: there is no more.
  bool go_on() {
    switch (step_++) {
      case 0:
        if (kind_ == 5) {
          http::Fields trailers;
          trailers.append("t", "1");
          exchange->request_body().finish(std::move(trailers));
        } else if (kind_ == 6) {
          exchange->request_body().abort("gave up");
        } else if (kind_ == 7) {
          read();
        } else if (kind_ == 8) {
          exchange->cancel();
        } else if (kind_ == 3) {
          exchange->expire();  // the server says nothing to 100-continue
        }
        return true;
      case 1:
      case 2:
        exchange->expire();
        return true;
      default:
        return false;
    }
  }

  void check() const {
    require(outcome.has_value());
    require(exchange->responded());
    if (outcome->error) {
      if (exchange->has_response()) require(!outcome->nothing_sent && !outcome->closed_before_response);
      return;
    }
    require(exchange->has_response() && exchange->response_body().finished());
    const http::ResponseHead& head = exchange->response();
    require(head.status >= 200 && head.status < 1000);
    const auto length = head.fields.get("content-length");
    if (kind_ == 1 || !length || head.status == 204 || head.status == 304) return;
    if (!exchange->response_body().cancelled()) require(http::parse_length(*length) == read_);
  }

  std::shared_ptr<ClientExchange> exchange;
  std::optional<Outcome> outcome;

 private:
  awaitable<void> run(std::shared_ptr<http2::ClientSession> session) {
    Outcome ended = co_await session->run(exchange);
    // As the client does.
    if (ended.error) exchange->fail(*ended.error);
    outcome = std::move(ended);
    if (exchange->has_response()) read();
  }

  void read() {
    BodyPipe& pipe = exchange->response_body();
    require(pipe.size() <= http2::Limits().stream_window);
    if (kind_ == 9 && pipe.size() > 0) return exchange->cancel();
    read_ += pipe.take_all().size();
  }

  Loop& loop_;
  const int kind_;
  int step_ = 0;
  std::uint64_t read_ = 0;
};

// One connection from its begin to its end, which is seen when all else has happened if it is late.
class Server {
 public:
  Server(std::string_view kinds, std::string_view bytes, const Kernel& kernel, bool end_late) {
    http::ResponseLimits response;
    response.head_bytes = 500;
    response.fields = 20;
    http2::Limits limits;
    limits.streams = most_calls / 2;
    auto made = std::make_unique<http::testing::FakeTransport>();
    transport_ = made.get();
    made->incoming = bytes;
    made->incoming_ended = !end_late;
    static_cast<Kernel&>(*made) = kernel;
    session_ = std::make_shared<http2::ClientSession>(loop_, http::Route{}, std::move(made), response, limits);
    session_->start();
    std::size_t next = 0;
    for (;;) {
      loop_.restart();
      if (loop_.poll() > 0) continue;
      // As many as the pool would let it have.
      if (next < kinds.size() && session_->usable() && open() < session_->capacity()) {
        calls_.push_back(std::make_unique<Call>(loop_, static_cast<std::uint8_t>(kinds[next++])));
        calls_.back()->start(session_);
        continue;
      }
      if (transport_->deliver()) continue;
      if (transport_->is_writing()) {
        transport_->window = kernel.window;
        continue;
      }
      bool moved = false;
      for (const auto& call : calls_) moved = call->go_on() || moved;
      if (!moved && std::exchange(transport_->incoming_ended, true)) break;
    }
    for (const auto& call : calls_) {
      call->check();
      if (!call->exchange->has_response()) continue;
      const http::Fields& fields = call->exchange->response().fields;
      require(fields.size() <= response.fields && fields.bytes() <= response.head_bytes);
      for (std::size_t i = 0; i < fields.size(); ++i) {
        require(http::is_token(fields[i].name) && http::is_field_value(fields[i].value));
      }
    }
    session_->close();
    do loop_.restart();
    while (transport_->deliver() || loop_.poll() > 0);
    require(session_.use_count() == 1);
  }

 private:
  std::size_t open() const {
    std::size_t count = 0;
    for (const auto& call : calls_) count += call->outcome ? 0 : 1;
    return count;
  }

  Loop loop_;
  http::testing::FakeTransport* transport_ = nullptr;  // the session's
  std::shared_ptr<http2::ClientSession> session_;
  std::vector<std::unique_ptr<Call>> calls_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t choices = 4;
  if (size < choices) return 0;
  const std::size_t calls = 1 + data[3] % most_calls;
  if (size < choices + calls) return 0;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::string_view kinds = all.substr(choices, calls);
  const std::string_view bytes = all.substr(choices + calls);
  const Kernel kernel{.piece = 1 + data[0] % 64u,
                      .window = data[1] % 64 == 0 ? SIZE_MAX : data[1] % 64 * 100u,
                      .fail_at = data[2] % 64u};
  const Server whole(kinds, bytes, {}, data[2] % 128 >= 64);
  const Server pieces(kinds, bytes, kernel, data[2] >= 128);
  return 0;
}
