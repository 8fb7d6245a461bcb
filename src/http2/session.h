// One HTTP/2 connection (RFC 9113): the bytes between a transport and nghttp2, and how it ends.
//
// nghttp2 has the frames, HPACK, flow control and the states of streams; what streams are used for is the business of
// ServerSession and ClientSession. Within nghttp2's calls things are only noted; work() acts on them afterwards, so
// that nobody else's code runs inside nghttp2.
#pragma once

#include <nghttp2/nghttp2.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "http/output.h"
#include "http/read_buffer.h"
#include "http/transport.h"
#include "http2/bodies.h"
#include "http2/limits.h"
#include "http2/meter.h"
#include "http2/stream_history.h"
#include "util/async.h"
#include "util/coarse_clock.h"
#include "util/pinned.h"

namespace weft::http2 {

enum class Side : std::uint8_t { server, client };

// On one loop. The caller of every function holds it.
class Session : public http::TransportUser, public std::enable_shared_from_this<Session>, Pinned {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  virtual ~Session();

 protected:
  Session(std::unique_ptr<http::Transport> transport, Loop& loop, Side side, const Limits& limits,
          std::uint32_t head_bytes);

  // ---- what came, and what went: only noted ----
  virtual void on_head_begun(const nghttp2_frame& frame) = 0;
  // A field of a head or of trailers.
  virtual void on_field(std::int32_t stream, std::string_view name, std::string_view value) = 0;
  // A complete frame, HEADERS with all its fields.
  virtual void on_frame(const nghttp2_frame& frame) = 0;
  virtual void on_data(std::int32_t stream, std::string_view bytes) = 0;
  // The last of each stream.
  virtual void on_stream_closed(std::int32_t stream, std::uint32_t error) = 0;
  virtual void on_sent(const nghttp2_frame& frame) = 0;
  // The peer answered what ask_for_answer() asked.
  virtual void on_answer() {}
  // Nothing more comes: what waits for it is over.
  virtual void on_input_end() = 0;

  // ---- what to do about it ----
  // Acts on what was noted.
  virtual void work() = 0;
  // No stream will go on: the connection ends, or has ended. Called at least once, also from within work().
  virtual void end_streams() = 0;
  virtual void on_closed() = 0;
  virtual void on_fault(const std::string& what) = 0;
  // Whether memory is worth keeping.
  virtual bool is_idle() const = 0;
  virtual std::chrono::milliseconds write_timeout() const = 0;

  // Feeds what came already, and goes on from there.
  void open(std::string_view received);
  // Does `first`, then all that follows from it: at once, or when what is being done is done.
  template <class First>
  void act(First first) {
    if (is_closed()) return;
    if (busy_) {
      first();
      again_ = true;
      return;
    }
    busy_ = true;
    now_ = coarse_now();
    try {
      first();
      advance();
    } catch (...) {
      fail(std::current_exception());
    }
    busy_ = false;
  }
  // work() is to be called: soon, unless that happens anyway.
  void wake();

  // Tells the peer why, and closes when that has gone. No stream goes on.
  void finish(std::uint32_t error, std::string_view why);
  void close();
  bool is_closed() const { return stage_ == Stage::closed; }
  // Streams may begin and go on.
  bool is_open() const { return stage_ == Stage::open; }
  void ask_for_answer();
  // What is overdue of the socket.
  void check_socket(TimePoint now);

  nghttp2_session* h2() { return session_.get(); }
  nghttp2_data_provider provider_of(OutgoingBody& body);
  // When what is looked at happened.
  TimePoint now() const { return now_; }
  // No stream will begin any more; the connection ends when the last one has.
  void say_goodbye();
  // Counts a stream that came to nothing, within work(); ends the connection when there are too many.
  void count_early_end();
  http::Transport& transport() { return *transport_; }
  const Limits& limits() const { return limits_; }
  std::uint64_t data_sent() const { return data_sent_; }
  bool input_ended() const { return input_ended_; }

 private:
  friend struct Callbacks;
  enum class Stage : std::uint8_t {
    open,
    closing,    // the last bytes go out
    lingering,  // the peer sees the end, and is let finish what it was sending
    ending,     // TLS says good-bye
    closed,
  };

  void on_handshake(bool) override {}
  void on_read(std::size_t count) override;
  void on_written(std::size_t count) override;
  void on_ended() override;

  void feed(std::string_view bytes);
  void on_frame_begun(const nghttp2_frame_hd& head);
  void count_field(std::size_t name_size, std::size_t value_size);
  void on_whole_frame(const nghttp2_frame& frame);
  // The connection is to end, as soon as nghttp2's call is over.
  void demand_end(std::uint32_t error, std::string_view why);
  void calm_down(std::string_view why) { demand_end(NGHTTP2_ENHANCE_YOUR_CALM, why); }
  void judge(const nghttp2_frame_hd& head);
  void advance();
  void send();
  // nghttp2's next frames, as far as they are to be sent together. False: there are none.
  bool collect();
  bool is_output_full() const;
  void after_sending();
  void read_on();
  void write_on();
  void stop_sending();
  void end();
  void fail(const std::exception_ptr& fault);

  struct Delete {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  std::unique_ptr<http::Transport> transport_;
  Loop& loop_;
  const Limits limits_;
  std::unique_ptr<nghttp2_session, Delete> session_;
  http::ReadBuffer buffer_;
  http::Output output_;
  Meter early_ends_;
  Meter idle_frames_;
  StreamHistory history_;   // of what the peer began
  std::string end_reason_;  // why the connection is to end
  std::uint32_t end_error_ = NGHTTP2_NO_ERROR;
  std::exception_ptr thrown_;  // within nghttp2's calls
  TimePoint now_{};
  TimePoint write_deadline_ = TimePoint::max();
  TimePoint end_deadline_ = TimePoint::max();
  std::size_t unsent_ = 0;    // what the peer had not taken when the write was last looked at
  std::size_t unpacked_ = 0;  // of the head that comes
  std::size_t lingered_ = 0;
  std::size_t last_read_ = 0;
  std::uint64_t data_sent_ = 0;  // of all bodies
  Stage stage_ = Stage::open;
  bool peaceful_ = false;  // the end is expected: the peer sends nothing more
  bool busy_ = false;
  bool again_ = false;
  bool reading_ = false;
  bool writing_ = false;  // then output_ stays as it is
  bool input_ended_ = false;
  bool wake_posted_ = false;
  bool end_begun_ = false;
};

}  // namespace weft::http2
