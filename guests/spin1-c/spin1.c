// Answers requests as components of Spin 1 do. By its path:
//
//     /fetch?URL     sends its method, headers whose names begin with "x-" and body there, and answers what comes back;
//                    "error N" with the number of the error when nothing does
//     /status?N      answers with that status and two headers of one name
//     /bad           answers with a header that is none
//     anything else  its method's number, uri, number of params, headers whose names begin with "x-", and body
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spin1.h"

typedef exports_fermyon_spin_inbound_http_request_t request_t;
typedef exports_fermyon_spin_inbound_http_response_t response_t;
typedef fermyon_spin_http_types_headers_t headers_t;

static void set(spin1_string_t *to, const char *text) { spin1_string_dup(to, text); }

static void set_body(response_t *response, const char *bytes, size_t length) {
  response->body.is_some = true;
  response->body.val.ptr = malloc(length ? length : 1);
  response->body.val.len = length;
  memcpy(response->body.val.ptr, bytes, length);
}

static bool is_own(const spin1_string_t *name) { return name->len > 2 && memcmp(name->ptr, "x-", 2) == 0; }

// What lies behind `prefix` in the uri, ended by NUL; null: it begins in another way.
static char *behind(const request_t *request, const char *prefix) {
  const size_t length = strlen(prefix);
  if (request->uri.len < length || memcmp(request->uri.ptr, prefix, length) != 0) return NULL;
  return strndup((const char *)request->uri.ptr + length, request->uri.len - length);
}

static void fetch(request_t *request, const char *url, response_t *response) {
  fermyon_spin_http_request_t out = {.method = request->method, .body = request->body};
  set(&out.uri, url);
  out.headers.ptr = malloc((request->headers.len + 1) * sizeof *out.headers.ptr);
  for (size_t i = 0; i < request->headers.len; ++i) {
    if (is_own(&request->headers.ptr[i].f0)) out.headers.ptr[out.headers.len++] = request->headers.ptr[i];
  }
  fermyon_spin_http_response_t got;
  fermyon_spin_http_http_error_t error;
  if (fermyon_spin_http_send_request(&out, &got, &error)) {
    response->status = got.status;
    response->body = got.body;
    response->headers.is_some = got.headers.is_some;
    response->headers.val = got.headers.val;
    return;
  }
  char text[32];
  set_body(response, text, (size_t)snprintf(text, sizeof text, "error %d", (int)error));
}

static void add_header(response_t *response, const char *name, const char *value) {
  headers_t *headers = (headers_t *)&response->headers.val;
  response->headers.is_some = true;
  headers->ptr = realloc(headers->ptr, (headers->len + 1) * sizeof *headers->ptr);
  set(&headers->ptr[headers->len].f0, name);
  set(&headers->ptr[headers->len++].f1, value);
}

static void echo(const request_t *request, response_t *response) {
  size_t length = 0;
  char *text = NULL;
  FILE *out = open_memstream(&text, &length);
  fprintf(out, "%d %.*s %zu\n", (int)request->method, (int)request->uri.len, (const char *)request->uri.ptr,
          request->params.len);
  for (size_t i = 0; i < request->headers.len; ++i) {
    const spin1_string_t *name = &request->headers.ptr[i].f0, *value = &request->headers.ptr[i].f1;
    if (is_own(name))
      fprintf(out, "%.*s: %.*s\n", (int)name->len, (const char *)name->ptr, (int)value->len, (const char *)value->ptr);
  }
  if (request->body.is_some) fwrite(request->body.val.ptr, 1, request->body.val.len, out);
  fclose(out);
  set_body(response, text, length);
}

void exports_fermyon_spin_inbound_http_handle_request(request_t *request, response_t *response) {
  *response = (response_t){.status = 200};
  char *rest;
  if ((rest = behind(request, "/fetch?")) != NULL) {
    fetch(request, rest, response);
  } else if ((rest = behind(request, "/status?")) != NULL) {
    response->status = (uint16_t)atoi(rest);
    add_header(response, "x-twice", "first");
    add_header(response, "x-twice", "second");
  } else if (behind(request, "/bad") != NULL) {
    add_header(response, "a name", "value");
  } else {
    echo(request, response);
  }
}
