// Answers every request with its path and how many values each of its headers has, in C++ with the standard library.
extern "C" {
#include "http_guest.h"
}

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

// Takes over a string that the bindings allocated.
std::string take(http_guest_string_t text) {
  std::string copy(reinterpret_cast<const char*>(text.ptr), text.len);
  http_guest_string_free(&text);
  return copy;
}

std::string path_of(wasi_http_types_borrow_incoming_request_t request) {
  http_guest_string_t path;
  if (!wasi_http_types_method_incoming_request_path_with_query(request, &path)) return "/";
  return take(path);
}

// How many values each header has.
std::map<std::string, int> headers_of(wasi_http_types_borrow_incoming_request_t request) {
  wasi_http_types_own_fields_t fields = wasi_http_types_method_incoming_request_headers(request);
  wasi_http_types_list_tuple2_field_name_field_value_t entries;
  wasi_http_types_method_fields_entries(wasi_http_types_borrow_fields(fields), &entries);
  std::map<std::string, int> counts;
  for (std::size_t i = 0; i < entries.len; ++i) {
    const http_guest_string_t& name = entries.ptr[i].f0;
    ++counts[{reinterpret_cast<const char*>(name.ptr), name.len}];
  }
  wasi_http_types_list_tuple2_field_name_field_value_free(&entries);
  wasi_http_types_fields_drop_own(fields);
  return counts;
}

std::string render(wasi_http_types_borrow_incoming_request_t request) {
  std::ostringstream text;
  text << "Hello from C++ at " << path_of(request) << "\n";
  for (const auto& [name, count] : headers_of(request)) text << name << ": " << count << "\n";
  return text.str();
}

wasi_http_types_own_outgoing_body_t respond(exports_wasi_http_incoming_handler_own_response_outparam_t out) {
  const std::string name = "content-type";
  const std::string value = "text/plain";
  wasi_http_types_own_fields_t headers = wasi_http_types_constructor_fields();
  http_guest_string_t field_name{(uint8_t*)name.data(), name.size()};
  wasi_http_types_field_value_t field_value{(uint8_t*)value.data(), value.size()};
  wasi_http_types_header_error_t error;
  wasi_http_types_method_fields_append(wasi_http_types_borrow_fields(headers), &field_name, &field_value, &error);

  wasi_http_types_own_outgoing_response_t response = wasi_http_types_constructor_outgoing_response(headers);
  wasi_http_types_own_outgoing_body_t body;
  wasi_http_types_method_outgoing_response_body(wasi_http_types_borrow_outgoing_response(response), &body);
  wasi_http_types_result_own_outgoing_response_error_code_t result{};
  result.val.ok = response;
  wasi_http_types_static_response_outparam_set(out, &result);
  return body;
}

void send(wasi_http_types_own_outgoing_body_t body, const std::string& text) {
  // What a blocking write takes at most.
  constexpr std::size_t piece = 4096;
  wasi_http_types_own_output_stream_t stream;
  wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(body), &stream);
  for (std::size_t at = 0; at < text.size(); at += piece) {
    http_guest_list_u8_t bytes{(uint8_t*)text.data() + at, std::min(piece, text.size() - at)};
    wasi_io_streams_stream_error_t error;
    if (!wasi_io_streams_method_output_stream_blocking_write_and_flush(wasi_io_streams_borrow_output_stream(stream),
                                                                       &bytes, &error)) {
      wasi_io_streams_stream_error_free(&error);
      break;
    }
  }
  wasi_io_streams_output_stream_drop_own(stream);
  wasi_http_types_error_code_t error;
  if (!wasi_http_types_static_outgoing_body_finish(body, nullptr, &error)) wasi_http_types_error_code_free(&error);
}

}  // namespace

extern "C" void exports_wasi_http_incoming_handler_handle(
    exports_wasi_http_incoming_handler_own_incoming_request_t request,
    exports_wasi_http_incoming_handler_own_response_outparam_t out) {
  const std::string text = render(wasi_http_types_borrow_incoming_request(request));
  wasi_http_types_incoming_request_drop_own(request);
  send(respond(out), text);
}
