// Requests and responses in C: what weft_http.h and weft_http_p3.h have in common.
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
  // Not for you: of the host's request, and what it put into memory besides the headers.
  int32_t handle;
  weft_text method_and_target[2];
} weft_request;

// What is sent when the handler returns. Status 200 unless you set another.
typedef struct {
  uint16_t status;
  weft_header* headers;
  size_t header_count;
  char* body;
  size_t body_size;
} weft_response;

// A request's body while it is read piece by piece, and a response's while it is written. What is in them is not for
// you.
typedef struct {
  uint32_t stream, trailers, outcome;  // WASI 0.2 has the first alone
  bool more;                           // there may be
  bool whole;                          // it has ended as its sender meant it
} weft_body;
typedef struct {
  uint32_t stream, end;  // the end: of WASI 0.2 the body, of 0.3 its trailers
  bool open;             // the stream is
} weft_writer;

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

// --- What of the canonical ABI both generations of wasi:http have alike.

#define WEFT_IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

// The host allocates here what it returns.
__attribute__((export_name("cabi_realloc"), weak)) void* cabi_realloc(void* old, size_t old_size, size_t align,
                                                                      size_t size) {
  (void)old_size;
  (void)align;  // malloc's is enough for every type
  return size == 0 ? (void*)align : weft_allocate(old, size);
}

// result<own<T>>: whether it is one, and the handle.
typedef struct {
  uint8_t is_error;
  int32_t handle;
} weft_abi_result;

// variant method, option<string>, list<tuple<field-name, field-value>>
typedef struct {
  uint8_t which;
  weft_text other;
} weft_abi_method;
typedef struct {
  uint8_t is_some;
  weft_text text;
} weft_abi_target;
typedef struct {
  const weft_header* data;
  size_t size;
} weft_abi_headers;

static inline weft_request weft_abi_request_of(int32_t handle, const weft_abi_method* method,
                                               const weft_abi_target* target, const weft_abi_headers* headers) {
  static const char* const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  weft_request request;
  memset(&request, 0, sizeof request);
  request.handle = handle;
  request.method =
      method->which < sizeof methods / sizeof methods[0] ? weft_text_of(methods[method->which]) : method->other;
  request.path = target->is_some ? target->text : weft_text_of("/");
  const char* mark = (const char*)memchr(request.path.data, '?', request.path.size);
  if (mark != NULL) {
    const size_t path_size = (size_t)(mark - request.path.data);
    request.query = (weft_text){mark + 1, request.path.size - path_size - 1};
    request.path.size = path_size;
  }
  if (method->which >= sizeof methods / sizeof methods[0]) request.method_and_target[0] = method->other;
  if (target->is_some) request.method_and_target[1] = target->text;
  request.headers = headers->data;
  request.header_count = headers->size;
  return request;
}

// All of a body: false when it has more than `max_bytes`, or breaks off.
static inline bool weft_abi_read_all(weft_body* body, size_t (*next)(weft_body*, void*, size_t), size_t max_bytes,
                                     weft_text* all) {
  const size_t piece_bytes = 65536;
  char* data = NULL;
  size_t size = 0, room = 0, got;
  do {
    if (room - size < piece_bytes) {
      room = 2 * room + piece_bytes;
      data = (char*)weft_allocate(data, room);
    }
    got = next(body, data + size, room - size);
    size += got;
  } while (got != 0 && size <= max_bytes);
  *all = (weft_text){data, size};
  return body->whole && size <= max_bytes;
}

// What the host put into memory for a request, and what a response holds.
static inline void weft_abi_free(weft_text text) {
  if (text.size != 0) free((void*)text.data);  // see cabi_realloc
}
static inline void weft_request_free(weft_request* request) {
  for (size_t i = 0; i < request->header_count; ++i) {
    weft_abi_free(request->headers[i].name);
    weft_abi_free(request->headers[i].value);
  }
  for (int i = 0; i < 2; ++i) weft_abi_free(request->method_and_target[i]);
  if (request->header_count != 0) free((void*)request->headers);
}
static inline void weft_response_free(weft_response* response) {
  free(response->headers);
  free(response->body);
}

static inline void weft_abi_refuse_headers(void) {
  fprintf(stderr, "a header of the response is not valid, or not for a component to set\n");
  abort();
}
static inline void weft_abi_refuse_status(uint16_t status) {
  fprintf(stderr, "%d is no HTTP status\n", status);
  abort();
}

#ifdef __cplusplus
}
#define WEFT_EXTERN_C extern "C"
#else
#define WEFT_EXTERN_C
#endif
