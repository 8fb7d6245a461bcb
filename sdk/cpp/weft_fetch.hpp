// Requests of one's own, over wasi:http/outgoing-handler. The manifest grants a component the hosts it may ask:
// allowed_outbound_hosts = ["https://example.com"].
//
//   const auto answer = weft::fetch({.url = "https://example.com/"});
//   if (!answer) return {.status = 502, .body = answer.error().message};
#pragma once

#include <chrono>
#include <iterator>
#include <vector>

#include "weft_http.hpp"
#include "weft_result.hpp"

namespace weft {

struct Fetch {
  std::string url;  // of http or https, absolute
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  // For connecting, and for each wait for the answer and for more of it.
  std::chrono::milliseconds timeout = std::chrono::seconds(30);
  // An answer with more is an error.
  std::size_t max_body_bytes = std::size_t{10} << 20;
};

// Whatever status it has, an answer is no error. Waits for all of it. Redirects are not followed.
inline Result<Response> fetch(const Fetch& what);

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
WEFT_TYPES("[resource-drop]outgoing-body") void weft_abi_outgoing_body_drop(std::int32_t body);
}

// An error-code as a result has it: the case, and room for what some cases say more.
struct ErrorCode {
  std::uint8_t which;
  alignas(8) std::uint8_t more[24];
};

inline std::unexpected<Error> http_error(const ErrorCode& error) {
  static constexpr const char* names[] = {
      "DNS-timeout", "DNS-error", "destination-not-found", "destination-unavailable", "destination-IP-prohibited",
      "destination-IP-unroutable", "connection-refused", "connection-terminated", "connection-timeout",
      "connection-read-timeout", "connection-write-timeout", "connection-limit-reached", "TLS-protocol-error",
      "TLS-certificate-error", "TLS-alert-received", "HTTP-request-denied", "HTTP-request-length-required",
      "HTTP-request-body-size", "HTTP-request-method-invalid", "HTTP-request-URI-invalid", "HTTP-request-URI-too-long",
      "HTTP-request-header-section-size", "HTTP-request-header-size", "HTTP-request-trailer-section-size",
      "HTTP-request-trailer-size", "HTTP-response-incomplete", "HTTP-response-header-section-size",
      "HTTP-response-header-size", "HTTP-response-body-size", "HTTP-response-trailer-section-size",
      "HTTP-response-trailer-size", "HTTP-response-transfer-coding", "HTTP-response-content-coding",
      "HTTP-response-timeout", "HTTP-upgrade-failed", "HTTP-protocol-error", "loop-detected", "configuration-error",
      "internal-error"};
  return fail(error.which < std::size(names) ? names[error.which] : "an unknown error");
}

using OutgoingRequest = Handle<weft_abi_outgoing_request_drop>;

// The request's head, or what of it is not valid.
inline Result<OutgoingRequest> outgoing_request(const Fetch& what) {
  const std::string_view url = what.url;
  const std::size_t mark = url.find("://");
  const std::string_view scheme = url.substr(0, mark);
  if (mark == url.npos || (scheme != "http" && scheme != "https"))
    return fail("`" + what.url + "` is no URL of http or https");
  std::string_view rest = url.substr(mark + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  std::string path(rest.substr(end));
  if (!path.starts_with('/')) path.insert(0, 1, '/');

  std::vector<weft_header> headers;
  for (const auto& [name, value] : what.headers)
    headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  weft_abi_result fields;
  weft_abi_fields_from_list(headers.data(), headers.size(), &fields);
  if (fields.is_error) return fail("a header is not valid, or not for a component to set");

  constexpr std::int32_t other_method = 9;
  constexpr std::int32_t http = 0, https = 1;
  OutgoingRequest request(weft_abi_outgoing_request_new(fields.handle));
  if (weft_abi_set_method(request.get(), other_method, what.method.data(), what.method.size()) != 0)
    return fail("`" + what.method + "` is no HTTP method");
  if (weft_abi_set_scheme(request.get(), 1, scheme == "http" ? http : https, nullptr, 0) != 0 ||
      weft_abi_set_authority(request.get(), 1, rest.data(), end) != 0 ||
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

inline Result<Response> read_response(std::int32_t handle, std::size_t max_body_bytes) {
  const Handle<weft_abi_incoming_response_drop> response(handle);
  Response read;
  read.status = static_cast<std::uint16_t>(weft_abi_response_status(response.get()));
  {
    const Handle<weft_abi_fields_drop> fields(weft_abi_response_headers(response.get()));
    struct {
      weft_header* data;
      std::size_t size;
    } headers;
    weft_abi_fields_entries(fields.get(), &headers);
    for (std::size_t i = 0; i < headers.size; ++i)
      read.headers.emplace_back(take(headers.data[i].name), take(headers.data[i].value));
    if (headers.size != 0) std::free(headers.data);
  }
  weft_abi_result consumed;
  weft_abi_response_consume(response.get(), &consumed);
  const Handle<weft_abi_incoming_body_drop> body(consumed.handle);
  weft_text text;
  const bool whole = weft_abi_read_body(body.get(), max_body_bytes, &text);
  read.body = take(text);
  if (!whole) return fail("the answer's body is incomplete, or has more than " + std::to_string(max_body_bytes) + " bytes");
  return read;
}

}  // namespace abi

inline Result<Response> fetch(const Fetch& what) {
  auto request = abi::outgoing_request(what);
  if (!request) return std::unexpected(request.error());
  weft_abi_result body;
  abi::weft_abi_outgoing_request_body(request->get(), &body);
  abi::Handle<abi::weft_abi_outgoing_body_drop> outgoing(body.handle);

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
  return abi::read_response(*response, what.max_body_bytes);
}

}  // namespace weft
