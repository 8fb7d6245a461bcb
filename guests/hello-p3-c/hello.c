// WASI 0.3 in C: one task that returns its response first and writes the body afterwards. It imports nothing that it does
// not use.
#include <stdlib.h>
#include <string.h>

#include "http_guest.h"

typedef wasi_http_types_future_result_option_own_trailers_error_code_writer_t trailers_writer_t;

static const char message[] = "Hello from C, WASI 0.3\n";
enum { message_size = sizeof message - 1 };

enum phase { write_body, write_trailers };

// What is left to do between two callbacks.
typedef struct {
  http_guest_waitable_set_t set;
  wasi_http_types_stream_u8_writer_t body;
  trailers_writer_t trailers;
  wasi_http_types_result_option_own_trailers_error_code_t no_trailers;
  size_t written;
  enum phase phase;
} state_t;

static http_guest_callback_code_t wait_for(state_t *state, uint32_t waitable) {
  http_guest_waitable_join(waitable, state->set);
  http_guest_context_set_0(state);
  return HTTP_GUEST_CALLBACK_CODE_WAIT(state->set);
}

static http_guest_callback_code_t finish(state_t *state) {
  http_guest_waitable_join(state->trailers, 0);
  wasi_http_types_future_result_option_own_trailers_error_code_drop_writable(state->trailers);
  http_guest_waitable_set_drop(state->set);
  free(state);
  return HTTP_GUEST_CALLBACK_CODE_EXIT;
}

// Goes on until something blocks. `done`: the operation of this phase is, with `status`.
static http_guest_callback_code_t go_on(state_t *state, bool done, http_guest_waitable_status_t status) {
  while (state->phase == write_body) {
    if (!done) {
      status = wasi_http_types_stream_u8_write(state->body, (const uint8_t *)message + state->written,
                                               message_size - state->written);
    }
    if (status == HTTP_GUEST_WAITABLE_STATUS_BLOCKED) return wait_for(state, state->body);
    done = false;
    state->written += HTTP_GUEST_WAITABLE_COUNT(status);
    if (state->written < message_size && HTTP_GUEST_WAITABLE_STATE(status) == HTTP_GUEST_WAITABLE_COMPLETED) continue;
    http_guest_waitable_join(state->body, 0);
    wasi_http_types_stream_u8_drop_writable(state->body);
    state->phase = write_trailers;
  }
  if (!done)
    status = wasi_http_types_future_result_option_own_trailers_error_code_write(state->trailers, &state->no_trailers);
  if (status == HTTP_GUEST_WAITABLE_STATUS_BLOCKED) return wait_for(state, state->trailers);
  return finish(state);
}

http_guest_callback_code_t exports_wasi_http_handler_handle(exports_wasi_http_handler_own_request_t request) {
  wasi_http_types_request_drop_own(request);
  state_t *state = calloc(1, sizeof *state);
  state->set = http_guest_waitable_set_new();

  wasi_http_types_own_fields_t fields = wasi_http_types_constructor_fields();
  wasi_http_types_field_name_t name;
  http_guest_string_set((http_guest_string_t *)&name, "content-type");
  wasi_http_types_field_value_t value = {(uint8_t *)"text/plain", strlen("text/plain")};
  wasi_http_types_header_error_t error;
  wasi_http_types_method_fields_append(wasi_http_types_borrow_fields(fields), &name, &value, &error);

  wasi_http_types_stream_u8_t body = wasi_http_types_stream_u8_new(&state->body);
  wasi_http_types_future_result_option_own_trailers_error_code_t trailers =
      wasi_http_types_future_result_option_own_trailers_error_code_new(&state->trailers);
  wasi_http_types_tuple2_own_response_future_result_void_error_code_t made;
  wasi_http_types_static_response_new(fields, &body, trailers, &made);
  wasi_http_types_future_result_void_error_code_drop_readable(made.f1);

  exports_wasi_http_handler_result_own_response_error_code_t answer = {.is_err = false, .val.ok = made.f0};
  exports_wasi_http_handler_handle_return(answer);
  return go_on(state, false, 0);
}

http_guest_callback_code_t exports_wasi_http_handler_handle_callback(http_guest_event_t *event) {
  return go_on(http_guest_context_get_0(), true, event->code);
}
