// Requests of one's own, over wasi:http/outgoing-handler. The manifest grants a component the hosts it may ask:
// allowed_outbound_hosts = ["https://example.com"].
//
//   const auto answer = weft::fetch({.url = "https://example.com/"});
//   if (!answer) return {.status = 502, .body = answer.error().message};
#pragma once

#include "weft_fetch_common.hpp"
#include "weft_http.hpp"

namespace weft {
namespace abi {

extern "C" {
WEFT_TYPES("[resource-drop]fields") void weft_abi_fields_drop(std::int32_t fields);
WEFT_TYPES("[constructor]outgoing-request") std::int32_t weft_abi_outgoing_request_new(std::int32_t fields);
WEFT_TYPES("[resource-drop]outgoing-request") void weft_abi_outgoing_request_drop(std::int32_t request);
WEFT_TYPES("[method]outgoing-request.set-method")
std::int32_t weft_abi_set_method(std::int32_t, std::int32_t which, const char* other, std::size_t);
WEFT_TYPES("[method]outgoing-request.set-scheme")
std::int32_t weft_abi_set_scheme(std::int32_t, std::int32_t is_some, std::int32_t which, const char*, std::size_t);
WEFT_TYPES("[method]outgoing-request.set-authority")
std::int32_t weft_abi_set_authority(std::int32_t, std::int32_t is_some, const char*, std::size_t);
WEFT_TYPES("[method]outgoing-request.set-path-with-query")
std::int32_t weft_abi_set_path(std::int32_t, std::int32_t is_some, const char*, std::size_t);
WEFT_TYPES("[method]outgoing-request.body") void weft_abi_outgoing_request_body(std::int32_t, void* result);
WEFT_TYPES("[constructor]request-options") std::int32_t weft_abi_options_new();
WEFT_TYPES("[method]request-options.set-connect-timeout")
std::int32_t weft_abi_set_connect_timeout(std::int32_t, std::int32_t is_some, std::int64_t nanoseconds);
WEFT_TYPES("[method]request-options.set-first-byte-timeout")
std::int32_t weft_abi_set_first_byte_timeout(std::int32_t, std::int32_t is_some, std::int64_t nanoseconds);
WEFT_TYPES("[method]request-options.set-between-bytes-timeout")
std::int32_t weft_abi_set_between_bytes_timeout(std::int32_t, std::int32_t is_some, std::int64_t nanoseconds);
WEFT_IMPORT("wasi:http/outgoing-handler@0.2.0", "handle")
void weft_abi_send(std::int32_t request, std::int32_t has_options, std::int32_t options, void* result);
WEFT_TYPES("[method]future-incoming-response.subscribe") std::int32_t weft_abi_future_subscribe(std::int32_t);
WEFT_TYPES("[method]future-incoming-response.get") void weft_abi_future_get(std::int32_t, void* result);
WEFT_TYPES("[resource-drop]future-incoming-response") void weft_abi_future_drop(std::int32_t future);
WEFT_IMPORT("wasi:io/poll@0.2.0", "[method]pollable.block") void weft_abi_pollable_block(std::int32_t pollable);
WEFT_IMPORT("wasi:io/poll@0.2.0", "[resource-drop]pollable") void weft_abi_pollable_drop(std::int32_t pollable);
WEFT_TYPES("[method]incoming-response.status") std::int32_t weft_abi_response_status(std::int32_t response);
WEFT_TYPES("[method]incoming-response.headers") std::int32_t weft_abi_response_headers(std::int32_t response);
WEFT_TYPES("[method]incoming-response.consume") void weft_abi_response_consume(std::int32_t, void* result);
WEFT_TYPES("[resource-drop]incoming-response") void weft_abi_incoming_response_drop(std::int32_t response);
WEFT_TYPES("[resource-drop]incoming-body") void weft_abi_incoming_body_drop(std::int32_t body);
}

using OutgoingRequest = Handle<weft_abi_outgoing_request_drop>;

// The request's head, or what of it is not valid.
inline Result<OutgoingRequest> outgoing_request(const Fetch& what) {
  const auto url = parse_url(what.url);
  if (!url) return std::unexpected(url.error());
  const auto headers = headers_of(what.headers);
  weft_abi_result fields;
  weft_abi_fields_from_list(headers.data(), headers.size(), &fields);
  if (fields.is_error) return fail("a header is not valid, or not for a component to set");

  OutgoingRequest request(weft_abi_outgoing_request_new(fields.handle));
  if (weft_abi_set_method(request.get(), other_method, what.method.data(), what.method.size()) != 0)
    return fail("`" + what.method + "` is no HTTP method");
  const std::string& path = url->path_with_query;
  if (weft_abi_set_scheme(request.get(), 1, url->https ? scheme_https : scheme_http, nullptr, 0) != 0 ||
      weft_abi_set_authority(request.get(), 1, url->authority.data(), url->authority.size()) != 0 ||
      weft_abi_set_path(request.get(), 1, path.data(), path.size()) != 0)
    return fail("`" + what.url + "` is no URL");
  return request;
}

inline std::int32_t request_options(std::chrono::nanoseconds timeout) {
  const std::int32_t options = weft_abi_options_new();
  weft_abi_set_connect_timeout(options, 1, timeout.count());
  weft_abi_set_first_byte_timeout(options, 1, timeout.count());
  weft_abi_set_between_bytes_timeout(options, 1, timeout.count());
  return options;
}

// Waits until the head of the answer is there.
inline Result<std::int32_t> await(std::int32_t future) {
  {
    const Handle<weft_abi_pollable_drop> answered(weft_abi_future_subscribe(future));
    weft_abi_pollable_block(answered.get());
  }
  struct Got {
    std::uint8_t is_some;
    alignas(8) std::uint8_t is_taken;
    alignas(8) std::uint8_t is_error;
    union {
      std::int32_t response;
      alignas(8) ErrorCode error;
    } is;
  } got;
  weft_abi_future_get(future, &got);
  if (got.is_error) return http_error(got.is.error);
  return got.is.response;
}

inline Result<Response> read_response(std::int32_t handle, const Fetch& what) {
  const Handle<weft_abi_incoming_response_drop> response(handle);
  Response read;
  read.status = static_cast<std::uint16_t>(weft_abi_response_status(response.get()));
  {
    const Handle<weft_abi_fields_drop> fields(weft_abi_response_headers(response.get()));
    weft_abi_headers headers;
    weft_abi_fields_entries(fields.get(), &headers);
    take_headers(headers, read);
  }
  weft_abi_result consumed;
  weft_abi_response_consume(response.get(), &consumed);
  const Handle<weft_abi_incoming_body_drop> body(consumed.handle);
  weft_text text;
  const bool whole = weft_abi_read_body(body.get(), what.max_body_bytes, &text);
  read.body = take(text);
  if (!whole) return body_error(what);
  return read;
}

}  // namespace abi

inline Result<Response> fetch(const Fetch& what) {
  auto request = abi::outgoing_request(what);
  if (!request) return std::unexpected(request.error());
  weft_abi_result body;
  abi::weft_abi_outgoing_request_body(request->get(), &body);
  abi::Handle<weft_abi_outgoing_body_drop> outgoing(body.handle);

  struct {
    std::uint8_t is_error;
    union {
      std::int32_t future;
      alignas(8) abi::ErrorCode error;
    } is;
  } sent;
  abi::weft_abi_send(request->release(), 1, abi::request_options(what.timeout), &sent);
  if (sent.is_error) return abi::http_error(sent.is.error);
  const abi::Handle<abi::weft_abi_future_drop> future(sent.is.future);

  // When it breaks off, the future has the reason, or the answer came early.
  if (weft_abi_write_body(outgoing.get(), what.body.data(), what.body.size())) {
    std::uint64_t finished[8];  // room for the largest error
    weft_abi_outgoing_body_finish(outgoing.release(), 0, 0, finished);
  }
  const auto response = abi::await(future.get());
  if (!response) return std::unexpected(response.error());
  return abi::read_response(*response, what);
}

}  // namespace weft
