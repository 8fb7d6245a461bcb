// HTTP components in C++20, in one header on top of the C one: write a function from a request to a response.
//
//   #include "weft_http.hpp"
//   static weft::Response hello(weft::Request& request) {
//     return {.headers = {{"content-type", "text/plain"}}, .body = "Hello from " + std::string(request.path()) + "\n"};
//   }
//   WEFT_HTTP_HANDLER(hello)
//
// Include it in one file. Exceptions depend on how the component is compiled; nothing here throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weft_http.h"

namespace weft {

inline std::string_view view(weft_text text) {
  return {text.data, text.size};
}

class Request {
 public:
  // Bytes of a body that is read without another limit.
  static constexpr std::size_t default_max_body_bytes = std::size_t{10} << 20;

  explicit Request(weft_request* request) : request_(request) {}

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
  // To its end; call it once. Absent when it has more bytes, or the client went away.
  std::optional<std::string> body(std::size_t max_bytes = default_max_body_bytes) {
    weft_text text;
    if (!weft_body_read(request_, max_bytes, &text)) return std::nullopt;
    return std::string(view(text));
  }

 private:
  weft_request* request_;
};

struct Response {
  std::uint16_t status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
};

template <class Handler>
void answer(Handler&& handler, weft_request* request, weft_response* response) {
  Request in(request);
  const Response out = handler(in);
  response->status = out.status;
  for (const auto& [name, value] : out.headers) {
    // The strings go before the response is sent, so they are copied.
    weft_header_add(response, strdup(name.c_str()), strdup(value.c_str()));
  }
  weft_write(response, out.body.data(), out.body.size());
}

}  // namespace weft

#undef WEFT_HTTP_HANDLER
// Makes `handler`, a weft::Response(weft::Request&), what the component does with a request.
#define WEFT_HTTP_HANDLER(handler)                                                                            \
  WEFT_EXTERN_C __attribute__((export_name("wasi:http/incoming-handler@0.2.0#handle"))) void weft_abi_handle( \
      std::int32_t request_handle, std::int32_t out) {                                                        \
    weft_request request = weft_request_of(request_handle);                                                   \
    weft_response response = {200, nullptr, 0, nullptr, 0};                                                   \
    weft::answer(handler, &request, &response);                                                               \
    weft_respond(out, &response);                                                                             \
  }
