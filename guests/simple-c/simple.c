// Answers through the simple handler of examples/http-handler. By its path:
//
//     /status?N     with that status, and a body of text
//     /twice        with two headers of one name, and a length that is not the body's
//     /bad-name     with a header whose name is none
//     /bad-value    with a header whose value is none
//     /headers?N    with N headers
//     /error        with the interface's error
//     /nothing      without headers and body
//     anything else its method, uri, whether there is a body, headers whose names begin with "x-", and the body
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simple.h"

typedef exports_wgall_web_handler_request_t request_t;
typedef exports_wgall_web_handler_response_t response_t;
typedef exports_wgall_web_handler_header_t header_t;

static void set_body(response_t *response, const char *bytes, size_t length) {
  response->body.is_some = true;
  response->body.val.ptr = malloc(length ? length : 1);
  response->body.val.len = length;
  memcpy(response->body.val.ptr, bytes, length);
}

// What lies behind `prefix` in the uri, ended by NUL; null: it begins in another way.
static char *behind(const request_t *request, const char *prefix) {
  const size_t length = strlen(prefix);
  if (request->uri.len < length || memcmp(request->uri.ptr, prefix, length) != 0) return NULL;
  return strndup((const char *)request->uri.ptr + length, request->uri.len - length);
}

static void add_header(response_t *response, const char *name, const char *value) {
  response->headers.ptr = realloc(response->headers.ptr, (response->headers.len + 1) * sizeof(header_t));
  header_t *header = &response->headers.ptr[response->headers.len++];
  simple_string_dup(&header->name, name);
  simple_string_dup(&header->value, value);
}

static void echo(const request_t *request, response_t *response) {
  size_t length = 0;
  char *text = NULL;
  FILE *out = open_memstream(&text, &length);
  fprintf(out, "%.*s %.*s %s\n", (int)request->method.len, (const char *)request->method.ptr, (int)request->uri.len,
          (const char *)request->uri.ptr, request->body.is_some ? "body" : "none");
  for (size_t i = 0; i < request->headers.len; ++i) {
    const simple_string_t *name = &request->headers.ptr[i].name, *value = &request->headers.ptr[i].value;
    if (name->len > 2 && memcmp(name->ptr, "x-", 2) == 0)
      fprintf(out, "%.*s: %.*s\n", (int)name->len, (const char *)name->ptr, (int)value->len, (const char *)value->ptr);
  }
  if (request->body.is_some) fwrite(request->body.val.ptr, 1, request->body.val.len, out);
  fclose(out);
  add_header(response, "content-type", "text/plain");
  set_body(response, text, length);
}

bool exports_wgall_web_handler_handle(request_t *request, response_t *response) {
  *response = (response_t){.status = 200};
  char *rest;
  if ((rest = behind(request, "/status?")) != NULL) {
    response->status = (uint16_t)atoi(rest);
    set_body(response, "text\n", 5);
  } else if (behind(request, "/twice") != NULL) {
    add_header(response, "set-cookie", "a=1");
    add_header(response, "set-cookie", "b=2");
    add_header(response, "content-length", "1");
    set_body(response, "text\n", 5);
  } else if (behind(request, "/bad-name") != NULL) {
    add_header(response, "a name", "value");
  } else if (behind(request, "/bad-value") != NULL) {
    add_header(response, "x-a", "one\r\nx-b: two");
  } else if ((rest = behind(request, "/headers?")) != NULL) {
    for (int i = atoi(rest); i > 0; --i) add_header(response, "x-a", "1");
  } else if (behind(request, "/error") != NULL) {
    return false;
  } else if (behind(request, "/nothing") == NULL) {
    echo(request, response);
  }
  return true;
}
