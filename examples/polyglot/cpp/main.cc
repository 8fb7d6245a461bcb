#include "weft_http.hpp"

static weft::Response handle(weft::Request& request) {
  const auto name = request.body(1000);
  if (!name) return {.status = 413};
  return {.headers = {{"content-type", "text/plain"}}, .body = "Hello, " + *name + ", from C++\n"};
}

WEFT_HTTP_HANDLER(handle)
