#include "http2/session.h"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <stdexcept>

#include "http2/callbacks.h"
#include "util/error.h"

namespace weft::http2 {
namespace {

// What is read at once: little while there is nothing to do, more while bodies come.
constexpr std::size_t small_read = 4 << 10;
constexpr std::size_t usual_read = 16 << 10;
constexpr std::size_t large_read = 64 << 10;
// Frames are sent together, but not more than about this.
constexpr std::size_t output_together = 64 << 10;
// How long the peer may take to see the end of the connection, and what it may still send until then.
constexpr std::chrono::seconds end_time{2};
constexpr std::size_t max_lingered_bytes = 256 << 10;
// What a PING of ours says.
constexpr std::array<std::uint8_t, 8> question{'w', 'e', 'f', 't', ' ', 'o', 'k', '?'};

constexpr auto never = Session::TimePoint::max();

// A field's part of SETTINGS_MAX_HEADER_LIST_SIZE beyond its bytes (RFC 9113, 6.5.2).
constexpr std::size_t field_overhead = 32;

bool is_flood(int error) {
  return error == NGHTTP2_ERR_FLOODED || error == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS ||
         error == NGHTTP2_ERR_TOO_MANY_SETTINGS;
}

}  // namespace

Session::Session(std::unique_ptr<http::Transport> transport, Loop& loop, Side side, const Limits& limits,
                 std::uint32_t head_bytes)
    : transport_(std::move(transport)),
      loop_(loop),
      limits_(limits),
      session_(Callbacks::make(*this, side, limits_)),
      early_ends_(limits.early_ends, limits.early_ends_per_second),
      idle_frames_(limits.idle_frames, limits.idle_frames_per_second) {
  const std::array settings{
      side == Side::server ? nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams}
                           : nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.stream_window},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, head_bytes},
      // Priorities of RFC 7540 are deprecated, and a tree for a peer to shake (CVE-2019-9513).
      nghttp2_settings_entry{NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  };
  nghttp2_submit_settings(h2(), NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(h2(), NGHTTP2_FLAG_NONE, 0, limits.connection_window);
}

Session::~Session() = default;

void Session::open(std::string_view received) {
  act([&] { feed(received); });
}

nghttp2_data_provider Session::provider_of(OutgoingBody& body) {
  return Callbacks::provider_of(body);
}

void Session::wake() {
  again_ = true;
  if (busy_ || wake_posted_ || is_closed()) return;
  wake_posted_ = true;
  boost::asio::post(loop_, [self = shared_from_this()] {
    self->wake_posted_ = false;
    self->act([] {});
  });
}

void Session::advance() {
  do {
    again_ = false;
    if (is_open()) work();
    if (!end_reason_.empty()) finish(end_error_, end_reason_);
    send();
  } while (again_ && !is_closed());
  read_on();
}

void Session::fail(const std::exception_ptr& fault) {
  on_fault("an HTTP/2 connection ended by a fault: " + what_of(fault));
  close();
}

// ---- what came ----

void Session::feed(std::string_view bytes) {
  if (bytes.empty() || !is_open()) return;
  const ssize_t used =
      nghttp2_session_mem_recv(h2(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  if (!end_reason_.empty()) return;
  if (nghttp2_session_get_outbound_queue_size(h2()) > limits_.unread_frames) {
    return calm_down("too many frames that are not read");
  }
  if (used >= 0) return;
  const int error = static_cast<int>(used);
  if (error == NGHTTP2_ERR_BAD_CLIENT_MAGIC)
    finish(NGHTTP2_PROTOCOL_ERROR, "this is not HTTP/2");
  else
    finish(is_flood(error) ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_INTERNAL_ERROR, nghttp2_strerror(error));
}

void Session::demand_end(std::uint32_t error, std::string_view why) {
  if (!end_reason_.empty()) return;
  end_reason_ = why;
  end_error_ = error;
}

void Session::on_frame_begun(const nghttp2_frame_hd& head) {
  if (head.type == NGHTTP2_HEADERS) unpacked_ = 0;
  if (head.type == NGHTTP2_DATA && (head.length > 0 || (head.flags & NGHTTP2_FLAG_END_STREAM) != 0)) return;
  judge(head);
  if (!idle_frames_.take(now_)) calm_down("too many frames that ask for nothing");
}

// What nghttp2 lets pass, as it takes no notice of priorities and of streams that are over.
void Session::judge(const nghttp2_frame_hd& head) {
  if (nghttp2_session_check_server_session(h2()) == 0) return;
  if (head.type == NGHTTP2_PRIORITY && head.stream_id == 0) {
    demand_end(NGHTTP2_PROTOCOL_ERROR, "PRIORITY of no stream");
  } else if (head.type == NGHTTP2_HEADERS && nghttp2_session_find_stream(h2(), head.stream_id) == nullptr) {
    switch (history_.judge(head.stream_id)) {
      case StreamHistory::Verdict::closed:
        return demand_end(NGHTTP2_STREAM_CLOSED, "HEADERS of a stream that is closed");
      case StreamHistory::Verdict::never_begun:
        return demand_end(NGHTTP2_PROTOCOL_ERROR, "a stream below others that were begun");
      case StreamHistory::Verdict::fine:
        history_.on_head(head.stream_id);
    }
  }
}

void Session::count_field(std::size_t name_size, std::size_t value_size) {
  unpacked_ += name_size + value_size + field_overhead;
  if (unpacked_ > limits_.unpacked_head_bytes) calm_down("a head that is too large");
}

void Session::on_whole_frame(const nghttp2_frame& frame) {
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
      idle_frames_.refill();
      break;
    case NGHTTP2_PING:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) != 0 && std::ranges::equal(frame.ping.opaque_data, question)) on_answer();
      break;
    case NGHTTP2_GOAWAY:
      peaceful_ |= frame.goaway.error_code == NGHTTP2_NO_ERROR;
      break;
    default:
      break;
  }
  on_frame(frame);
}

void Session::count_early_end() {
  if (!early_ends_.take(now_)) calm_down("too many streams that are given up");
}

// ---- bytes ----

void Session::read_on() {
  if (reading_ || input_ended_ || (stage_ != Stage::open && stage_ != Stage::lingering)) return;
  std::size_t size = is_idle() ? small_read : usual_read;
  if (last_read_ >= usual_read) size = large_read;
  if (is_idle() && buffer_.capacity() > usual_read) buffer_.release();
  reading_ = true;
  transport_->read(buffer_.prepare(size), shared_from_this());
}

void Session::on_read(std::size_t count) {
  reading_ = false;
  act([&] {
    last_read_ = count;
    buffer_.commit(count);
    if (count == 0) {
      input_ended_ = true;
      if (is_open()) on_input_end();
    }
    if (stage_ == Stage::lingering)
      lingered_ += count;
    else
      feed(buffer_.view());
    buffer_.consume(buffer_.view().size());
    if (stage_ == Stage::ending || (stage_ == Stage::lingering && (count == 0 || lingered_ > max_lingered_bytes)))
      end();
  });
}

bool Session::is_output_full() const {
  return output_.size() >= output_together;
}

bool Session::collect() {
  while (!is_output_full()) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t count = nghttp2_session_mem_send(h2(), &bytes);
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    if (count < 0) throw std::runtime_error(nghttp2_strerror(static_cast<int>(count)));
    if (count == 0) return is_output_full();
    output_.text().append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
  }
  return true;
}

void Session::send() {
  while (!writing_ && (stage_ == Stage::open || stage_ == Stage::closing)) {
    const bool more = collect();
    if (!output_.empty()) {
      const auto sent = transport_->write_now(output_.parts());
      if (!sent) return close();
      output_.consume(*sent);
      if (!output_.empty()) return write_on();
    }
    if (!more) return after_sending();
  }
}

void Session::write_on() {
  writing_ = true;
  write_deadline_ = coarse_now() + write_timeout();
  unsent_ = transport_->unsent();
  transport_->write(output_.parts(), shared_from_this());
}

void Session::on_written(std::size_t count) {
  writing_ = false;
  act([&] {
    if (count == 0) return close();
    output_.consume(count);
    write_deadline_ = never;
    if (!output_.empty()) write_on();
  });
}

void Session::after_sending() {
  if (is_idle()) output_.shrink();
  if (again_) return;  // there is more to do
  const bool is_over = nghttp2_session_want_read(h2()) == 0 && nghttp2_session_want_write(h2()) == 0;
  if (stage_ == Stage::open && (is_over || input_ended_)) {
    stage_ = Stage::closing;
    end_streams();
  }
  if (stage_ == Stage::closing) stop_sending();
}

// ---- ends ----

void Session::ask_for_answer() {
  nghttp2_submit_ping(h2(), NGHTTP2_FLAG_NONE, question.data());
}

void Session::say_goodbye() {
  peaceful_ = true;
  nghttp2_submit_goaway(h2(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(h2()), NGHTTP2_NO_ERROR,
                        nullptr, 0);
}

void Session::finish(std::uint32_t error, std::string_view why) {
  if (!is_open()) return;
  peaceful_ |= error == NGHTTP2_NO_ERROR;
  nghttp2_submit_goaway(h2(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(h2()), error,
                        reinterpret_cast<const std::uint8_t*>(why.data()), why.size());
  stage_ = Stage::closing;
  end_streams();
}

void Session::stop_sending() {
  end_deadline_ = coarse_now() + end_time;
  // What reaches a closed socket makes the kernel take back what the peer has not read yet.
  if (peaceful_ || input_ended_) return end();
  stage_ = Stage::lingering;
  transport_->half_close();
}

void Session::end() {
  stage_ = Stage::ending;
  if (reading_) {
    transport_->cancel_read();
  } else if (!end_begun_) {
    end_begun_ = true;
    if (!transport_->end(shared_from_this())) close();
  }
}

void Session::on_ended() {
  act([this] { close(); });
}

void Session::close() {
  if (is_closed()) return;
  stage_ = Stage::closed;
  write_deadline_ = end_deadline_ = never;
  transport_->close();
  end_streams();
  on_closed();
}

void Session::check_socket(TimePoint now) {
  if (end_deadline_ <= now) return close();
  if (write_deadline_ > now) return;
  // The kernel asks for more only when a good part of its buffer is free: a slow peer may have taken bytes.
  const std::size_t unsent = transport_->unsent();
  if (unsent >= unsent_) return close();
  unsent_ = unsent;
  write_deadline_ = now + write_timeout();
}

}  // namespace weft::http2
