#include "http2/testing/peer.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace weft::http2::testing {
namespace {

std::string text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

std::vector<nghttp2_nv> list_of(const FieldList& fields) {
  std::vector<nghttp2_nv> list;
  for (const auto& [name, value] : fields) {
    list.push_back({.name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                    .value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())),
                    .namelen = name.size(),
                    .valuelen = value.size(),
                    .flags = NGHTTP2_NV_FLAG_NONE});
  }
  return list;
}

void check(int result) {
  if (result < 0) throw std::runtime_error(nghttp2_strerror(result));
}

}  // namespace

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  std::string out;
  for (int shift : {16, 8, 0}) out += static_cast<char>(payload.size() >> shift);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  for (int shift : {24, 16, 8, 0}) out += static_cast<char>(stream >> shift);
  return out.append(payload);
}

std::uint32_t number_of(std::string_view bytes) {
  std::uint32_t number = 0;
  for (char byte : bytes.substr(0, 4)) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::vector<RawFrame> frames_of(std::string_view bytes) {
  std::vector<RawFrame> frames;
  while (bytes.size() >= 9) {
    const std::size_t size = number_of(bytes) >> 8;
    if (bytes.size() < 9 + size) break;
    frames.push_back({static_cast<std::uint8_t>(bytes[3]), static_cast<std::uint8_t>(bytes[4]),
                      number_of(bytes.substr(5)), std::string(bytes.substr(9, size))});
    bytes.remove_prefix(9 + size);
  }
  return frames;
}

std::string field(std::string_view name, std::string_view value) {
  std::string out(1, '\0');
  out.append(1, static_cast<char>(name.size())).append(name);
  return out.append(1, static_cast<char>(value.size())).append(value);
}

std::string get_head() {
  return field(":method", "GET") + field(":scheme", "http") + field(":authority", "x") + field(":path", "/");
}

std::string Peer::Message::get(std::string_view name) const {
  std::string all;
  for (const auto& [key, value] : fields) {
    if (key == name) all += (all.empty() ? "" : ", ") + value;
  }
  return all;
}

struct PeerCallbacks {
  static Peer& of(void* user) { return *static_cast<Peer*>(user); }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    Peer::Message& message = of(user).message(frame->hd.stream_id);
    const bool first = frame->headers.cat == NGHTTP2_HCAT_RESPONSE || frame->headers.cat == NGHTTP2_HCAT_REQUEST;
    const std::string key = text_of(name, name_size);
    if (key == ":status") message.reads_interim = value[0] == '1';
    if (message.reads_interim) {
      message.interim.emplace_back(key, text_of(value, value_size));
      return 0;
    }
    // After an interim response, the final one counts as a mere HEADERS.
    const bool final_head = first || key == ":status" || (!message.interim.empty() && message.body.empty());
    (final_head ? message.fields : message.trailers).emplace_back(key, text_of(value, value_size));
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Peer& peer = of(user);
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
      case NGHTTP2_DATA:
        if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) peer.message(frame->hd.stream_id).ended = true;
        break;
      case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) ++peer.pongs;
        break;
      case NGHTTP2_WINDOW_UPDATE:
        ++peer.window_updates;
        break;
      case NGHTTP2_GOAWAY:
        peer.goaways.push_back({frame->goaway.error_code, frame->goaway.last_stream_id,
                                text_of(frame->goaway.opaque_data, frame->goaway.opaque_data_len)});
        break;
      default:
        break;
    }
    return 0;
  }

  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes, std::size_t size,
                     void* user) {
    of(user).message(stream).body += text_of(bytes, size);
    return 0;
  }

  static int on_close(nghttp2_session*, std::int32_t stream, std::uint32_t error, void* user) {
    of(user).message(stream).closed = error;
    return 0;
  }

  static ssize_t read(nghttp2_session* h2, std::int32_t stream, std::uint8_t* into, std::size_t room,
                      std::uint32_t* flags, nghttp2_data_source*, void* user) {
    Peer::Body& body = of(user).bodies_[stream];
    if (body.bytes.empty() && !body.ended) return NGHTTP2_ERR_DEFERRED;
    const std::size_t size = std::min(room, body.bytes.size());
    std::memcpy(into, body.bytes.data(), size);
    body.bytes.erase(0, size);
    if (!body.ended || !body.bytes.empty()) return static_cast<ssize_t>(size);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!body.trailers.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const auto list = list_of(body.trailers);
      check(nghttp2_submit_trailer(h2, stream, list.data(), list.size()));
    }
    return static_cast<ssize_t>(size);
  }
};

Peer::Peer(Role role, bool opens_windows) {
  nghttp2_session_callbacks* callbacks = nullptr;
  check(nghttp2_session_callbacks_new(&callbacks));
  nghttp2_session_callbacks_set_on_header_callback(callbacks, PeerCallbacks::on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, PeerCallbacks::on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, PeerCallbacks::on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, PeerCallbacks::on_close);
  nghttp2_option* option = nullptr;
  check(nghttp2_option_new(&option));
  nghttp2_option_set_no_auto_window_update(option, opens_windows ? 0 : 1);
  // What is refused as malformed is to be sent.
  nghttp2_option_set_no_http_messaging(option, 1);
  check(role == Role::client ? nghttp2_session_client_new2(&session_, callbacks, this, option)
                             : nghttp2_session_server_new2(&session_, callbacks, this, option));
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  check(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0));
}

Peer::~Peer() {
  nghttp2_session_del(session_);
}

void Peer::receive(std::string_view bytes) {
  const ssize_t used =
      nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (used < 0) fault = static_cast<int>(used);
}

std::string Peer::take() {
  std::string out;
  for (;;) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    check(static_cast<int>(size));
    if (size == 0) return out;
    out += text_of(bytes, static_cast<std::size_t>(size));
  }
}

nghttp2_data_provider Peer::provider(std::int32_t) {
  return {.source = {.ptr = nullptr}, .read_callback = PeerCallbacks::read};
}

std::int32_t Peer::request(std::string_view method, std::string_view path, const FieldList& fields, bool more) {
  FieldList all{
      {":method", std::string(method)}, {":scheme", "http"}, {":authority", "x"}, {":path", std::string(path)}};
  for (const auto& entry : fields) {
    // A pseudo-field of the test's in place of the usual one.
    const auto same = std::ranges::find_if(all, [&](const auto& other) { return other.first == entry.first; });
    if (entry.first.starts_with(':') && same != all.end())
      same->second = entry.second;
    else
      all.push_back(entry);
  }
  const auto list = list_of(all);
  const auto body = provider(next_);
  const std::int32_t stream =
      nghttp2_submit_request(session_, nullptr, list.data(), list.size(), more ? &body : nullptr, nullptr);
  check(stream);
  next_ = stream + 2;
  return stream;
}

void Peer::respond(std::int32_t stream, unsigned status, const FieldList& fields, bool more) {
  FieldList all{{":status", std::to_string(status)}};
  all.insert(all.end(), fields.begin(), fields.end());
  const auto list = list_of(all);
  const auto body = provider(stream);
  check(nghttp2_submit_response(session_, stream, list.data(), list.size(), more ? &body : nullptr));
}

void Peer::send_body(std::int32_t stream, std::string_view bytes) {
  bodies_[stream].bytes += bytes;
  nghttp2_session_resume_data(session_, stream);
}

void Peer::end_body(std::int32_t stream, const FieldList& trailers) {
  bodies_[stream].ended = true;
  bodies_[stream].trailers = trailers;
  nghttp2_session_resume_data(session_, stream);
}

void Peer::reset(std::int32_t stream, std::uint32_t error) {
  check(nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, error));
}

void Peer::open_window(std::int32_t stream, std::int32_t by) {
  check(nghttp2_submit_window_update(session_, NGHTTP2_FLAG_NONE, stream, by));
}

void Peer::ping() {
  check(nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr));
}

void Peer::go_away(std::uint32_t error) {
  check(nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, 0, error, nullptr, 0));
}

void Peer::settings(std::vector<nghttp2_settings_entry> entries) {
  check(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, entries.data(), entries.size()));
}

}  // namespace weft::http2::testing
