// HTTP components in C, in one header: write a function that answers a request, and name it.
//
//   #include "weft_http.h"
//   static void hello(weft_request* request, weft_response* response) {
//     weft_header_add(response, "content-type", "text/plain");
//     weft_printf(response, "Hello from %.*s\n", (int)request->path.size, request->path.data);
//   }
//   WEFT_HTTP_HANDLER(hello)
//
// Compiled for wasm32 and linked with wasm-component-ld and weft_http.wit, it is a component of WASI 0.2 that runs
// on every host of wasi:http. Include it in one file. A new instance answers each request, so what a request
// allocates goes with its instance and need not be freed.
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifdef __cplusplus
extern "C" {
#endif

// Bytes, not ended by NUL. The layout is the canonical ABI's of a string or list<u8>.
typedef struct {
  const char* data;
  size_t size;
} weft_text;

typedef struct {
  weft_text name;  // of a request: lower case
  weft_text value;
} weft_header;

typedef struct {
  weft_text method;  // GET, POST, ...
  weft_text path;    // before the `?`
  weft_text query;   // after it; empty when there is none
  const weft_header* headers;
  size_t header_count;
  int32_t handle;  // of the host's request; not for you
} weft_request;

// What is sent when the handler returns. Status 200 unless you set another.
typedef struct {
  uint16_t status;
  weft_header* headers;
  size_t header_count;
  char* body;
  size_t body_size;
} weft_response;

static inline weft_text weft_text_of(const char* text) {
  return (weft_text){text, strlen(text)};
}
static inline bool weft_equal(weft_text text, const char* other) {
  return text.size == strlen(other) && memcmp(text.data, other, text.size) == 0;
}

// More memory than there is ends the instance; its request is answered 500.
static inline void* weft_allocate(void* old, size_t size) {
  void* memory = realloc(old, size == 0 ? 1 : size);
  if (memory == NULL) abort();
  return memory;
}

// The first header of this name, or NULL.
static inline const weft_text* weft_header_find(const weft_request* request, const char* name) {
  for (size_t i = 0; i < request->header_count; ++i) {
    const weft_header* header = &request->headers[i];
    if (header->name.size == strlen(name) && strncasecmp(header->name.data, name, header->name.size) == 0)
      return &header->value;
  }
  return NULL;
}

// Adds a header; both strings must live until the handler returns.
static inline void weft_header_add(weft_response* response, const char* name, const char* value) {
  response->headers =
      (weft_header*)weft_allocate(response->headers, (response->header_count + 1) * sizeof(weft_header));
  response->headers[response->header_count++] = (weft_header){weft_text_of(name), weft_text_of(value)};
}

// Adds to the body.
static inline void weft_write(weft_response* response, const void* data, size_t size) {
  response->body = (char*)weft_allocate(response->body, response->body_size + size);
  if (size != 0) memcpy(response->body + response->body_size, data, size);
  response->body_size += size;
}
static inline __attribute__((format(printf, 2, 3))) void weft_printf(weft_response* response, const char* format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  const int size = vsnprintf(NULL, 0, format, again);
  va_end(again);
  if (size > 0) {
    response->body = (char*)weft_allocate(response->body, response->body_size + (size_t)size + 1);
    vsnprintf(response->body + response->body_size, (size_t)size + 1, format, arguments);
    response->body_size += (size_t)size;
  }
  va_end(arguments);
}

// --- The functions of weft_http.wit, as the canonical ABI has them. `result` is where a result of several values goes.

#define WEFT_IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define WEFT_TYPES(name) WEFT_IMPORT("wasi:http/types@0.2.0", name)
#define WEFT_STREAMS(name) WEFT_IMPORT("wasi:io/streams@0.2.0", name)

WEFT_TYPES("[static]fields.from-list") void weft_abi_fields_from_list(const weft_header*, size_t, void* result);
WEFT_TYPES("[method]fields.entries") void weft_abi_fields_entries(int32_t fields, void* result);
WEFT_TYPES("[method]incoming-request.method") void weft_abi_request_method(int32_t request, void* result);
WEFT_TYPES("[method]incoming-request.path-with-query") void weft_abi_request_path(int32_t request, void* result);
WEFT_TYPES("[method]incoming-request.headers") int32_t weft_abi_request_headers(int32_t request);
WEFT_TYPES("[method]incoming-request.consume") void weft_abi_request_consume(int32_t request, void* result);
WEFT_TYPES("[method]incoming-body.stream") void weft_abi_incoming_body_stream(int32_t body, void* result);
WEFT_STREAMS("[method]input-stream.blocking-read") void weft_abi_read(int32_t stream, int64_t size, void* result);
WEFT_STREAMS("[resource-drop]input-stream") void weft_abi_input_stream_drop(int32_t stream);
WEFT_TYPES("[constructor]outgoing-response") int32_t weft_abi_response_new(int32_t fields);
WEFT_TYPES("[method]outgoing-response.set-status-code") int32_t weft_abi_response_set_status(int32_t response, int32_t);
WEFT_TYPES("[method]outgoing-response.body") void weft_abi_response_body(int32_t response, void* result);
WEFT_TYPES("[method]outgoing-body.write") void weft_abi_outgoing_body_write(int32_t body, void* result);
WEFT_STREAMS("[method]output-stream.blocking-write-and-flush")
void weft_abi_write(int32_t stream, const char* data, size_t size, void* result);
WEFT_STREAMS("[resource-drop]output-stream") void weft_abi_output_stream_drop(int32_t stream);
WEFT_TYPES("[static]outgoing-body.finish")
void weft_abi_outgoing_body_finish(int32_t body, int32_t has_trailers, int32_t trailers, void* result);
// The parameters after the response are those of an error, which is never given.
WEFT_TYPES("[static]response-outparam.set")
void weft_abi_outparam_set(int32_t out, int32_t is_error, int32_t response, int32_t, int64_t, int32_t, int32_t, int32_t,
                           int32_t);

// result<own<T>>: whether it is one, and the handle.
typedef struct {
  uint8_t is_error;
  int32_t handle;
} weft_abi_result;

// The host allocates here what it returns.
__attribute__((export_name("cabi_realloc"), weak)) void* cabi_realloc(void* old, size_t old_size, size_t align,
                                                                      size_t size) {
  (void)old_size;
  (void)align;  // malloc's is enough for every type
  return size == 0 ? (void*)align : weft_allocate(old, size);
}

// A body that comes in, to its end. False when it has more than `max_bytes`, or the other side went away.
static inline bool weft_abi_read_body(int32_t incoming_body, size_t max_bytes, weft_text* body) {
  weft_abi_result stream;
  char* data = NULL;
  size_t size = 0;
  bool whole = false;
  weft_abi_incoming_body_stream(incoming_body, &stream);
  if (stream.is_error) return false;
  for (;;) {
    struct {
      uint8_t is_error;
      union {
        weft_text bytes;
        uint8_t error;
      } is;
    } got;
    weft_abi_read(stream.handle, 65536, &got);
    if (got.is_error) {
      const uint8_t closed = 1;
      whole = got.is.error == closed;
      break;
    }
    if (got.is.bytes.size > max_bytes - size) break;
    data = (char*)weft_allocate(data, size + got.is.bytes.size);
    if (got.is.bytes.size != 0) memcpy(data + size, got.is.bytes.data, got.is.bytes.size);
    size += got.is.bytes.size;
    free((void*)got.is.bytes.data);
  }
  weft_abi_input_stream_drop(stream.handle);
  *body = (weft_text){data, size};
  return whole;
}

// A body that goes out, all but its end. False when the other side went away.
static inline bool weft_abi_write_body(int32_t outgoing_body, const char* data, size_t size) {
  // What one blocking write takes at most.
  const size_t piece_bytes = 4096;
  weft_abi_result stream;
  bool whole = true;
  weft_abi_outgoing_body_write(outgoing_body, &stream);
  for (size_t at = 0; at < size && whole; at += piece_bytes) {
    const size_t left = size - at;
    struct {
      uint8_t is_error;
      uint8_t error;
      int32_t handle;
    } written;
    weft_abi_write(stream.handle, data + at, left < piece_bytes ? left : piece_bytes, &written);
    whole = !written.is_error;
  }
  weft_abi_output_stream_drop(stream.handle);
  return whole;
}

// The request's body, to its end. False when it has more than `max_bytes`, or the client went away. Call it once.
static inline bool weft_body_read(weft_request* request, size_t max_bytes, weft_text* body) {
  weft_abi_result incoming;
  weft_abi_request_consume(request->handle, &incoming);
  return !incoming.is_error && weft_abi_read_body(incoming.handle, max_bytes, body);
}

static inline weft_request weft_request_of(int32_t handle) {
  static const char* const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  weft_request request;
  memset(&request, 0, sizeof request);
  struct {
    uint8_t which;
    weft_text other;
  } method;
  struct {
    uint8_t is_some;
    weft_text text;
  } target;
  struct {
    const weft_header* data;
    size_t size;
  } headers;
  request.handle = handle;
  weft_abi_request_method(handle, &method);
  request.method =
      method.which < sizeof methods / sizeof methods[0] ? weft_text_of(methods[method.which]) : method.other;
  weft_abi_request_path(handle, &target);
  request.path = target.is_some ? target.text : weft_text_of("/");
  const char* mark = (const char*)memchr(request.path.data, '?', request.path.size);
  if (mark != NULL) {
    const size_t path_size = (size_t)(mark - request.path.data);
    request.query = (weft_text){mark + 1, request.path.size - path_size - 1};
    request.path.size = path_size;
  }
  weft_abi_fields_entries(weft_abi_request_headers(handle), &headers);
  request.headers = headers.data;
  request.header_count = headers.size;
  return request;
}

static inline void weft_respond(int32_t out, const weft_response* response) {
  weft_abi_result fields, body;
  weft_abi_fields_from_list(response->headers, response->header_count, &fields);
  if (fields.is_error) {
    fprintf(stderr, "a header of the response is not valid, or not for a component to set\n");
    abort();
  }
  const int32_t handle = weft_abi_response_new(fields.handle);
  if (weft_abi_response_set_status(handle, response->status) != 0) {
    fprintf(stderr, "%d is no HTTP status\n", response->status);
    abort();
  }
  weft_abi_response_body(handle, &body);
  weft_abi_outparam_set(out, 0, handle, 0, 0, 0, 0, 0, 0);
  if (!weft_abi_write_body(body.handle, response->body, response->body_size)) return;
  uint64_t finished[8];  // room for the largest error; there is nothing left to do about one
  weft_abi_outgoing_body_finish(body.handle, 0, 0, finished);
}

#ifdef __cplusplus
}
#define WEFT_EXTERN_C extern "C"
#else
#define WEFT_EXTERN_C
#endif

// Makes `handler`, a void(weft_request*, weft_response*), what the component does with a request.
#define WEFT_HTTP_HANDLER(handler)                                                                            \
  WEFT_EXTERN_C __attribute__((export_name("wasi:http/incoming-handler@0.2.0#handle"))) void weft_abi_handle( \
      int32_t request_handle, int32_t out) {                                                                  \
    weft_request request = weft_request_of(request_handle);                                                   \
    weft_response response = {200, NULL, 0, NULL, 0};                                                         \
    (handler)(&request, &response);                                                                           \
    weft_respond(out, &response);                                                                             \
  }
