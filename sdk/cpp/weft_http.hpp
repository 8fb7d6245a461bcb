// HTTP components in C++20, over the C header: write a function from a request to a response.
//
//   #include "weft_http.hpp"
//   static weft::Response hello(weft::Request& request) {
//     return {.headers = {{"content-type", "text/plain"}}, .body = "Hello from " + std::string(request.path()) + "\n"};
//   }
//   WEFT_HTTP_HANDLER(hello)
//
// Bodies may be longer than memory:
//
//   static weft::Response echo(weft::Request& request) {
//     return {.stream = [&request](weft::Writer& out) {
//       while (const auto piece = request.read()) out.write(*piece);
//       if (!request.whole()) out.abandon();
//     }};
//   }
//
// Include it in one file. Exceptions depend on how the component is compiled; nothing here throws.
#pragma once

#include "weft_http.h"
#include "weft_message.hpp"

#undef WEFT_HTTP_HANDLER
// Makes `handler`, a weft::Response(weft::Request&), what the component does with a request.
#define WEFT_HTTP_HANDLER(handler)                                                                            \
  WEFT_EXTERN_C __attribute__((export_name("wasi:http/incoming-handler@0.2.0#handle"))) void weft_abi_handle( \
      std::int32_t request_handle, std::int32_t out) {                                                        \
    weft_request request = weft_request_of(request_handle);                                                   \
    weft::abi::answer(handler, &request,                                                                      \
                      [out](const weft_response& head, bool) { return weft_respond_head(out, &head); });      \
  }
