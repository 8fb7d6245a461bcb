#include "weft_http_p3.h"

// Answers every request.
static void handle(weft_request* request, weft_response* response) {
  printf("%.*s %.*s\n", (int)request->method.size, request->method.data, (int)request->path.size, request->path.data);
  weft_header_add(response, "content-type", "text/plain");
  weft_printf(response, "Hello from C\n");
}

WEFT_HTTP_HANDLER(handle)
