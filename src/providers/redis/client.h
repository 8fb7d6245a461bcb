// One connection to a Redis server, shared by all loops: commands are pipelined, and it is made anew when it is lost.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "providers/redis/address.h"
#include "providers/redis/reply.h"
#include "util/answer.h"
#include "util/event.h"
#include "util/timer.h"

namespace weft::provider::redis {

struct ClientOptions {
  std::chrono::milliseconds connect_timeout{3000};  // for TCP, TLS and log-in together
  std::chrono::milliseconds answer_timeout{10'000};
  // The wait after an attempt that failed, which doubles up to the second.
  std::chrono::milliseconds first_pause{50};
  std::chrono::milliseconds longest_pause{1000};
};

// Bytes of commands that are not answered. More are refused: a server that is too slow must not take all memory.
inline constexpr std::size_t max_unanswered_bytes = std::size_t{512} << 20;
inline constexpr std::size_t max_unanswered = 100'000;

// Whether a command may be sent again after the connection was lost, when nobody knows if it was carried out.
enum class Repeat { never, harmless };

// Thread-safe. Has a thread of its own, started with the first command.
//
// Commands wait while a connection is made. After an attempt that failed they are refused until the next one, so that
// nobody waits for a server that is down.
class Client : Pinned {
 public:
  explicit Client(Address address, ClientOptions options = {});
  ~Client() { stop(); }
  // What is not answered is cancelled, as is all that comes. Waits for the thread.
  void stop();
  const Address& address() const { return address_; }

  // An error of the server is a reply, and no Error. `limit`: more than max_reply_bytes.
  awaitable<Result<Reply>> command(std::vector<std::string> arguments, Repeat repeat);

 private:
  struct Request;
  using Requests = std::deque<std::shared_ptr<Request>>;
  struct Session;
  using Time = std::chrono::steady_clock::time_point;

  Result<void> enqueue(std::shared_ptr<Request> request);
  // Below: on the client's own loop.
  void accept(std::shared_ptr<Request> request);
  awaitable<void> run();
  awaitable<Error> serve_once(bool& connected);
  template <class Stream>
  awaitable<Error> serve(Stream& stream, Session& session, bool& connected);
  template <class Stream>
  awaitable<void> write(Stream& stream, Session& session);
  template <class Stream>
  awaitable<Result<void>> log_in(Stream& stream, Session& session);
  template <class Stream>
  awaitable<Result<void>> read_some(Stream& stream, Session& session);
  void answer(const std::shared_ptr<Request>& request, Result<Reply> result);
  void refuse(Requests& requests, const Error& error);
  void lose(Session& session, const Error& error);
  void watch();
  void flush_answers();

  const Address address_;
  const ClientOptions options_;

  std::mutex mutex_;
  bool started_ = false;
  bool stopped_ = false;
  std::size_t unanswered_ = 0;
  std::size_t unanswered_bytes_ = 0;
  std::thread thread_;

  Loop loop_{1};
  Event wake_{loop_};   // there is something to send, or the end
  Timer pause_{loop_};  // between attempts
  Timer watch_{loop_};  // for what takes too long
  bool watching_ = false;
  bool stopping_ = false;
  Requests waiting_;                                     // not sent
  Session* session_ = nullptr;                           // the connection there is
  std::optional<Error> down_;                            // why the last attempt failed, until the next
  std::vector<std::shared_ptr<PendingAnswer>> answers_;  // to be delivered together
  std::unique_ptr<boost::asio::ssl::context> tls_;
};

}  // namespace weft::provider::redis
