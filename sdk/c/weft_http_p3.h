// HTTP components in C for WASI 0.3: as weft_http.h, and the function that answers is the same.
//
//   #include "weft_http_p3.h"
//   static void hello(weft_request* request, weft_response* response) {
//     weft_header_add(response, "content-type", "text/plain");
//     weft_printf(response, "Hello from %.*s\n", (int)request->path.size, request->path.data);
//   }
//   WEFT_HTTP_HANDLER(hello)
//
// Linked with weft_http_p3.wit it runs on every host of wasi:http 0.3. A host may let an instance answer many requests:
// what a request allocates beyond its response must be freed.
#pragma once

#include "weft_message.h"

#ifdef __cplusplus
extern "C" {
#endif

// --- The functions of weft_http_p3.wit, as the canonical ABI has them. Those of streams and futures are named by a
// function that has their type, and the type's place in it. They return BLOCKED, or what was moved and how the end is.

#define WEFT_TYPES(name) WEFT_IMPORT("wasi:http/types@0.3.0", name)
#define WEFT_BUILTIN(name) WEFT_IMPORT("$root", name)

WEFT_TYPES("[static]fields.from-list") void weft_abi_fields_from_list(const weft_header*, size_t, void* result);
WEFT_TYPES("[method]fields.copy-all") void weft_abi_fields_entries(int32_t fields, void* result);
WEFT_TYPES("[resource-drop]fields") void weft_abi_fields_drop(int32_t fields);
WEFT_TYPES("[method]request.get-method") void weft_abi_request_method(int32_t request, void* result);
WEFT_TYPES("[method]request.get-path-with-query") void weft_abi_request_path(int32_t request, void* result);
WEFT_TYPES("[method]request.get-headers") int32_t weft_abi_request_headers(int32_t request);
WEFT_TYPES("[resource-drop]request") void weft_abi_request_drop(int32_t request);
WEFT_TYPES("[static]request.consume-body")
void weft_abi_request_consume(int32_t request, uint32_t outcome, void* result);
WEFT_TYPES("[static]response.new")
void weft_abi_response_new(int32_t fields, int32_t has_body, uint32_t body, uint32_t trailers, void* result);
WEFT_TYPES("[method]response.set-status-code") int32_t weft_abi_response_set_status(int32_t response, int32_t);

WEFT_TYPES("[async-lower][stream-read-1][static]request.consume-body")
uint32_t weft_abi_body_read(uint32_t body, char* data, size_t size);
WEFT_TYPES("[stream-drop-readable-1][static]request.consume-body") void weft_abi_body_read_drop(uint32_t body);
WEFT_TYPES("[future-new-0][static]request.consume-body") uint64_t weft_abi_outcome_new(void);
WEFT_TYPES("[async-lower][future-write-0][static]request.consume-body")
uint32_t weft_abi_outcome_write(uint32_t outcome, const void*);
WEFT_TYPES("[future-drop-writable-0][static]request.consume-body") void weft_abi_outcome_drop(uint32_t outcome);
WEFT_TYPES("[async-lower][future-read-2][static]request.consume-body")
uint32_t weft_abi_trailers_read(uint32_t trailers, void*);
WEFT_TYPES("[future-drop-readable-2][static]request.consume-body") void weft_abi_trailers_read_drop(uint32_t trailers);
WEFT_TYPES("[stream-new-0][static]response.new") uint64_t weft_abi_body_new(void);
WEFT_TYPES("[async-lower][stream-write-0][static]response.new")
uint32_t weft_abi_body_write(uint32_t body, const char* data, size_t size);
WEFT_TYPES("[stream-drop-writable-0][static]response.new") void weft_abi_body_write_drop(uint32_t body);
WEFT_TYPES("[future-new-1][static]response.new") uint64_t weft_abi_trailers_new(void);
WEFT_TYPES("[async-lower][future-write-1][static]response.new")
uint32_t weft_abi_trailers_write(uint32_t trailers, const void*);
WEFT_TYPES("[future-drop-writable-1][static]response.new") void weft_abi_trailers_write_drop(uint32_t trailers);
WEFT_TYPES("[future-drop-readable-2][static]response.new") void weft_abi_sent_drop(uint32_t sent);

WEFT_BUILTIN("[waitable-set-new]") uint32_t weft_abi_set_new(void);
WEFT_BUILTIN("[waitable-join]") void weft_abi_join(uint32_t waitable, uint32_t set);
WEFT_BUILTIN("[waitable-set-wait]") uint32_t weft_abi_set_wait(uint32_t set, uint32_t event[2]);
WEFT_BUILTIN("[waitable-set-drop]") void weft_abi_set_drop(uint32_t set);

// The parameters after the response are those of an error, which is never given.
WEFT_IMPORT("[export]wasi:http/handler@0.3.0", "[task-return]handle")
void weft_abi_return(int32_t is_error, int32_t response, int32_t, int64_t, int32_t, int32_t, int32_t, int32_t);

enum { weft_abi_blocked = -1, weft_abi_completed = 0, weft_abi_dropped = 1 };

// What became of an operation on `end` that returned `status`: waits until it is over.
static inline uint32_t weft_abi_over(uint32_t end, uint32_t status) {
  if (status != (uint32_t)weft_abi_blocked) return status;
  const uint32_t set = weft_abi_set_new();
  uint32_t event[2];  // the waitable, and its status
  weft_abi_join(end, set);
  weft_abi_set_wait(set, event);
  weft_abi_join(end, 0);
  weft_abi_set_drop(set);
  return event[1];
}
// The ends of a new stream or future.
static inline uint32_t weft_abi_readable_of(uint64_t ends) {
  return (uint32_t)ends;
}
static inline uint32_t weft_abi_writable_of(uint64_t ends) {
  return (uint32_t)(ends >> 32);
}
static inline uint32_t weft_abi_end_of(uint32_t status) {
  return status & 0xf;
}
static inline size_t weft_abi_count_of(uint32_t status) {
  return status >> 4;
}

// A success without a value, of any of the futures' types.
static inline const void* weft_abi_success(void) {
  static const uint64_t zeroes[8] = {0};
  return zeroes;
}

// An internal-error without more of it, as the error-code of such a future.
static inline const void* weft_abi_failure(void) {
  static const uint64_t internal_error[8] = {1, 38};
  return internal_error;
}

// Whether a body that was read ended as its sender meant it; its trailers are left.
static inline bool weft_abi_body_was_whole(uint32_t future) {
  union {
    struct {
      uint8_t is_error;
      uint8_t to_8[7];
      uint8_t is_some;
      int32_t trailers;
    } is;
    uint64_t room[8];  // for the largest error
  } end;
  const uint32_t status = weft_abi_over(future, weft_abi_trailers_read(future, &end));
  if (weft_abi_end_of(status) != weft_abi_completed || end.is.is_error) return false;
  if (end.is.is_some) weft_abi_fields_drop(end.is.trailers);
  return true;
}

// The request's body piece by piece, instead of weft_body_read: opened once, and closed.
static inline weft_body weft_body_open(weft_request* request) {
  const uint64_t outcome = weft_abi_outcome_new();
  struct {
    uint32_t stream;
    uint32_t trailers;
  } got;
  weft_abi_request_consume(request->handle, weft_abi_readable_of(outcome), &got);
  request->handle = 0;
  return (weft_body){got.stream, got.trailers, weft_abi_writable_of(outcome), true, false};
}

// Waits for more of it: how many bytes it put into `to`, at most `size`. 0: there are no more.
static inline size_t weft_body_next(weft_body* body, void* to, size_t size) {
  while (body->more && size != 0) {
    const uint32_t status = weft_abi_over(body->stream, weft_abi_body_read(body->stream, (char*)to, size));
    if (weft_abi_end_of(status) != weft_abi_completed) {
      body->more = false;
      body->whole = weft_abi_body_was_whole(body->trailers);
    }
    if (weft_abi_count_of(status) != 0) return weft_abi_count_of(status);
  }
  return 0;
}

// Whether all of it was read, and it ended as the client meant it.
static inline bool weft_body_close(weft_body* body) {
  weft_abi_body_read_drop(body->stream);
  weft_abi_trailers_read_drop(body->trailers);
  weft_abi_over(body->outcome, weft_abi_outcome_write(body->outcome, weft_abi_success()));
  weft_abi_outcome_drop(body->outcome);
  return body->whole;
}

// The request's body, to its end. False when it has more than `max_bytes`, or the client went away. Call it once.
static inline bool weft_body_read(weft_request* request, size_t max_bytes, weft_text* text) {
  weft_body body = weft_body_open(request);
  const bool all = weft_abi_read_all(&body, weft_body_next, max_bytes, text);
  return weft_body_close(&body) && all;
}

static inline weft_request weft_request_of(int32_t handle) {
  weft_abi_method method;
  weft_abi_target target;
  weft_abi_headers headers;
  weft_abi_request_method(handle, &method);
  weft_abi_request_path(handle, &target);
  const int32_t fields = weft_abi_request_headers(handle);
  weft_abi_fields_entries(fields, &headers);
  weft_abi_fields_drop(fields);
  return weft_abi_request_of(handle, &method, &target, &headers);
}

// Returns a response. Its body is what is written until weft_writer_close; what `response` has of one is not.
static inline weft_writer weft_respond_head(const weft_response* response, bool has_body) {
  union {
    weft_abi_result fields;
    uint32_t room[5];  // for the largest error
  } made;
  struct {
    int32_t response;
    uint32_t sent;
  } answer;
  weft_abi_fields_from_list(response->headers, response->header_count, &made);
  if (made.fields.is_error) weft_abi_refuse_headers();
  const uint64_t body = has_body ? weft_abi_body_new() : 0, trailers = weft_abi_trailers_new();
  weft_abi_response_new(made.fields.handle, has_body, weft_abi_readable_of(body), weft_abi_readable_of(trailers),
                        &answer);
  if (weft_abi_response_set_status(answer.response, response->status) != 0) weft_abi_refuse_status(response->status);
  weft_abi_sent_drop(answer.sent);
  weft_abi_return(0, answer.response, 0, 0, 0, 0, 0, 0);
  return (weft_writer){weft_abi_writable_of(body), weft_abi_writable_of(trailers), has_body};
}

// Adds to a body, and waits until it was taken. False: the other side has gone, and takes no more.
static inline bool weft_writer_write(weft_writer* to, const void* data, size_t size) {
  uint32_t status = to->open ? weft_abi_completed : weft_abi_dropped;
  for (size_t at = 0; at < size && weft_abi_end_of(status) == weft_abi_completed;) {
    status = weft_abi_over(to->stream, weft_abi_body_write(to->stream, (const char*)data + at, size - at));
    at += weft_abi_count_of(status);
  }
  if (to->open && weft_abi_end_of(status) != weft_abi_completed) {
    weft_abi_body_write_drop(to->stream);
    to->open = false;
  }
  return to->open;
}

// Ends a response's body. Not whole: its client is to see that something is missing.
static inline void weft_writer_close(weft_writer* to, bool whole) {
  if (to->open) weft_abi_body_write_drop(to->stream);
  to->open = false;
  weft_abi_over(to->end, weft_abi_trailers_write(to->end, whole ? weft_abi_success() : weft_abi_failure()));
  weft_abi_trailers_write_drop(to->end);
}

// Returns the response, and then writes its body.
static inline void weft_respond(const weft_response* response) {
  weft_writer to = weft_respond_head(response, response->body_size != 0);
  if (to.open) weft_writer_write(&to, response->body, response->body_size);
  weft_writer_close(&to, true);
}

#ifdef __cplusplus
}
#endif

// Makes `handler`, a void(weft_request*, weft_response*), what the component does with a request. It is over when it
// returns: nothing calls it back.
#define WEFT_HTTP_HANDLER(handler)                                                                                  \
  WEFT_EXTERN_C __attribute__((export_name("[async-lift]wasi:http/handler@0.3.0#handle"))) int32_t weft_abi_handle( \
      int32_t request_handle) {                                                                                     \
    weft_request request = weft_request_of(request_handle);                                                         \
    weft_response response = {200, NULL, 0, NULL, 0};                                                               \
    (handler)(&request, &response);                                                                                 \
    if (request.handle != 0) weft_abi_request_drop(request.handle);                                                 \
    weft_respond(&response);                                                                                        \
    weft_request_free(&request);                                                                                    \
    weft_response_free(&response);                                                                                  \
    return 0;                                                                                                       \
  }                                                                                                                 \
  WEFT_EXTERN_C                                                                                                     \
  __attribute__((export_name("[callback][async-lift]wasi:http/handler@0.3.0#handle"))) int32_t weft_abi_callback(   \
      int32_t event, int32_t waitable, int32_t payload) {                                                           \
    (void)event, (void)waitable, (void)payload;                                                                     \
    abort();                                                                                                        \
  }
