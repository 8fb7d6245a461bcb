// Requests of one's own, over wasi:http/client 0.3. The manifest grants a component the hosts it may ask:
// allowed_outbound_hosts = ["https://example.com"].
//
//   const auto answer = weft::fetch({.url = "https://example.com/"});
//   if (!answer) return {.status = 502, .body = answer.error().message};
#pragma once

#include "weft_fetch_common.hpp"
#include "weft_http_p3.hpp"

namespace weft {
namespace abi {

extern "C" {
WEFT_TYPES("[static]request.new")
void weft_abi_request_new(std::int32_t fields, std::int32_t has_body, std::uint32_t body, std::uint32_t trailers,
                          std::int32_t has_options, std::int32_t options, void* result);
WEFT_TYPES("[method]request.set-method")
std::int32_t weft_abi_set_method(std::int32_t, std::int32_t which, const char* other, std::size_t);
WEFT_TYPES("[method]request.set-scheme")
std::int32_t weft_abi_set_scheme(std::int32_t, std::int32_t is_some, std::int32_t which, const char*, std::size_t);
WEFT_TYPES("[method]request.set-authority")
std::int32_t weft_abi_set_authority(std::int32_t, std::int32_t is_some, const char*, std::size_t);
WEFT_TYPES("[method]request.set-path-with-query")
std::int32_t weft_abi_set_path(std::int32_t, std::int32_t is_some, const char*, std::size_t);
WEFT_TYPES("[constructor]request-options") std::int32_t weft_abi_options_new();
WEFT_TYPES("[method]request-options.set-connect-timeout")
void weft_abi_set_connect_timeout(std::int32_t, std::int32_t is_some, std::int64_t nanoseconds, void* result);
WEFT_TYPES("[method]request-options.set-first-byte-timeout")
void weft_abi_set_first_byte_timeout(std::int32_t, std::int32_t is_some, std::int64_t nanoseconds, void* result);
WEFT_TYPES("[method]request-options.set-between-bytes-timeout")
void weft_abi_set_between_bytes_timeout(std::int32_t, std::int32_t is_some, std::int64_t nanoseconds, void* result);
WEFT_IMPORT("wasi:http/client@0.3.0", "[async-lower]send") std::uint32_t weft_abi_send(std::int32_t, void* result);
WEFT_BUILTIN("[subtask-drop]") void weft_abi_subtask_drop(std::uint32_t subtask);
WEFT_TYPES("[method]response.get-status-code") std::int32_t weft_abi_response_status(std::int32_t response);
WEFT_TYPES("[method]response.get-headers") std::int32_t weft_abi_response_headers(std::int32_t response);
WEFT_TYPES("[static]response.consume-body")
void weft_abi_response_consume(std::int32_t response, std::uint32_t outcome, void* result);
}

using OutgoingRequest = Handle<weft_abi_request_drop>;

inline std::int32_t request_options(std::chrono::nanoseconds timeout) {
  const std::int32_t options = weft_abi_options_new();
  std::uint32_t result[6];  // room for the largest error; these are what every host has
  weft_abi_set_connect_timeout(options, 1, timeout.count(), result);
  weft_abi_set_first_byte_timeout(options, 1, timeout.count(), result);
  weft_abi_set_between_bytes_timeout(options, 1, timeout.count(), result);
  return options;
}

// The request's head, or what of it is not valid; its body is what `to` is given.
inline Result<OutgoingRequest> outgoing_request(const Fetch& what, weft_writer& to) {
  const auto url = parse_url(what.url);
  if (!url) return std::unexpected(url.error());
  const auto headers = headers_of(what.headers);
  union {
    weft_abi_result fields;
    std::uint32_t room[5];  // for the largest error
  } made;
  weft_abi_fields_from_list(headers.data(), headers.size(), &made);
  if (made.fields.is_error) return fail("a header is not valid, or not for a component to set");

  const bool has_body = !what.body.empty();
  const std::uint64_t body = has_body ? weft_abi_body_new() : 0, trailers = weft_abi_trailers_new();
  to = {weft_abi_writable_of(body), weft_abi_writable_of(trailers), has_body};
  struct {
    std::int32_t request;
    std::uint32_t sent;
  } is;
  weft_abi_request_new(made.fields.handle, has_body, weft_abi_readable_of(body), weft_abi_readable_of(trailers), 1,
                       request_options(what.timeout), &is);
  weft_abi_sent_drop(is.sent);
  OutgoingRequest request(is.request);
  const std::string& path = url->path_with_query;
  std::string wrong;
  if (weft_abi_set_method(request.get(), other_method, what.method.data(), what.method.size()) != 0)
    wrong = "`" + what.method + "` is no HTTP method";
  else if (weft_abi_set_scheme(request.get(), 1, url->https ? scheme_https : scheme_http, nullptr, 0) != 0 ||
           weft_abi_set_authority(request.get(), 1, url->authority.data(), url->authority.size()) != 0 ||
           weft_abi_set_path(request.get(), 1, path.data(), path.size()) != 0)
    wrong = "`" + what.url + "` is no URL";
  if (wrong.empty()) return request;
  weft_abi_request_drop(request.release());
  weft_writer_close(&to, false);
  return fail(std::move(wrong));
}

inline Result<Response> read_response(std::int32_t handle, const Fetch& what) {
  Response read;
  read.status = static_cast<std::uint16_t>(weft_abi_response_status(handle));
  const std::int32_t fields = weft_abi_response_headers(handle);
  weft_abi_headers headers;
  weft_abi_fields_entries(fields, &headers);
  take_headers(headers, read);
  weft_abi_fields_drop(fields);

  const std::uint64_t outcome = weft_abi_outcome_new();
  struct {
    std::uint32_t stream;
    std::uint32_t trailers;
  } got;
  weft_abi_response_consume(handle, weft_abi_readable_of(outcome), &got);
  weft_body body = {got.stream, got.trailers, weft_abi_writable_of(outcome), true, false};
  weft_text text;
  const bool all = weft_abi_read_all(&body, weft_body_next, what.max_body_bytes, &text);
  const bool whole = weft_body_close(&body) && all;
  read.body.assign(text.data, text.size);
  std::free(const_cast<char*>(text.data));
  if (!whole) return body_error(what);
  return read;
}

}  // namespace abi

inline Result<Response> fetch(const Fetch& what) {
  weft_writer to;
  auto request = abi::outgoing_request(what, to);
  if (!request) return std::unexpected(request.error());
  struct {
    std::uint8_t is_error;
    union {
      std::int32_t response;
      alignas(8) abi::ErrorCode error;
    } is;
  } sent;
  constexpr std::uint32_t returned = 2;
  const std::uint32_t status = abi::weft_abi_send(request->release(), &sent);
  const std::uint32_t subtask = status >> 4;
  std::uint32_t state = status & 0xf;
  // Written while it is sent; when that breaks off, the answer came early, or the reason comes.
  weft_writer_close(&to, what.body.empty() || weft_writer_write(&to, what.body.data(), what.body.size()));
  while (state != returned) state = weft_abi_over(subtask, static_cast<std::uint32_t>(weft_abi_blocked));
  if (subtask != 0) abi::weft_abi_subtask_drop(subtask);
  if (sent.is_error) return abi::http_error(sent.is.error);
  return abi::read_response(sent.is.response, what);
}

}  // namespace weft
