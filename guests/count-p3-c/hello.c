// WASI 0.3 in C: reads the body of its request to the end and answers with `x-bytes`, how long it was, and `x-turn`, how
// many requests its instance has begun with this one. Told to end while it reads, it does.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_guest.h"

typedef wasi_http_types_future_result_option_own_trailers_error_code_writer_t trailers_writer_t;
typedef wasi_http_types_result_option_own_trailers_error_code_t trailers_result_t;

static unsigned begun;

// One request between two callbacks.
typedef struct {
  http_guest_waitable_set_t set;
  wasi_http_types_stream_u8_t body;
  trailers_writer_t trailers;  // of the response, once there is one
  trailers_result_t no_trailers;
  uint8_t piece[4096];
  unsigned long long bytes;
  unsigned turn;
  bool answered;
} state_t;

static http_guest_callback_code_t wait_for(state_t *state, uint32_t waitable) {
  http_guest_waitable_join(waitable, state->set);
  http_guest_context_set_0(state);
  return HTTP_GUEST_CALLBACK_CODE_WAIT(state->set);
}

static http_guest_callback_code_t finish(state_t *state) {
  http_guest_waitable_set_drop(state->set);
  free(state);
  return HTTP_GUEST_CALLBACK_CODE_EXIT;
}

static void drop_body(state_t *state) {
  http_guest_waitable_join(state->body, 0);
  wasi_http_types_stream_u8_drop_readable(state->body);
}

static void append(wasi_http_types_own_fields_t fields, const char *name, unsigned long long number) {
  char digits[24];
  const int length = snprintf(digits, sizeof digits, "%llu", number);
  wasi_http_types_field_name_t field;
  http_guest_string_set((http_guest_string_t *)&field, name);
  wasi_http_types_field_value_t value = {(uint8_t *)digits, (size_t)length};
  wasi_http_types_header_error_t error;
  wasi_http_types_method_fields_append(wasi_http_types_borrow_fields(fields), &field, &value, &error);
}

static http_guest_callback_code_t end_trailers(state_t *state) {
  http_guest_waitable_join(state->trailers, 0);
  wasi_http_types_future_result_option_own_trailers_error_code_drop_writable(state->trailers);
  return finish(state);
}

static http_guest_callback_code_t answer(state_t *state) {
  drop_body(state);
  wasi_http_types_own_fields_t fields = wasi_http_types_constructor_fields();
  append(fields, "x-bytes", state->bytes);
  append(fields, "x-turn", state->turn);
  wasi_http_types_future_result_option_own_trailers_error_code_t trailers =
      wasi_http_types_future_result_option_own_trailers_error_code_new(&state->trailers);
  wasi_http_types_tuple2_own_response_future_result_void_error_code_t made;
  wasi_http_types_static_response_new(fields, NULL, trailers, &made);
  wasi_http_types_future_result_void_error_code_drop_readable(made.f1);
  exports_wasi_http_handler_result_own_response_error_code_t result = {.is_err = false, .val.ok = made.f0};
  exports_wasi_http_handler_handle_return(result);
  state->answered = true;
  const http_guest_waitable_status_t status =
      wasi_http_types_future_result_option_own_trailers_error_code_write(state->trailers, &state->no_trailers);
  return status == HTTP_GUEST_WAITABLE_STATUS_BLOCKED ? wait_for(state, state->trailers) : end_trailers(state);
}

// Goes on until nothing is there. `status`: of a read that is done.
static http_guest_callback_code_t read_on(state_t *state, bool done, http_guest_waitable_status_t status) {
  for (;;) {
    if (!done) status = wasi_http_types_stream_u8_read(state->body, state->piece, sizeof state->piece);
    if (status == HTTP_GUEST_WAITABLE_STATUS_BLOCKED) return wait_for(state, state->body);
    done = false;
    state->bytes += HTTP_GUEST_WAITABLE_COUNT(status);
    if (HTTP_GUEST_WAITABLE_STATE(status) != HTTP_GUEST_WAITABLE_COMPLETED) return answer(state);
  }
}

http_guest_callback_code_t exports_wasi_http_handler_handle(exports_wasi_http_handler_own_request_t request) {
  state_t *state = calloc(1, sizeof *state);
  state->set = http_guest_waitable_set_new();
  state->turn = ++begun;
  wasi_http_types_future_result_void_error_code_writer_t done;
  wasi_http_types_future_result_void_error_code_t outcome = wasi_http_types_future_result_void_error_code_new(&done);
  wasi_http_types_tuple2_stream_u8_future_result_option_own_trailers_error_code_t consumed;
  wasi_http_types_static_request_consume_body(request, outcome, &consumed);
  // Nobody is told: the request is a client's.
  const wasi_http_types_result_void_error_code_t fine = {.is_err = false};
  wasi_http_types_future_result_void_error_code_write(done, &fine);
  wasi_http_types_future_result_void_error_code_drop_writable(done);
  wasi_http_types_future_result_option_own_trailers_error_code_drop_readable(consumed.f1);
  state->body = consumed.f0;
  return read_on(state, false, 0);
}

http_guest_callback_code_t exports_wasi_http_handler_handle_callback(http_guest_event_t *event) {
  state_t *state = http_guest_context_get_0();
  if (state->answered) return end_trailers(state);
  if (event->event != HTTP_GUEST_EVENT_CANCEL) return read_on(state, true, event->code);
  http_guest_waitable_join(state->body, 0);
  wasi_http_types_stream_u8_cancel_read(state->body);
  drop_body(state);
  http_guest_task_cancel();
  return finish(state);
}
