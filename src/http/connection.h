// One connection over HTTP/1.1: reads requests, hands them to the handler, writes responses. Internal to server.cc. It
// is the first to see a client, and gives its transport away when that chooses HTTP/2.
//
// A state machine on one loop, without a coroutine: whatever happens (bytes came, bytes went, the handler did
// something, time passed) is noted, and advance() goes as far as it can. A request that is answered within
// Handler::handle costs one read and one write, and in the steady state no allocation.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "http/body_decoder.h"
#include "http/output.h"
#include "http/read_buffer.h"
#include "http/request_parser.h"
#include "http/response_writer.h"
#include "http/server_connection.h"

namespace weft::http {

class Connection final : public TransportUser,
                         public ServerConnection,
                         public std::enable_shared_from_this<Connection>,
                         Pinned {
 public:
  Connection(std::unique_ptr<Transport> transport, ConnectionOwner& owner, std::string client_address);

  void start() override;
  void close() override;
  void drain() override;
  void check_time(TimePoint now) override;

 private:
  enum class Stage : std::uint8_t {
    handshake,
    fresh,      // connected, and not a byte came
    idle,       // kept after a response
    head,       // a request's head has begun
    serving,    // the handler has the request, or its response is being sent
    draining,   // the response is complete, the request's body is not
    closing,    // the last bytes go out
    lingering,  // the client sees the end, and is let finish what it was sending
    ending,     // TLS says good-bye
    closed,
  };

  void on_handshake(bool ok) override;
  void on_read(std::size_t count) override;
  void on_written(std::size_t count) override;
  void on_ended() override;

  // Goes as far as it can, after `first` if there is something to be done first. What it does may close the connection,
  // so does every step below; an exception, which can only be a handler's, does.
  void advance(void (Connection::*first)() = nullptr);
  // One step; false: there is something to wait for.
  bool step();
  // advance(), but not from within the call that is being made.
  void wake();

  // ---- requests ----
  bool next_request();
  bool begins_http2(std::string_view head) const;
  void give_to_http2();
  bool wait_for_head();
  void begin(const ParsedFraming& framing);
  void call_handler();
  // Moves the request's body from the buffer to the pipe.
  void feed();
  void refuse_body(Refusal refusal, BodyFault fault);
  // Answers in the handler's place. REQUIRES: no write runs.
  void refuse(Refusal refusal);
  bool finish_request_body();
  void end_exchange();

  // ---- responses ----
  bool serve();
  void say_continue();
  void say_informational();
  void begin_response();
  bool send_body();
  void fail_response();
  void complete_response();

  // ---- bytes ----
  bool wants_input() const;
  void read_on();
  void on_input_end();
  // Sends what there is. True: all of it has gone.
  bool flush();
  void write_on();

  // ---- ends ----
  enum class Linger : bool { no, yes };
  // The connection closes when what there is has gone. Linger: when the client may still be sending, as what reaches a
  // closed socket makes the kernel take back what the client has not read yet.
  void finish(Linger linger);
  bool stop_sending();
  bool linger();
  bool end();
  void on_read_overdue();

  bool is_closed() const { return stage_ == Stage::closed; }
  TimePoint in(std::chrono::milliseconds timeout) const;

  std::unique_ptr<Transport> transport_;
  ConnectionOwner& owner_;
  std::string client_address_;
  TimePoint read_deadline_ = TimePoint::max();
  TimePoint write_deadline_ = TimePoint::max();
  std::size_t unsent_ = 0;  // what the client had not taken when the write was last looked at
  Stage stage_ = Stage::handshake;
  Linger linger_ = Linger::no;
  bool reading_ = false;
  bool writing_ = false;  // then output_ stays as it is
  bool input_ended_ = false;
  bool wake_posted_ = false;
  bool end_begun_ = false;
  bool is_first_ = true;  // no request came before

  ReadBuffer buffer_;
  HeadScanner scanner_;
  Output output_;

  // ---- of the request that is served ----
  std::shared_ptr<Exchange> exchange_;  // kept for the next one, unless somebody else keeps it
  ResponseTerms terms_;
  BodyDecoder decoder_;
  std::uint64_t discarded_ = 0;    // bytes of a body that nobody wants
  bool continue_pending_ = false;  // the client waits for "100 Continue"
  bool response_begun_ = false;
  std::optional<Refusal> refusal_;  // of its body
  ResponseWriter writer_;
  std::string piece_;
};

}  // namespace weft::http
