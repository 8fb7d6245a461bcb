// nghttp2's session object, and its callbacks as a Session's functions.
#pragma once

#include <nghttp2/nghttp2.h>

#include "http2/session.h"

namespace weft::http2 {

// Static functions for C, none of which throws: what a Session's function throws ends nghttp2's call and is kept there.
struct Callbacks {
  // A new session of nghttp2's, whose callbacks are `session`'s; throws std::bad_alloc.
  static nghttp2_session* make(Session& session, Side side, const Limits& limits);
  static nghttp2_data_provider provider_of(OutgoingBody& body);

 private:
  template <class Call>
  static int guarded(void* user, Call call) noexcept;
  static ssize_t read_data(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t, std::uint32_t*,
                           nghttp2_data_source*, void*) noexcept;
  static int send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t*, std::size_t, nghttp2_data_source*,
                       void*) noexcept;
  static void set_all(nghttp2_session_callbacks* callbacks);
};

}  // namespace weft::http2
