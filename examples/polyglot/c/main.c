#include "weft_http.h"

enum { max_name_bytes = 1000 };

static void handle(weft_request* request, weft_response* response) {
  weft_text name;
  if (!weft_body_read(request, max_name_bytes, &name)) {
    response->status = 413;
    return;
  }
  weft_header_add(response, "content-type", "text/plain");
  weft_printf(response, "Hello, %.*s, from C\n", (int)name.size, name.data);
}

WEFT_HTTP_HANDLER(handle)
