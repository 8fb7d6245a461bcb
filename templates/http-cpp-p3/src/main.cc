#include <iostream>

#include "weft_http_p3.hpp"

// Answers every request.
static weft::Response handle(weft::Request& request) {
  std::cout << request.method() << ' ' << request.path() << std::endl;
  return {.status = 200, .headers = {{"content-type", "text/plain"}}, .body = "Hello from C++\n"};
}

WEFT_HTTP_HANDLER(handle)
