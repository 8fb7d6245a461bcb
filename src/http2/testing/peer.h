// The other side of an HTTP/2 connection, as nghttp2 plays it, and frames that it would never send.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "util/pinned.h"

namespace weft::http2::testing {

using FieldList = std::vector<std::pair<std::string, std::string>>;

// One frame (RFC 9113, 4.1).
std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload);
struct RawFrame {
  std::uint8_t type;
  std::uint8_t flags;
  std::uint32_t stream;
  std::string payload;
};
// The whole frames in `bytes`.
std::vector<RawFrame> frames_of(std::string_view bytes);
// The first four bytes. REQUIRES: there are as many.
std::uint32_t number_of(std::string_view bytes);
// A field, for a head's payload, that HPACK does not keep (RFC 7541, 6.2.2). Up to 126 bytes each.
std::string field(std::string_view name, std::string_view value);
// The head of GET / in such fields.
std::string get_head();

inline const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
inline const std::string hello_settings = preface + frame(NGHTTP2_SETTINGS, 0, 0, "");

enum class Role : std::uint8_t { client, server };

class Peer : Pinned {
 public:
  // What came of one stream.
  struct Message {
    FieldList fields;  // pseudo-fields, too
    FieldList interim;
    FieldList trailers;
    std::string body;
    bool ended = false;
    bool reads_interim = false;           // the head that is being read is an interim one
    std::optional<std::uint32_t> closed;  // with this error

    std::string get(std::string_view name) const;
    std::string status() const { return get(":status"); }
  };

  // `opens_windows`: as soon as something came; else only by open_window().
  explicit Peer(Role role = Role::client, bool opens_windows = true);
  ~Peer();

  // ---- bytes ----
  void receive(std::string_view bytes);
  std::string take();

  // ---- what it does; sent with take() ----
  // A request without a body, or whose body is to be sent. Its stream.
  std::int32_t request(std::string_view method, std::string_view path, const FieldList& fields = {}, bool more = false);
  void respond(std::int32_t stream, unsigned status, const FieldList& fields = {}, bool more = false);
  void send_body(std::int32_t stream, std::string_view bytes);
  void end_body(std::int32_t stream, const FieldList& trailers = {});
  void reset(std::int32_t stream, std::uint32_t error = NGHTTP2_CANCEL);
  void open_window(std::int32_t stream, std::int32_t by);
  void ping();
  void go_away(std::uint32_t error = NGHTTP2_NO_ERROR);
  void settings(std::vector<nghttp2_settings_entry> entries);

  // ---- what came ----
  std::map<std::int32_t, Message> messages;
  Message& message(std::int32_t stream) { return messages[stream]; }
  struct GoAway {
    std::uint32_t error;
    std::int32_t last_stream;
    std::string why;
  };
  std::vector<GoAway> goaways;
  unsigned pongs = 0;
  unsigned window_updates = 0;
  int fault = 0;  // what nghttp2 thinks of what came

  nghttp2_session* h2() { return session_; }

 private:
  friend struct PeerCallbacks;
  struct Body {
    std::string bytes;
    bool ended = false;
    FieldList trailers;
  };
  nghttp2_data_provider provider(std::int32_t stream);
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Body> bodies_;
  std::int32_t next_ = 1;
};

}  // namespace weft::http2::testing
