// Answers requests as components of October 2023 do, whose interfaces are those of WASI 0.2.0-rc-2023-10-18. By its
// path:
//
//     /forward       201 and its body, which the host carries over
//     /splice        its body, up to five bytes
//     /trailers      how many values "x-end" has in the trailers of its body
//     /fetch?HOST    what comes back of a GET of /x there, or the text of the error
//     /hasty?HOST    the same with a time-out of 300 ms for the first byte
//     /sleep         how many milliseconds it waited for 30, and for an instant that is over
//     /field         adds a header that is none
//     /status        answers with a status that is none
//     /error         answers with an error
//     anything else  its method's number, its path, and its header "x-own"
#include "october.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef exports_wasi_http_incoming_handler_own_incoming_request_t request_t;
typedef exports_wasi_http_incoming_handler_own_response_outparam_t outparam_t;

static october_string_t text_of(const char* text) {
  return (october_string_t){.ptr = (uint8_t*)text, .len = strlen(text)};
}

static wasi_http_types_own_fields_t fields_of(const char* name, const char* value) {
  october_tuple2_string_list_u8_t entry = {.f0 = text_of(name), .f1 = {.ptr = (uint8_t*)value, .len = strlen(value)}};
  october_list_tuple2_string_list_u8_t entries = {.ptr = &entry, .len = 1};
  return wasi_http_types_constructor_fields(&entries);
}

static void set(outparam_t out, wasi_http_types_own_outgoing_response_t response) {
  wasi_http_types_result_own_outgoing_response_error_t result = {.is_err = false, .val.ok = response};
  wasi_http_types_static_response_outparam_set(out, &result);
}

// Begins an answer; the stream for its body.
static wasi_io_streams_own_output_stream_t begin(outparam_t out, uint16_t status,
                                                 wasi_http_types_own_outgoing_body_t* body) {
  wasi_http_types_own_fields_t headers = fields_of("x-guest", "october");
  wasi_http_types_own_outgoing_response_t response =
      wasi_http_types_constructor_outgoing_response(status, wasi_http_types_borrow_fields(headers));
  // The response has a copy.
  october_string_t name = text_of("x-late");
  october_list_u8_t value = {.ptr = (uint8_t*)"1", .len = 1};
  wasi_http_types_method_fields_append(wasi_http_types_borrow_fields(headers), &name, &value);
  wasi_http_types_fields_drop_own(headers);
  if (!wasi_http_types_method_outgoing_response_write(wasi_http_types_borrow_outgoing_response(response), body))
    abort();
  set(out, response);
  wasi_io_streams_own_output_stream_t stream;
  if (!wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(*body), &stream)) abort();
  return stream;
}

static void end(wasi_io_streams_own_output_stream_t stream, wasi_http_types_own_outgoing_body_t body) {
  wasi_io_streams_output_stream_drop_own(stream);
  wasi_http_types_static_outgoing_body_finish(body, NULL);
}

static void answer(outparam_t out, const char* text, size_t length) {
  wasi_http_types_own_outgoing_body_t body;
  wasi_io_streams_own_output_stream_t stream = begin(out, 200, &body);
  wasi_io_streams_stream_error_t error;
  while (length > 0) {
    october_list_u8_t part = {.ptr = (uint8_t*)text, .len = length > 4096 ? 4096 : length};
    if (!wasi_io_streams_method_output_stream_blocking_write_and_flush(wasi_io_streams_borrow_output_stream(stream),
                                                                       &part, &error))
      abort();
    text += part.len;
    length -= part.len;
  }
  end(stream, body);
}

static void answer_text(outparam_t out, const char* text) {
  answer(out, text, strlen(text));
}

static wasi_io_streams_own_input_stream_t stream_of(wasi_http_types_own_incoming_body_t body) {
  wasi_io_streams_own_input_stream_t stream;
  if (!wasi_http_types_method_incoming_body_stream(wasi_http_types_borrow_incoming_body(body), &stream)) abort();
  return stream;
}

static void carry(request_t request, outparam_t out, bool all) {
  wasi_http_types_own_incoming_body_t from;
  if (!wasi_http_types_method_incoming_request_consume(wasi_http_types_borrow_incoming_request(request), &from))
    abort();
  wasi_io_streams_own_input_stream_t source = stream_of(from);
  wasi_http_types_own_outgoing_body_t body;
  wasi_io_streams_own_output_stream_t stream = begin(out, 201, &body);
  wasi_io_streams_borrow_output_stream_t to = wasi_io_streams_borrow_output_stream(stream);
  wasi_io_streams_stream_error_t error;
  uint64_t moved;
  if (all ? !wasi_io_streams_method_output_stream_forward(to, source, &moved, &error)
          : !wasi_io_streams_method_output_stream_blocking_splice(to, source, 5, &moved, &error))
    abort();
  end(stream, body);
  wasi_http_types_incoming_body_drop_own(from);
}

static void wait_for(wasi_io_poll_own_pollable_t pollable) {
  wasi_io_poll_poll_one(wasi_io_poll_borrow_pollable(pollable));
  wasi_io_poll_pollable_drop_own(pollable);
}

static void count_trailers(request_t request, outparam_t out) {
  wasi_http_types_own_incoming_body_t body;
  if (!wasi_http_types_method_incoming_request_consume(wasi_http_types_borrow_incoming_request(request), &body))
    abort();
  wasi_http_types_own_future_trailers_t future = wasi_http_types_static_incoming_body_finish(body);
  wait_for(wasi_http_types_method_future_trailers_subscribe(wasi_http_types_borrow_future_trailers(future)));
  wasi_http_types_result_own_trailers_error_t got;
  if (!wasi_http_types_method_future_trailers_get(wasi_http_types_borrow_future_trailers(future), &got) || got.is_err)
    abort();
  october_string_t name = text_of("x-end");
  october_list_list_u8_t values;
  wasi_http_types_method_fields_get(wasi_http_types_borrow_fields(got.val.ok), &name, &values);
  char text[32];
  snprintf(text, sizeof text, "%zu", values.len);
  answer_text(out, text);
}

static void answer_error(outparam_t out, const wasi_http_types_error_t* error) {
  static const char* const names[] = {"invalid-url", "timeout-error", "protocol-error", "unexpected-error"};
  const october_string_t* said = &error->val.unexpected_error;  // each case has one
  char text[512];
  snprintf(text, sizeof text, "%s: %.*s", names[error->tag], (int)said->len, (const char*)said->ptr);
  answer_text(out, text);
}

static void fetch(const char* host, bool hasty, outparam_t out) {
  wasi_http_types_method_t method = {.tag = WASI_HTTP_TYPES_METHOD_GET};
  wasi_http_types_scheme_t scheme = {.tag = WASI_HTTP_TYPES_SCHEME_HTTP};
  october_string_t path = text_of("/x"), authority = text_of(host);
  wasi_http_types_own_fields_t headers = fields_of("x-own", "mine");
  wasi_http_types_own_outgoing_request_t request = wasi_http_types_constructor_outgoing_request(
      &method, &path, &scheme, &authority, wasi_http_types_borrow_fields(headers));
  wasi_http_types_fields_drop_own(headers);
  wasi_http_types_request_options_t options = {.first_byte_timeout_ms = {.is_some = true, .val = 300}};
  wasi_http_types_own_future_incoming_response_t future;
  wasi_http_types_error_t error;
  if (!wasi_http_outgoing_handler_handle(request, hasty ? &options : NULL, &future, &error)) {
    answer_error(out, &error);
    return;
  }
  wait_for(wasi_http_types_method_future_incoming_response_subscribe(
      wasi_http_types_borrow_future_incoming_response(future)));
  wasi_http_types_result_result_own_incoming_response_error_void_t got;
  if (!wasi_http_types_method_future_incoming_response_get(wasi_http_types_borrow_future_incoming_response(future),
                                                           &got) ||
      got.is_err)
    abort();
  if (got.val.ok.is_err) {
    answer_error(out, &got.val.ok.val.err);
    return;
  }
  wasi_http_types_borrow_incoming_response_t response = wasi_http_types_borrow_incoming_response(got.val.ok.val.ok);
  char* text = NULL;
  size_t length = 0;
  FILE* all = open_memstream(&text, &length);
  fprintf(all, "%d ", (int)wasi_http_types_method_incoming_response_status(response));
  wasi_http_types_own_incoming_body_t body;
  if (!wasi_http_types_method_incoming_response_consume(response, &body)) abort();
  wasi_io_streams_own_input_stream_t stream = stream_of(body);
  october_list_u8_t part;
  wasi_io_streams_stream_error_t ended;
  while (wasi_io_streams_method_input_stream_blocking_read(wasi_io_streams_borrow_input_stream(stream), 65536, &part,
                                                           &ended)) {
    fwrite(part.ptr, 1, part.len, all);
    october_list_u8_free(&part);
  }
  fclose(all);
  answer(out, text, length);
}

static void sleep_a_little(outparam_t out) {
  const uint64_t begun = wasi_clocks_monotonic_clock_now();
  wait_for(wasi_clocks_monotonic_clock_subscribe(30000000, false));
  const uint64_t waited = wasi_clocks_monotonic_clock_now() - begun;
  wait_for(wasi_clocks_monotonic_clock_subscribe(begun, true));
  char text[64];
  snprintf(text, sizeof text, "%llu", (unsigned long long)(waited / 1000000));
  answer_text(out, text);
}

static void fail(outparam_t out) {
  wasi_http_types_result_own_outgoing_response_error_t result = {.is_err = true};
  result.val.err.tag = 3;
  result.val.err.val.unexpected_error = text_of("on purpose");
  wasi_http_types_static_response_outparam_set(out, &result);
}

static void echo(request_t request, const char* path, outparam_t out) {
  wasi_http_types_method_t method;
  wasi_http_types_method_incoming_request_method(wasi_http_types_borrow_incoming_request(request), &method);
  wasi_http_types_own_headers_t headers =
      wasi_http_types_method_incoming_request_headers(wasi_http_types_borrow_incoming_request(request));
  october_string_t name = text_of("x-own");
  october_list_list_u8_t values;
  wasi_http_types_method_fields_get(wasi_http_types_borrow_fields(headers), &name, &values);
  wasi_http_types_fields_drop_own(headers);
  char text[512];
  snprintf(text, sizeof text, "%d %s %.*s", (int)method.tag, path, values.len ? (int)values.ptr[0].len : 0,
           values.len ? (const char*)values.ptr[0].ptr : "");
  answer_text(out, text);
}

void exports_wasi_http_incoming_handler_handle(request_t request, outparam_t out) {
  october_string_t given;
  if (!wasi_http_types_method_incoming_request_path_with_query(wasi_http_types_borrow_incoming_request(request),
                                                               &given))
    abort();
  const char* path = strndup((const char*)given.ptr, given.len);
  if (strcmp(path, "/forward") == 0) {
    carry(request, out, true);
  } else if (strcmp(path, "/splice") == 0) {
    carry(request, out, false);
  } else if (strcmp(path, "/trailers") == 0) {
    count_trailers(request, out);
  } else if (strncmp(path, "/fetch?", 7) == 0 || strncmp(path, "/hasty?", 7) == 0) {
    fetch(path + 7, path[1] == 'h', out);
  } else if (strcmp(path, "/sleep") == 0) {
    sleep_a_little(out);
  } else if (strcmp(path, "/field") == 0) {
    fields_of("a name", "value");
  } else if (strcmp(path, "/status") == 0) {
    wasi_http_types_constructor_outgoing_response(99, wasi_http_types_borrow_fields(fields_of("a", "b")));
  } else if (strcmp(path, "/error") == 0) {
    fail(out);
  } else {
    echo(request, path, out);
  }
  wasi_http_types_incoming_request_drop_own(request);
}
