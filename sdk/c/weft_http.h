// HTTP components in C: write a function that answers a request, and name it.
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

#include "weft_message.h"

#ifdef __cplusplus
extern "C" {
#endif

// --- The functions of weft_http.wit, as the canonical ABI has them. `result` is where a result of several values goes.

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
WEFT_TYPES("[resource-drop]outgoing-body") void weft_abi_outgoing_body_drop(int32_t body);
// The parameters after the response are those of an error, which is never given.
WEFT_TYPES("[static]response-outparam.set")
void weft_abi_outparam_set(int32_t out, int32_t is_error, int32_t response, int32_t, int64_t, int32_t, int32_t, int32_t,
                           int32_t);

static inline weft_body weft_abi_open(int32_t incoming_body) {
  weft_abi_result stream;
  weft_abi_incoming_body_stream(incoming_body, &stream);
  return (weft_body){(uint32_t)stream.handle, 0, 0, !stream.is_error, false};
}

// The request's body piece by piece, instead of weft_body_read: opened once, and closed.
static inline weft_body weft_body_open(weft_request* request) {
  weft_abi_result incoming;
  weft_abi_request_consume(request->handle, &incoming);
  if (incoming.is_error) return (weft_body){0, 0, 0, false, false};
  return weft_abi_open(incoming.handle);
}

static inline void weft_abi_body_ended(weft_body* body) {
  if (body->more) weft_abi_input_stream_drop((int32_t)body->stream);
  body->more = false;
}

// Waits for more of it: how many bytes it put into `to`, at most `size`. 0: there are no more.
static inline size_t weft_body_next(weft_body* body, void* to, size_t size) {
  // What one read asks for at most.
  const size_t piece_bytes = 65536;
  while (body->more && size != 0) {
    struct {
      uint8_t is_error;
      union {
        weft_text bytes;
        uint8_t error;
      } is;
    } got;
    weft_abi_read((int32_t)body->stream, (int64_t)(size < piece_bytes ? size : piece_bytes), &got);
    if (got.is_error) {
      const uint8_t closed = 1;
      body->whole = got.is.error == closed;
      weft_abi_body_ended(body);
    } else if (got.is.bytes.size != 0) {
      memcpy(to, got.is.bytes.data, got.is.bytes.size);
      free((void*)got.is.bytes.data);
      return got.is.bytes.size;
    }
  }
  return 0;
}

// Whether all of it was read, and it ended as the client meant it.
static inline bool weft_body_close(weft_body* body) {
  weft_abi_body_ended(body);
  return body->whole;
}

// A body that comes in, to its end. False when it has more than `max_bytes`, or the other side went away.
static inline bool weft_abi_read_body(int32_t incoming_body, size_t max_bytes, weft_text* text) {
  weft_body body = weft_abi_open(incoming_body);
  const bool all = weft_abi_read_all(&body, weft_body_next, max_bytes, text);
  return weft_body_close(&body) && all;
}

// The request's body, to its end. False when it has more than `max_bytes`, or the client went away. Call it once.
static inline bool weft_body_read(weft_request* request, size_t max_bytes, weft_text* text) {
  weft_body body = weft_body_open(request);
  const bool all = weft_abi_read_all(&body, weft_body_next, max_bytes, text);
  return weft_body_close(&body) && all;
}

static inline weft_writer weft_abi_writer(int32_t outgoing_body) {
  weft_abi_result stream;
  weft_abi_outgoing_body_write(outgoing_body, &stream);
  return (weft_writer){(uint32_t)stream.handle, (uint32_t)outgoing_body, !stream.is_error};
}

// Adds to a body, and waits until it was taken. False: the other side has gone, and takes no more.
static inline bool weft_writer_write(weft_writer* to, const void* data, size_t size) {
  // What one blocking write takes at most.
  const size_t piece_bytes = 4096;
  bool taken = to->open;
  for (size_t at = 0; at < size && taken; at += piece_bytes) {
    const size_t left = size - at;
    struct {
      uint8_t is_error;
      uint8_t error;
      int32_t handle;
    } written;
    weft_abi_write((int32_t)to->stream, (const char*)data + at, left < piece_bytes ? left : piece_bytes, &written);
    taken = !written.is_error;
  }
  return taken;
}

static inline void weft_abi_writer_ended(weft_writer* to) {
  if (to->open) weft_abi_output_stream_drop((int32_t)to->stream);
  to->open = false;
}

// A body that goes out, all but its end. False when the other side went away.
static inline bool weft_abi_write_body(int32_t outgoing_body, const char* data, size_t size) {
  weft_writer to = weft_abi_writer(outgoing_body);
  const bool whole = weft_writer_write(&to, data, size);
  weft_abi_writer_ended(&to);
  return whole;
}

// Ends a response's body. Not whole: its client is to see that something is missing.
static inline void weft_writer_close(weft_writer* to, bool whole) {
  weft_abi_writer_ended(to);
  if (whole) {
    uint64_t finished[8];  // room for the largest error; there is nothing left to do about one
    weft_abi_outgoing_body_finish((int32_t)to->end, 0, 0, finished);
  } else {
    weft_abi_outgoing_body_drop((int32_t)to->end);
  }
}

static inline weft_request weft_request_of(int32_t handle) {
  weft_abi_method method;
  weft_abi_target target;
  weft_abi_headers headers;
  weft_abi_request_method(handle, &method);
  weft_abi_request_path(handle, &target);
  weft_abi_fields_entries(weft_abi_request_headers(handle), &headers);
  return weft_abi_request_of(handle, &method, &target, &headers);
}

// Sends the head of a response. Its body is what is written until weft_writer_close; what `response` has of one is not.
static inline weft_writer weft_respond_head(int32_t out, const weft_response* response) {
  weft_abi_result fields, body;
  weft_abi_fields_from_list(response->headers, response->header_count, &fields);
  if (fields.is_error) weft_abi_refuse_headers();
  const int32_t handle = weft_abi_response_new(fields.handle);
  if (weft_abi_response_set_status(handle, response->status) != 0) weft_abi_refuse_status(response->status);
  weft_abi_response_body(handle, &body);
  weft_abi_outparam_set(out, 0, handle, 0, 0, 0, 0, 0, 0);
  return weft_abi_writer(body.handle);
}

static inline void weft_respond(int32_t out, const weft_response* response) {
  weft_writer to = weft_respond_head(out, response);
  weft_writer_close(&to, weft_writer_write(&to, response->body, response->body_size));
}

#ifdef __cplusplus
}
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
