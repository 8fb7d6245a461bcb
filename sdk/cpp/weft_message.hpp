// Requests and responses in C++: what weft_http.hpp and weft_http_p3.hpp have in common. It comes after the C header of
// one of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weft_message.h"
#include "weft_response.hpp"

namespace weft {

inline std::string_view view(weft_text text) {
  return {text.data, text.size};
}

class Request {
 public:
  // Bytes of a body that is read without another limit.
  static constexpr std::size_t default_max_body_bytes = std::size_t{10} << 20;
  // Bytes that read() gives at most.
  static constexpr std::size_t max_piece_bytes = 65536;

  explicit Request(weft_request* request) : request_(request) {}
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  ~Request() { close(); }

  // Views live as long as the request.
  std::string_view method() const { return view(request_->method); }
  std::string_view path() const { return view(request_->path); }
  std::string_view query() const { return view(request_->query); }
  // The first of this name, in any case.
  std::optional<std::string_view> header(const std::string& name) const {
    const weft_text* value = weft_header_find(request_, name.c_str());
    if (value == nullptr) return std::nullopt;
    return view(*value);
  }
  std::vector<std::pair<std::string_view, std::string_view>> headers() const {
    std::vector<std::pair<std::string_view, std::string_view>> all;
    for (std::size_t i = 0; i < request_->header_count; ++i)
      all.emplace_back(view(request_->headers[i].name), view(request_->headers[i].value));
    return all;
  }

  // All of the body, or what read() has left of it. Absent when it has more bytes, or the client went away.
  std::optional<std::string> body(std::size_t max_bytes = default_max_body_bytes) {
    std::string all;
    while (const auto piece = read()) {
      if (piece->size() > max_bytes - all.size()) {
        close();
        return std::nullopt;
      }
      all += *piece;
    }
    if (!whole_) return std::nullopt;
    return all;
  }
  // Waits for more of the body; the view is good until the next call. Absent at its end, which whole() tells from a
  // client that went away.
  std::optional<std::string_view> read() {
    if (!piece_) {
      piece_ = std::make_unique<char[]>(max_piece_bytes);
      body_ = weft_body_open(request_);
      open_ = true;
    }
    const std::size_t size = open_ ? weft_body_next(&body_, piece_.get(), max_piece_bytes) : 0;
    if (size != 0) return std::string_view(piece_.get(), size);
    close();
    return std::nullopt;
  }
  bool whole() const { return whole_; }

 private:
  void close() {
    if (std::exchange(open_, false)) whole_ = weft_body_close(&body_);
  }

  weft_request* request_;
  std::unique_ptr<char[]> piece_;
  weft_body body_{};
  bool open_ = false;
  bool whole_ = false;
};

// Where Response::stream writes.
class Writer {
 public:
  explicit Writer(weft_writer writer) : writer_(writer) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { weft_writer_close(&writer_, whole_); }

  // Waits until all of it was taken. False: the client has gone, and takes no more.
  bool write(std::string_view data) { return weft_writer_write(&writer_, data.data(), data.size()); }
  // What was written is not all there should be, and the client is to see that.
  void abandon() { whole_ = false; }

 private:
  weft_writer writer_;
  bool whole_ = true;
};

namespace abi {

// `respond` sends the head it is given, and returns the weft_writer of its body.
template <class Handler, class Respond>
void answer(Handler&& handler, weft_request* request, Respond&& respond) {
  Request in(request);
  const Response out = handler(in);
  std::vector<weft_header> headers = headers_of(out.headers);
  const weft_response head = {out.status, headers.data(), headers.size(), nullptr, 0};
  const bool has_body = out.stream != nullptr || !out.body.empty();
  Writer to(respond(head, has_body));
  if (!out.body.empty() && !to.write(out.body)) return to.abandon();
  if (out.stream) out.stream(to);
}

}  // namespace abi
}  // namespace weft
