// HTTP components in C++20 for WASI 0.3: as weft_http.hpp, and the function that answers is the same.
//
//   #include "weft_http_p3.hpp"
//   static weft::Response hello(weft::Request& request) {
//     return {.headers = {{"content-type", "text/plain"}}, .body = "Hello from " + std::string(request.path()) + "\n"};
//   }
//   WEFT_HTTP_HANDLER(hello)
//
// A host may let an instance answer many requests, one after the other: what a handler leaves in static variables is
// there for the next.
#pragma once

#include "weft_http_p3.h"
#include "weft_message.hpp"

#undef WEFT_HTTP_HANDLER
// Makes `handler`, a weft::Response(weft::Request&), what the component does with a request. It is over when the body
// of its response is: nothing calls it back.
#define WEFT_HTTP_HANDLER(handler)                                                                                     \
  WEFT_EXTERN_C __attribute__((export_name("[async-lift]wasi:http/handler@0.3.0#handle"))) std::int32_t                \
  weft_abi_handle(std::int32_t request_handle) {                                                                       \
    weft_request request = weft_request_of(request_handle);                                                            \
    weft::abi::answer(handler, &request,                                                                               \
                      [](const weft_response& head, bool has_body) { return weft_respond_head(&head, has_body); });    \
    if (request.handle != 0) weft_abi_request_drop(request.handle);                                                    \
    weft_request_free(&request);                                                                                       \
    return 0;                                                                                                          \
  }                                                                                                                    \
  WEFT_EXTERN_C                                                                                                        \
  __attribute__((export_name("[callback][async-lift]wasi:http/handler@0.3.0#handle"))) std::int32_t weft_abi_callback( \
      std::int32_t, std::int32_t, std::int32_t) {                                                                      \
    abort();                                                                                                           \
  }
