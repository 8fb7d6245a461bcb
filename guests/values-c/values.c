// Exports functions of every kind of value, which give back what they are given, and some that do not: wit/values.wit.
#include "values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Results are the caller's to free, and arguments the callee's: what is given back changes hands once.

static char *terminated(const values_string_t *text) {
  char *made = malloc(text->len + 1);
  memcpy(made, text->ptr, text->len);
  made[text->len] = 0;
  return made;
}

void exports_values_greet(values_string_t *name, values_string_t *ret) {
  char text[256];
  snprintf(text, sizeof text, "Hello, %.*s!", (int)name->len, (const char *)name->ptr);
  values_string_dup(ret, text);
  values_string_free(name);
}

// ---- weft:values/echo ----

bool exports_weft_values_echo_booleans(bool v) { return v; }
int8_t exports_weft_values_echo_tiny(int8_t v) { return v; }
int64_t exports_weft_values_echo_signed64(int64_t v) { return v; }
uint64_t exports_weft_values_echo_unsigned64(uint64_t v) { return v; }
float exports_weft_values_echo_single(float v) { return v; }
double exports_weft_values_echo_double(double v) { return v; }
uint32_t exports_weft_values_echo_letter(uint32_t v) { return v; }
void exports_weft_values_echo_text(values_string_t *v, values_string_t *ret) { *ret = *v; }
void exports_weft_values_echo_users(exports_weft_values_echo_user_t *user, exports_weft_values_echo_user_t *ret) {
  *ret = *user;
}
void exports_weft_values_echo_all_numbers(exports_weft_values_echo_numbers_t *v,
                                          exports_weft_values_echo_numbers_t *ret) {
  *ret = *v;
}
void exports_weft_values_echo_shapes(exports_weft_values_echo_shape_t *v, exports_weft_values_echo_shape_t *ret) {
  *ret = *v;
}
exports_weft_values_echo_color_t exports_weft_values_echo_colors(exports_weft_values_echo_color_t v) { return v; }
exports_weft_values_echo_permissions_t exports_weft_values_echo_rights(exports_weft_values_echo_permissions_t v) {
  return v;
}
void exports_weft_values_echo_pair(values_tuple2_string_u32_t *v, values_tuple2_string_u32_t *ret) { *ret = *v; }
bool exports_weft_values_echo_maybe(uint32_t *maybe_v, uint32_t *ret) {
  if (maybe_v != NULL) *ret = *maybe_v;
  return maybe_v != NULL;
}
bool exports_weft_values_echo_nested(values_option_string_t *maybe_v, values_option_string_t *ret) {
  if (maybe_v != NULL) *ret = *maybe_v;
  return maybe_v != NULL;
}
bool exports_weft_values_echo_outcome(exports_weft_values_echo_result_u32_string_t *v, uint32_t *ret,
                                      values_string_t *err) {
  if (v->is_err)
    *err = v->val.err;
  else
    *ret = v->val.ok;
  return !v->is_err;
}
bool exports_weft_values_echo_bare_outcome(exports_weft_values_echo_result_void_void_t *v) { return !v->is_err; }
void exports_weft_values_echo_bytes(values_list_u8_t *v, values_list_u8_t *ret) { *ret = *v; }
void exports_weft_values_echo_matrix(values_list_list_f32_t *v, values_list_list_f32_t *ret) { *ret = *v; }
void exports_weft_values_echo_people(exports_weft_values_echo_list_user_t *v,
                                     exports_weft_values_echo_list_user_t *ret) {
  *ret = *v;
}

void exports_weft_values_echo_describe(exports_weft_values_echo_user_t *user, bool loud, uint32_t *maybe_times,
                                       values_string_t *ret) {
  char text[512];
  snprintf(text, sizeof text, "%.*s, %u, %zu tags%s, %u times", (int)user->name.len, (const char *)user->name.ptr,
           user->age, user->tags.len, loud ? "!" : "", maybe_times == NULL ? 1 : (unsigned)*maybe_times);
  values_string_dup(ret, text);
  exports_weft_values_echo_user_free(user);
}

// ---- weft:values/behave ----

bool exports_weft_values_behave_divide(int32_t a, int32_t b, int32_t *ret, values_string_t *err) {
  if (b == 0) {
    values_string_dup(err, "division by zero");
    return false;
  }
  *ret = a / b;
  return true;
}

bool exports_weft_values_behave_fail_with(values_string_t *message, values_string_t *err) {
  *err = *message;
  return false;
}

void exports_weft_values_behave_crash(void) { __builtin_trap(); }

void exports_weft_values_behave_spin(void) {
  for (volatile unsigned i = 0;; ++i) {
  }
}

uint32_t exports_weft_values_behave_take(uint32_t bytes) {
  char *memory = malloc(bytes);
  if (memory == NULL) __builtin_trap();
  memset(memory, 1, bytes);
  const uint32_t last = (uint32_t)((volatile char *)memory)[bytes - 1];
  free(memory);
  return last * bytes;
}

void exports_weft_values_behave_print(values_string_t *line) {
  printf("%.*s\n", (int)line->len, (const char *)line->ptr);
  fflush(stdout);
  values_string_free(line);
}

bool exports_weft_values_behave_read_file(values_string_t *path, values_string_t *ret, values_string_t *err) {
  char *name = terminated(path);
  FILE *file = fopen(name, "r");
  free(name);
  values_string_free(path);
  if (file == NULL) {
    values_string_dup(err, "cannot be opened");
    return false;
  }
  char text[4096];
  const size_t length = fread(text, 1, sizeof text, file);
  fclose(file);
  values_string_dup_n(ret, text, length);
  return true;
}

bool exports_weft_values_behave_variable(values_string_t *name, values_string_t *ret) {
  char *wanted = terminated(name);
  const char *value = getenv(wanted);
  free(wanted);
  values_string_free(name);
  if (value == NULL) return false;
  values_string_dup(ret, value);
  return true;
}

uint32_t exports_weft_values_behave_calls(void) {
  static uint32_t calls;
  return ++calls;
}

// ---- weft:values/objects ----

struct exports_weft_values_objects_counter_t {
  uint32_t next;
};

exports_weft_values_objects_own_counter_t exports_weft_values_objects_constructor_counter(uint32_t start) {
  exports_weft_values_objects_counter_t *made = malloc(sizeof *made);
  made->next = start;
  return exports_weft_values_objects_counter_new(made);
}
void exports_weft_values_objects_counter_destructor(exports_weft_values_objects_counter_t *rep) { free(rep); }
uint32_t exports_weft_values_objects_method_counter_next(exports_weft_values_objects_borrow_counter_t self) {
  return self->next++;
}
exports_weft_values_objects_own_counter_t exports_weft_values_objects_make(uint32_t start) {
  return exports_weft_values_objects_constructor_counter(start);
}
uint32_t exports_weft_values_objects_total(exports_weft_values_objects_list_borrow_counter_t *of) {
  uint32_t total = 0;
  for (size_t i = 0; i < of->len; ++i) total += of->ptr[i]->next;
  exports_weft_values_objects_list_borrow_counter_free(of);
  return total;
}
uint32_t exports_weft_values_objects_count(void) { return 0; }

// ---- weft:values/later ----

// Others have their turn before it returns.
values_callback_code_t exports_weft_values_later_double(uint32_t n) {
  values_context_set_0((void *)(uintptr_t)n);
  return VALUES_CALLBACK_CODE_YIELD;
}
values_callback_code_t exports_weft_values_later_double_callback(values_event_t *event) {
  (void)event;
  exports_weft_values_later_double_return((uint32_t)(uintptr_t)values_context_get_0() * 2);
  return VALUES_CALLBACK_CODE_EXIT;
}

values_callback_code_t exports_weft_values_later_divide(uint32_t a, uint32_t b) {
  exports_weft_values_echo_result_u32_string_t result = {.is_err = b == 0};
  if (b == 0)
    values_string_set(&result.val.err, "division by zero");
  else
    result.val.ok = a / b;
  exports_weft_values_later_divide_return(result);
  return VALUES_CALLBACK_CODE_EXIT;
}
values_callback_code_t exports_weft_values_later_divide_callback(values_event_t *event) {
  (void)event;
  return VALUES_CALLBACK_CODE_EXIT;
}
