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
// The parameters after the response are those of an error, which is never given.
WEFT_TYPES("[static]response-outparam.set")
void weft_abi_outparam_set(int32_t out, int32_t is_error, int32_t response, int32_t, int64_t, int32_t, int32_t, int32_t,
                           int32_t);

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
  weft_abi_method method;
  weft_abi_target target;
  weft_abi_headers headers;
  weft_abi_request_method(handle, &method);
  weft_abi_request_path(handle, &target);
  weft_abi_fields_entries(weft_abi_request_headers(handle), &headers);
  return weft_abi_request_of(handle, &method, &target, &headers);
}

static inline void weft_respond(int32_t out, const weft_response* response) {
  weft_abi_result fields, body;
  weft_abi_fields_from_list(response->headers, response->header_count, &fields);
  if (fields.is_error) weft_abi_refuse_headers();
  const int32_t handle = weft_abi_response_new(fields.handle);
  if (weft_abi_response_set_status(handle, response->status) != 0) weft_abi_refuse_status(response->status);
  weft_abi_response_body(handle, &body);
  weft_abi_outparam_set(out, 0, handle, 0, 0, 0, 0, 0, 0);
  if (!weft_abi_write_body(body.handle, response->body, response->body_size)) return;
  uint64_t finished[8];  // room for the largest error; there is nothing left to do about one
  weft_abi_outgoing_body_finish(body.handle, 0, 0, finished);
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
