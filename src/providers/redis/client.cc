#include "providers/redis/client.h"

#include <hiredis/hiredis.h>
#include <pthread.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>

namespace weft::provider::redis {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Local = asio::local::stream_protocol;
using TcpSocket = asio::basic_stream_socket<Tcp, Executor>;
using LocalSocket = asio::basic_stream_socket<Local, Executor>;
using TlsSocket = asio::ssl::stream<TcpSocket>;
constexpr auto with_error = asio::as_tuple(use_awaitable);

// Commands that one write takes; more buffers than this the system does not.
constexpr std::size_t max_written = 64;
// How often what takes too long is looked for, while there is something.
constexpr std::chrono::milliseconds watch_interval{100};

struct Encoded {
  explicit Encoded(const std::vector<std::string>& arguments) {
    std::vector<const char*> parts;
    std::vector<std::size_t> sizes;
    for (const std::string& argument : arguments) {
      parts.push_back(argument.data());
      sizes.push_back(argument.size());
    }
    char* made = nullptr;
    const int bytes = redisFormatCommandArgv(&made, static_cast<int>(parts.size()), parts.data(), sizes.data());
    text.reset(made);
    size = bytes < 0 ? 0 : static_cast<std::size_t>(bytes);
  }
  struct Free {
    void operator()(char* made) const { std::free(made); }
  };
  std::unique_ptr<char, Free> text;
  std::size_t size = 0;  // 0: it could not be made
};

Error unavailable(const std::string& what) {
  return Error(Errc::unavailable, what);
}

}  // namespace

struct Client::Request {
  Request(Loop& loop, const std::vector<std::string>& arguments, Repeat may)
      : encoded(std::make_shared<const Encoded>(arguments)),
        repeat(may),
        result(std::make_shared<Answer<Result<Reply>>>(loop)) {}
  std::shared_ptr<const Encoded> encoded;
  Repeat repeat;
  std::shared_ptr<Answer<Result<Reply>>> result;
  Time deadline;
};

// One connection, from the attempt to its end.
struct Client::Session {
  explicit Session(Loop& loop) : more(loop), written(loop) {}
  Requests unanswered;  // sent, in order
  ReplyReader reader;
  Event more;     // to send
  Event written;  // the writer has ended
  bool ended = false;
  Time deadline = Time::max();  // of the attempt
  const char* late = nullptr;   // what took too long
  std::function<void()> close;
  std::array<char, 64 << 10> piece;
};

Client::Client(Address address, ClientOptions options) : address_(std::move(address)), options_(options) {}

void Client::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    if (!started_) return;
    asio::post(loop_, [this] {
      stopping_ = true;
      pause_.cancel();
      watch_.cancel();
      wake_.notify();
      if (session_ == nullptr) return;
      session_->more.notify();
      if (session_->close) session_->close();
    });
  }
  if (thread_.joinable()) thread_.join();
}

awaitable<Result<Reply>> Client::command(std::vector<std::string> arguments, Repeat repeat) {
  const Executor executor = co_await asio::this_coro::executor;
  auto request = std::make_shared<Request>(executor.context(), arguments, repeat);
  if (request->encoded->size == 0) co_return fail(Errc::internal, "no memory for a command");
  const auto result = request->result;
  CO_CHECK_OK(enqueue(std::move(request)));
  co_return co_await result->wait();
}

Result<void> Client::enqueue(std::shared_ptr<Request> request) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return fail(Errc::cancelled, "the store is being closed");
  if (unanswered_ >= max_unanswered ||
      (unanswered_ > 0 && unanswered_bytes_ + request->encoded->size > max_unanswered_bytes)) {
    return std::unexpected(unavailable("too many commands wait for " + address_.text()));
  }
  ++unanswered_;
  unanswered_bytes_ += request->encoded->size;
  asio::post(loop_, [this, request = std::move(request)]() mutable { accept(std::move(request)); });
  if (!started_) {
    started_ = true;
    asio::co_spawn(
        loop_, [this] { return run(); },
        [](std::exception_ptr failure) {
          if (failure != nullptr) std::terminate();  // no memory for the connection's own few objects
        });
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "kv-redis");
      loop_.run();
    });
  }
  return {};
}

void Client::accept(std::shared_ptr<Request> request) {
  if (stopping_ || down_) {
    answer(request, std::unexpected(stopping_ ? Error(Errc::cancelled, "the store is being closed") : *down_));
    flush_answers();
    return;
  }
  request->deadline = std::chrono::steady_clock::now() + options_.answer_timeout;
  waiting_.push_back(std::move(request));
  wake_.notify();
  if (session_ != nullptr) session_->more.notify();
  watch();
}

void Client::answer(const std::shared_ptr<Request>& request, Result<Reply> result) {
  {
    const std::lock_guard lock(mutex_);
    --unanswered_;
    unanswered_bytes_ -= request->encoded->size;
  }
  request->result->set(std::move(result));
  answers_.push_back(request->result);
}

void Client::flush_answers() {
  deliver(std::exchange(answers_, {}));
}

void Client::refuse(Requests& requests, const Error& error) {
  for (const auto& request : requests) answer(request, std::unexpected(error));
  requests.clear();
  flush_answers();
}

// What was sent and not answered: sent again if that is harmless, before what comes later.
void Client::lose(Session& session, const Error& error) {
  Requests again;
  for (auto& request : session.unanswered) {
    if (std::exchange(request->repeat, Repeat::never) == Repeat::harmless)
      again.push_back(std::move(request));
    else
      answer(request, std::unexpected(error));
  }
  session.unanswered.clear();
  waiting_.insert(waiting_.begin(), again.begin(), again.end());
  flush_answers();
}

void Client::watch() {
  if (watching_) return;
  watching_ = true;
  watch_.expires_after(watch_interval);
  watch_.async_wait([this](boost::system::error_code error) {
    watching_ = false;
    if (error || stopping_) return;
    const Time now = std::chrono::steady_clock::now();
    if (session_ != nullptr && session_->late == nullptr && session_->close) {
      const bool answers = !session_->unanswered.empty() && session_->unanswered.front()->deadline < now;
      if (answers || session_->deadline < now) {
        session_->late = answers ? "it does not answer" : "it cannot be connected to in time";
        session_->close();
      }
    }
    if (session_ != nullptr && (!session_->unanswered.empty() || session_->deadline != Time::max())) watch();
  });
}

awaitable<void> Client::run() {
  auto pause = options_.first_pause;
  while (!stopping_) {
    if (waiting_.empty()) {
      co_await wake_.wait();
      continue;
    }
    bool connected = false;
    const Error ended = co_await serve_once(connected);
    if (connected) {
      pause = options_.first_pause;
      continue;
    }
    refuse(waiting_, ended);
    if (stopping_) break;
    down_ = ended;
    pause_.expires_after(pause);
    co_await pause_.async_wait(with_error);
    down_.reset();
    pause = std::min(2 * pause, options_.longest_pause);
  }
  refuse(waiting_, Error(Errc::cancelled, "the store is being closed"));
}

awaitable<Error> Client::serve_once(bool& connected) {
  Session session(loop_);
  session.deadline = std::chrono::steady_clock::now() + options_.connect_timeout;
  session_ = &session;
  watch();
  auto close = [](auto& socket) {
    return [&socket] {
      boost::system::error_code ignored;
      socket.close(ignored);
    };
  };
  const auto attempt = [&]() -> awaitable<Error> {
    boost::system::error_code error;
    if (!address_.socket.empty()) {
      LocalSocket socket(loop_);
      session.close = close(socket);
      std::tie(error) = co_await socket.async_connect(Local::endpoint(address_.socket), with_error);
      if (error) co_return unavailable(error.message());
      co_return co_await serve(socket, session, connected);
    }
    // This thread has nothing to do without the address.
    asio::ip::basic_resolver<Tcp, Executor> resolver(loop_);
    const auto found = resolver.resolve(address_.host, std::to_string(address_.port), error);
    if (error) co_return unavailable(error.message());
    TcpSocket socket(loop_);
    session.close = close(socket);
    Tcp::endpoint connected_to;
    std::tie(error, connected_to) = co_await asio::async_connect(socket, found, with_error);
    if (error) co_return unavailable(error.message());
    socket.set_option(Tcp::no_delay(true), error);
    if (!address_.tls) co_return co_await serve(socket, session, connected);
    if (tls_ == nullptr) {
      tls_ = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
      tls_->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                        asio::ssl::context::no_tlsv1_1);
      tls_->set_default_verify_paths(error);
    }
    TlsSocket secure(std::move(socket), *tls_);
    session.close = close(secure.next_layer());
    SSL* ssl = secure.native_handle();
    SSL_set_verify(ssl, address_.check_certificate ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    boost::system::error_code not_literal;
    asio::ip::make_address(address_.host, not_literal);
    if (not_literal) {
      SSL_set_tlsext_host_name(ssl, address_.host.c_str());
      SSL_set1_host(ssl, address_.host.c_str());
    } else {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), address_.host.c_str());
    }
    std::tie(error) = co_await secure.async_handshake(asio::ssl::stream_base::client, with_error);
    if (error) co_return unavailable("TLS: " + error.message());
    co_return co_await serve(secure, session, connected);
  };
  Error ended = co_await attempt();
  session_ = nullptr;
  if (stopping_)
    ended = Error(Errc::cancelled, "the store is being closed");
  else if (session.late != nullptr)
    ended = unavailable(session.late);
  ended = std::move(ended).context("Redis at " + address_.text());
  if (stopping_)
    refuse(session.unanswered, ended);
  else
    lose(session, ended);
  co_return ended;
}

template <class Stream>
awaitable<Error> Client::serve(Stream& stream, Session& session, bool& connected) {
  auto ready = co_await log_in(stream, session);
  if (!ready) co_return std::move(ready).error();
  session.deadline = Time::max();
  connected = true;
  asio::co_spawn(
      loop_, [this, &stream, &session] { return write(stream, session); },
      [&session](std::exception_ptr) { session.written.notify(); });
  session.more.notify();
  Result<void> read;
  while ((read = co_await read_some(stream, session))) {
  }
  // The writer refers to the stream.
  session.ended = true;
  if (session.close) session.close();
  session.more.notify();
  co_await session.written.wait();
  co_return std::move(read).error();
}

template <class Stream>
awaitable<Result<void>> Client::log_in(Stream& stream, Session& session) {
  std::vector<std::vector<std::string>> commands;
  if (!address_.password.empty() && address_.user.empty()) commands.push_back({"AUTH", address_.password.reveal()});
  if (!address_.user.empty()) commands.push_back({"AUTH", address_.user, address_.password.reveal()});
  if (address_.database != 0) commands.push_back({"SELECT", std::to_string(address_.database)});
  for (const auto& command : commands) {
    const Encoded encoded(command);
    const auto [error, size] =
        co_await asio::async_write(stream, asio::buffer(encoded.text.get(), encoded.size), with_error);
    if (error) co_return std::unexpected(unavailable(error.message()));
    for (;;) {
      CO_TRY(auto reply, session.reader.next());
      if (reply != nullptr) {
        if (reply->kind == Reply::Kind::error)
          co_return std::unexpected(unavailable(command.front() + " is refused: " + reply->text));
        break;
      }
      const auto [failed, got] = co_await stream.async_read_some(asio::buffer(session.piece), with_error);
      if (failed) co_return std::unexpected(unavailable(failed.message()));
      CO_CHECK_OK(session.reader.feed({session.piece.data(), got}));
    }
  }
  co_return Result<void>();
}

template <class Stream>
awaitable<void> Client::write(Stream& stream, Session& session) {
  while (!session.ended) {
    if (waiting_.empty()) {
      co_await session.more.wait();
      continue;
    }
    // Kept until they are written: their answers may come before.
    std::vector<std::shared_ptr<const Encoded>> written;
    std::vector<asio::const_buffer> buffers;
    while (!waiting_.empty() && buffers.size() < max_written) {
      auto request = std::move(waiting_.front());
      waiting_.pop_front();
      written.push_back(request->encoded);
      buffers.emplace_back(request->encoded->text.get(), request->encoded->size);
      session.unanswered.push_back(std::move(request));
    }
    watch();
    const auto [error, size] = co_await asio::async_write(stream, buffers, with_error);
    if (error && session.close) session.close();
    if (error) co_return;
  }
}

template <class Stream>
awaitable<Result<void>> Client::read_some(Stream& stream, Session& session) {
  const auto [error, size] = co_await stream.async_read_some(asio::buffer(session.piece), with_error);
  if (error == asio::error::eof) co_return std::unexpected(unavailable("the server closed the connection"));
  if (error) co_return std::unexpected(unavailable(error.message()));
  CO_CHECK_OK(session.reader.feed({session.piece.data(), size}));
  for (;;) {
    CO_TRY(auto reply, session.reader.next());
    if (reply == nullptr) break;
    if (session.unanswered.empty()) co_return fail(Errc::io, "the server answered what nobody asked");
    const auto request = std::move(session.unanswered.front());
    session.unanswered.pop_front();
    if (reply->too_big) {
      ResultBudget beyond;
      answer(request, std::unexpected(beyond.add(max_result_bytes + 1).error()));
    } else {
      answer(request, std::move(*reply));
    }
  }
  flush_answers();
  co_return Result<void>();
}

}  // namespace weft::provider::redis
