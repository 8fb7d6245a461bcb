// A server on a loop and thread of its own.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/server.h"

namespace weft::http::testing {

// Long enough for anything on one machine, however busy.
inline constexpr std::chrono::seconds patience{20};

// Waits until the condition holds, or says that it never did.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

class RunningServer : public Handler, Pinned {
 public:
  using OnRequest = std::function<void(std::shared_ptr<Exchange>)>;

  // `on_request` is called on the server's thread.
  explicit RunningServer(OnRequest on_request, Limits limits = {}, ListenOptions listen = {})
      : on_request_(std::move(on_request)) {
    ServerOptions options;
    options.limits = limits;
    options.log = [this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      log_.emplace_back(line);
    };
    server_ = std::make_unique<Server>(loop_, std::move(options), *this);
    auto listening = server_->listen(listen);
    if (!listening) throw std::runtime_error(listening.error().message());
    port = *listening;
    thread_ = std::jthread([this] { loop_.run(); });
  }
  ~RunningServer() {
    run([this] { server_ = nullptr; });
    work_.reset();
    loop_.stop();
  }

  unsigned short port = 0;
  std::atomic<int> requests = 0;

  // On the server's thread, to its end.
  void run(std::function<void()> what) {
    std::promise<void> done;
    boost::asio::post(loop_, [&] {
      what();
      done.set_value();
    });
    done.get_future().get();
  }
  Server& server() { return *server_; }  // within run()
  std::size_t connections() {
    std::size_t count = 0;
    run([&] { count = server_->connections(); });
    return count;
  }
  std::vector<std::string> log() {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  void handle(std::shared_ptr<Exchange> exchange) override {
    ++requests;
    on_request_(std::move(exchange));
  }

 private:
  OnRequest on_request_;
  std::mutex mutex_;
  std::vector<std::string> log_;
  Loop loop_{1};
  boost::asio::executor_work_guard<Executor> work_{loop_.get_executor()};
  std::unique_ptr<Server> server_;
  std::jthread thread_;
};

inline const std::string get = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
inline const std::string get_and_close = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

// Answers "hello" at once.
inline void say_hello(const std::shared_ptr<Exchange>& exchange) {
  exchange->respond({}, "hello");
}

// Sends the request's body back while it comes.
inline void echo(const std::shared_ptr<Exchange>& exchange) {
  BodyPipe& in = exchange->request_body();
  BodyPipe& out = exchange->respond_streaming({});
  // Called by the connection only, which holds the exchange.
  const auto pump = [&in, &out] {
    while (const std::size_t count = std::min(in.size(), out.writable())) {
      out.write(in.front().substr(0, count));
      in.consume(count);
    }
    if (in.at_end()) out.finish();
    if (in.failed()) out.abort(in.abort_reason());
  };
  in.on_readable = pump;
  out.on_writable = pump;
  pump();
}

}  // namespace weft::http::testing
