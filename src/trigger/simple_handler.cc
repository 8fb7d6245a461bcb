#include "trigger/simple_handler.h"

#include <expected>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "bind/abi.h"
#include "component/names.h"
#include "http/response_writer.h"
#include "manifest/identifier.h"
#include "trigger/typed_call.h"
#include "trigger/whole_body.h"
#include "util/utf8.h"
#include "wasi_http/fields.h"

namespace weft::trigger {
namespace {

using Bytes = std::vector<std::byte>;

struct Header {
  std::string name;
  std::string value;
  static constexpr auto labels = bind::labels("name", "value");
};

struct Request {
  std::string method;
  std::string uri;
  std::vector<Header> headers;
  std::optional<Bytes> body;
  static constexpr auto labels = bind::labels("method", "uri", "headers", "body");
};

struct Response {
  std::uint16_t status;
  std::vector<Header> headers;
  std::optional<Bytes> body;
  static constexpr auto labels = bind::labels("status", "headers", "body");
};

// handle: func(req: request) -> result<response, string>
using HandleCall = TypedCall<std::expected<Response, std::string>, Request>;
// handle: func(req: request) -> result<response>
using SilentHandleCall = TypedCall<std::expected<Response, std::monostate>, Request>;

Request request_of(const http::RequestHead& head, const std::string& body) {
  Request request{.method = head.method, .uri = head.path_with_query, .headers = {}, .body = {}};
  request.headers.reserve(head.fields.size());
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    const auto [name, value] = head.fields[i];
    request.headers.push_back({.name = manifest::to_lower(name), .value = std::string(value)});
  }
  if (!body.empty()) {
    const auto bytes = std::as_bytes(std::span(body));
    request.body.emplace(bytes.begin(), bytes.end());
  }
  return request;
}

[[noreturn]] void refuse(const char* fault) {
  throw abi::Trap(std::string("the component's response cannot be sent: ") + fault);
}

void respond(http::Exchange& exchange, const Response& response) {
  http::ResponseHead head;
  head.status = response.status;
  if (response.headers.size() > wasi_http::max_fields_count) refuse("it has too many headers");
  for (const Header& header : response.headers) {
    // The body says its length itself.
    if (http::is_connections_own(header.name) || http::equal_names(header.name, "content-length")) continue;
    if (header.name.size() + header.value.size() > wasi_http::max_fields_bytes - head.fields.bytes())
      refuse("its headers are too long");
    head.fields.append(header.name, http::trim_value(header.value));
  }
  if (const char* const fault = http::fault_of(head); fault != nullptr) refuse(fault);
  std::string body;
  if (response.body) body.assign(reinterpret_cast<const char*>(response.body->data()), response.body->size());
  exchange.respond(std::move(head), std::move(body));
}

// As a line of the log.
std::string shown(std::string text) {
  if (text.size() > max_simple_error_bytes) {
    text.resize(max_simple_error_bytes);
    while (!is_utf8(text)) text.pop_back();
    text += "...";
  }
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

template <class Call>
void handle(component::Instance& instance, component::FuncRef handler, Request request, http::Exchange& exchange,
            host::RequestShare* share) {
  Call call(instance, std::move(request));
  instance.call(handler, call, share);
  if (!call.answer) return;
  if (*call.answer) return respond(exchange, **call.answer);
  std::string why = "the component's handler returned an error";
  if constexpr (std::is_same_v<Call, HandleCall>) why += ": " + shown(std::move(*call.answer).error());
  throw abi::Trap(std::move(why));
}

}  // namespace

bool is_simple_handler(std::string_view interface) {
  const auto name = component::parse_extern_name(interface);
  return name && name->kind == component::ParsedName::Kind::interface && name->package_namespace == "wgall" &&
         name->interface == "handler";
}

std::optional<SimpleErrors> simple_errors_of(const abi::FuncType& type) {
  if (HandleCall::fits(type)) return SimpleErrors::text;
  if (SilentHandleCall::fits(type)) return SimpleErrors::nothing;
  return std::nullopt;
}

void call_simple_handler(component::Instance& instance, component::FuncRef handler, SimpleErrors errors,
                         const std::shared_ptr<http::Exchange>& exchange, host::RequestShare* share) {
  auto body = read_whole_body(instance, exchange, max_simple_body_bytes);
  if (!body) return;
  Request request = request_of(exchange->request(), *body);
  body.reset();
  if (errors == SimpleErrors::text)
    handle<HandleCall>(instance, handler, std::move(request), *exchange, share);
  else
    handle<SilentHandleCall>(instance, handler, std::move(request), *exchange, share);
}

}  // namespace weft::trigger
