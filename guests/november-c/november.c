// Answers requests as components of November 2023 do, whose interfaces are those of WASI 0.2.0-rc-2023-11-10. By its
// path:
//
//     /fetch?HOST    what comes back of a GET of /x there, or the number of the error
//     /hasty?HOST    the same with a time-out of 300 ms for the first byte
//     /trailers      whether there are any behind its body
//     /twice         asks for the trailers twice
//     /sleep         how many milliseconds it waited for 30
//     anything else  201 and its body
#include "november.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef exports_wasi_http_incoming_handler_own_incoming_request_t request_t;
typedef exports_wasi_http_incoming_handler_own_response_outparam_t outparam_t;

static november_string_t text_of(const char* text) {
  return (november_string_t){.ptr = (uint8_t*)text, .len = strlen(text)};
}

// Begins an answer; the stream for its body.
static wasi_io_streams_own_output_stream_t begin(outparam_t out, uint16_t status,
                                                 wasi_http_types_own_outgoing_body_t* body) {
  wasi_http_types_own_fields_t headers = wasi_http_types_constructor_fields();
  november_string_t name = text_of("x-guest");
  november_list_u8_t value = {.ptr = (uint8_t*)"november", .len = 8};
  wasi_http_types_header_error_t bad;
  if (!wasi_http_types_method_fields_append(wasi_http_types_borrow_fields(headers), &name, &value, &bad)) abort();
  wasi_http_types_own_outgoing_response_t response = wasi_http_types_constructor_outgoing_response(headers);
  wasi_http_types_borrow_outgoing_response_t made = wasi_http_types_borrow_outgoing_response(response);
  if (!wasi_http_types_method_outgoing_response_set_status_code(made, status)) abort();
  if (!wasi_http_types_method_outgoing_response_body(made, body)) abort();
  wasi_http_types_result_own_outgoing_response_error_code_t result = {.is_err = false, .val.ok = response};
  wasi_http_types_static_response_outparam_set(out, &result);
  wasi_io_streams_own_output_stream_t stream;
  if (!wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(*body), &stream)) abort();
  return stream;
}

static void end(wasi_io_streams_own_output_stream_t stream, wasi_http_types_own_outgoing_body_t body) {
  wasi_io_streams_output_stream_drop_own(stream);
  wasi_http_types_error_code_t error;
  if (!wasi_http_types_static_outgoing_body_finish(body, NULL, &error)) abort();
}

// Carries what there is over, up to its end.
static void carry(wasi_io_streams_own_input_stream_t source, wasi_io_streams_own_output_stream_t stream) {
  uint64_t moved;
  wasi_io_streams_stream_error_t ended;
  while (wasi_io_streams_method_output_stream_blocking_splice(wasi_io_streams_borrow_output_stream(stream),
                                                              wasi_io_streams_borrow_input_stream(source), 65536,
                                                              &moved, &ended)) {
  }
  wasi_io_streams_input_stream_drop_own(source);
}

static void write_text(wasi_io_streams_own_output_stream_t stream, const char* text) {
  november_list_u8_t bytes = {.ptr = (uint8_t*)text, .len = strlen(text)};
  wasi_io_streams_stream_error_t error;
  if (!wasi_io_streams_method_output_stream_blocking_write_and_flush(wasi_io_streams_borrow_output_stream(stream),
                                                                     &bytes, &error))
    abort();
}

static void answer_text(outparam_t out, const char* text) {
  wasi_http_types_own_outgoing_body_t body;
  wasi_io_streams_own_output_stream_t stream = begin(out, 200, &body);
  write_text(stream, text);
  end(stream, body);
}

static void answer_error(outparam_t out, const wasi_http_types_error_code_t* error) {
  char text[32];
  snprintf(text, sizeof text, "error %d", (int)error->tag);
  answer_text(out, text);
}

static wasi_http_types_own_incoming_body_t body_of(request_t request) {
  wasi_http_types_own_incoming_body_t body;
  if (!wasi_http_types_method_incoming_request_consume(wasi_http_types_borrow_incoming_request(request), &body))
    abort();
  return body;
}

static wasi_io_streams_own_input_stream_t stream_of(wasi_http_types_own_incoming_body_t body) {
  wasi_io_streams_own_input_stream_t stream;
  if (!wasi_http_types_method_incoming_body_stream(wasi_http_types_borrow_incoming_body(body), &stream)) abort();
  return stream;
}

static void echo(request_t request, outparam_t out) {
  wasi_http_types_own_incoming_body_t from = body_of(request);
  wasi_http_types_own_outgoing_body_t body;
  wasi_io_streams_own_output_stream_t stream = begin(out, 201, &body);
  carry(stream_of(from), stream);
  end(stream, body);
  wasi_http_types_incoming_body_drop_own(from);
}

static void wait_for(wasi_io_poll_own_pollable_t pollable) {
  wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(pollable));
  wasi_io_poll_pollable_drop_own(pollable);
}

static void ask_for_trailers(request_t request, outparam_t out, bool twice) {
  wasi_http_types_own_future_trailers_t future = wasi_http_types_static_incoming_body_finish(body_of(request));
  wasi_http_types_borrow_future_trailers_t borrowed = wasi_http_types_borrow_future_trailers(future);
  wait_for(wasi_http_types_method_future_trailers_subscribe(borrowed));
  wasi_http_types_result_option_own_trailers_error_code_t got;
  if (!wasi_http_types_method_future_trailers_get(borrowed, &got) || got.is_err) abort();
  if (twice) wasi_http_types_method_future_trailers_get(borrowed, &got);
  answer_text(out, got.val.ok.is_some ? "some" : "none");
}

static void fetch(const char* host, bool hasty, outparam_t out) {
  wasi_http_types_own_outgoing_request_t request =
      wasi_http_types_constructor_outgoing_request(wasi_http_types_constructor_fields());
  wasi_http_types_borrow_outgoing_request_t made = wasi_http_types_borrow_outgoing_request(request);
  wasi_http_types_scheme_t scheme = {.tag = WASI_HTTP_TYPES_SCHEME_HTTP};
  november_string_t path = text_of("/x"), authority = text_of(host);
  if (!wasi_http_types_method_outgoing_request_set_path_with_query(made, &path) ||
      !wasi_http_types_method_outgoing_request_set_scheme(made, &scheme) ||
      !wasi_http_types_method_outgoing_request_set_authority(made, &authority))
    abort();
  wasi_http_types_own_request_options_t options = wasi_http_types_constructor_request_options();
  uint64_t timeout = 300000000;
  if (!wasi_http_types_method_request_options_set_first_byte_timeout_ms(wasi_http_types_borrow_request_options(options),
                                                                        hasty ? &timeout : NULL))
    abort();
  wasi_http_types_own_future_incoming_response_t future;
  wasi_http_types_error_code_t error;
  if (!wasi_http_outgoing_handler_handle(request, &options, &future, &error)) {
    answer_error(out, &error);
    return;
  }
  wasi_http_types_borrow_future_incoming_response_t borrowed = wasi_http_types_borrow_future_incoming_response(future);
  wait_for(wasi_http_types_method_future_incoming_response_subscribe(borrowed));
  wasi_http_types_result_result_own_incoming_response_error_code_void_t got;
  if (!wasi_http_types_method_future_incoming_response_get(borrowed, &got) || got.is_err) abort();
  if (got.val.ok.is_err) {
    answer_error(out, &got.val.ok.val.err);
    return;
  }
  wasi_http_types_borrow_incoming_response_t response = wasi_http_types_borrow_incoming_response(got.val.ok.val.ok);
  const uint16_t status = wasi_http_types_method_incoming_response_status(response);
  wasi_http_types_own_incoming_body_t from;
  wasi_http_types_own_outgoing_body_t body;
  if (!wasi_http_types_method_incoming_response_consume(response, &from)) abort();
  wasi_io_streams_own_output_stream_t stream = begin(out, status, &body);
  carry(stream_of(from), stream);
  end(stream, body);
}

static void sleep_a_little(outparam_t out) {
  const uint64_t begun = wasi_clocks_monotonic_clock_now();
  wait_for(wasi_clocks_monotonic_clock_subscribe_duration(30000000));
  char text[32];
  snprintf(text, sizeof text, "%llu", (unsigned long long)((wasi_clocks_monotonic_clock_now() - begun) / 1000000));
  answer_text(out, text);
}

void exports_wasi_http_incoming_handler_handle(request_t request, outparam_t out) {
  november_string_t given;
  if (!wasi_http_types_method_incoming_request_path_with_query(wasi_http_types_borrow_incoming_request(request),
                                                               &given))
    abort();
  const char* path = strndup((const char*)given.ptr, given.len);
  if (strncmp(path, "/fetch?", 7) == 0 || strncmp(path, "/hasty?", 7) == 0) {
    fetch(path + 7, path[1] == 'h', out);
  } else if (strcmp(path, "/trailers") == 0 || strcmp(path, "/twice") == 0) {
    ask_for_trailers(request, out, path[2] == 'w');
  } else if (strcmp(path, "/sleep") == 0) {
    sleep_a_little(out);
  } else {
    echo(request, out);
  }
  wasi_http_types_incoming_request_drop_own(request);
}
