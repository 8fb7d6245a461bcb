#include "http2/callbacks.h"

#include <new>

#include "http2/header_list.h"

namespace weft::http2 {
namespace {

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

void check(int result) {
  if (result != 0) throw std::bad_alloc();
}

}  // namespace

template <class Call>
int Callbacks::guarded(void* user, Call call) noexcept {
  auto& session = *static_cast<Session*>(user);
  try {
    call(session);
  } catch (...) {
    session.thrown_ = std::current_exception();
    return NGHTTP2_ERR_CALLBACK_FAILURE;
  }
  // What comes after it is not looked at.
  return session.is_open() && !session.end_reason_.empty() ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

ssize_t Callbacks::read_data(nghttp2_session* h2, std::int32_t stream, std::uint8_t*, std::size_t room,
                             std::uint32_t* flags, nghttp2_data_source* source, void* user) noexcept {
  auto& session = *static_cast<Session*>(user);
  // Later there are no streams, and no bodies.
  if (!session.is_open()) return NGHTTP2_ERR_DEFERRED;
  auto& body = *static_cast<OutgoingBody*>(source->ptr);
  const OutgoingBody::Piece piece = body.next(room);
  switch (piece.what) {
    case OutgoingBody::Next::wait:
      body.waiting = true;
      return NGHTTP2_ERR_DEFERRED;
    case OutgoingBody::Next::fail:
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    case OutgoingBody::Next::bytes:
      break;
    case OutgoingBody::Next::end:
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      break;
    case OutgoingBody::Next::end_with_trailers: {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      try {
        HeaderList trailers;
        trailers.add_trailers(*body.pipe->trailers());
        if (trailers.size() == 0) break;
        if (nghttp2_submit_trailer(h2, stream, trailers.data(), trailers.size()) != 0) {
          return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        }
      } catch (...) {
        session.thrown_ = std::current_exception();
        return NGHTTP2_ERR_CALLBACK_FAILURE;
      }
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      break;
    }
  }
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  return static_cast<ssize_t>(piece.size);
}

int Callbacks::send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* head, std::size_t size,
                         nghttp2_data_source* source, void* user) noexcept {
  // The head of every frame has 9 bytes (RFC 9113, 4.1).
  constexpr std::size_t head_size = 9;
  auto& session = *static_cast<Session*>(user);
  if (!session.is_open()) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  if (session.is_output_full()) return NGHTTP2_ERR_WOULDBLOCK;
  return guarded(user, [&](Session& self) {
    auto& body = *static_cast<OutgoingBody*>(source->ptr);
    self.output_.text().append(text_of(head, head_size)).append(body.pipe->front().substr(0, size));
    self.data_sent_ += size;
    if (size > 0) self.idle_frames_.refill();
    body.took(size);
  });
}

nghttp2_data_provider Callbacks::provider_of(OutgoingBody& body) {
  body.waiting = false;
  return {.source = {.ptr = &body}, .read_callback = read_data};
}

void Callbacks::set_all(nghttp2_session_callbacks* callbacks) {
  nghttp2_session_callbacks_set_on_begin_frame_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
        return guarded(user, [&](Session& self) { self.on_frame_begun(*head); });
      });
  nghttp2_session_callbacks_set_on_begin_headers_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
        return guarded(user, [&](Session& self) { self.on_head_begun(*frame); });
      });
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
        return guarded(user, [&](Session& self) {
          self.count_field(name_size, value_size);
          self.on_field(frame->hd.stream_id, text_of(name, name_size), text_of(value, value_size));
        });
      });
  // Malformed, not repaired: the stream ends with PROTOCOL_ERROR.
  nghttp2_session_callbacks_set_on_invalid_header_callback(
      callbacks,
      [](nghttp2_session*, const nghttp2_frame*, const std::uint8_t*, std::size_t, const std::uint8_t*, std::size_t,
         std::uint8_t, void*) -> int { return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
        return guarded(user, [&](Session& self) { self.on_whole_frame(*frame); });
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks,
      [](nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes, std::size_t size, void* user) {
        return guarded(user, [&](Session& self) {
          if (size > 0) self.idle_frames_.refill();
          self.on_data(stream, text_of(bytes, size));
        });
      });
  nghttp2_session_callbacks_set_on_stream_close_callback(
      callbacks, [](nghttp2_session*, std::int32_t stream, std::uint32_t error, void* user) {
        return guarded(user, [&](Session& self) {
          self.history_.on_closed(stream);
          self.on_stream_closed(stream, error);
        });
      });
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks,
                                                       [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
                                                         return guarded(user, [&](Session& self) {
                                                           if (frame->hd.type == NGHTTP2_RST_STREAM)
                                                             self.history_.on_reset_sent(frame->hd.stream_id);
                                                           self.on_sent(*frame);
                                                         });
                                                       });
  nghttp2_session_callbacks_set_send_data_callback(callbacks, send_data);
}

nghttp2_session* Callbacks::make(Session& session, Side side, const Limits& limits) {
  nghttp2_session_callbacks* callbacks = nullptr;
  check(nghttp2_session_callbacks_new(&callbacks));
  const std::unique_ptr<nghttp2_session_callbacks, decltype(&nghttp2_session_callbacks_del)> kept(
      callbacks, nghttp2_session_callbacks_del);
  set_all(callbacks);
  nghttp2_option* option = nullptr;
  check(nghttp2_option_new(&option));
  const std::unique_ptr<nghttp2_option, decltype(&nghttp2_option_del)> kept_option(option, nghttp2_option_del);
  // A body's window opens when its receiver took something.
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_max_outbound_ack(option, limits.unread_answers);
  nghttp2_option_set_max_continuations(option, limits.continuations);
  nghttp2_option_set_max_settings(option, limits.settings);
  nghttp2_option_set_max_deflate_dynamic_table_size(option, limits.header_table_bytes);
  nghttp2_option_set_max_send_header_block_length(option, limits.sent_head_bytes);
  // Session counts these itself, and others: its limit comes first.
  nghttp2_option_set_stream_reset_rate_limit(option, static_cast<std::uint64_t>(2 * limits.early_ends),
                                             static_cast<std::uint64_t>(2 * limits.early_ends_per_second));
  nghttp2_session* made = nullptr;
  if (side == Side::server)
    check(nghttp2_session_server_new2(&made, callbacks, &session, option));
  else
    check(nghttp2_session_client_new2(&made, callbacks, &session, option));
  return made;
}

}  // namespace weft::http2
