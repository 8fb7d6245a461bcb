#include "spin/http.h"

#include <algorithm>
#include <expected>
#include <memory>
#include <string>
#include <utility>

#include "http/client_exchange.h"
#include "http/url.h"
#include "spin/http_types.h"
#include "wasi_http/outgoing_handler.h"

namespace weft::spin {
namespace {

using namespace http_v1;
using bind::Host;
using wasi_http::BodyWriter;
namespace error = wasi_http::error;

// What a URL names: of one without scheme and host, the application itself.
struct Destination {
  std::optional<wasi_http::Scheme> scheme;
  std::optional<std::string> authority;
  std::string path_with_query;
};

// Nothing: it is no URL that a request can be sent to.
std::optional<Destination> destination_of(std::string_view url) {
  Destination to;
  // The fragment is the guest's own business, and never sent.
  url = url.substr(0, url.find('#'));
  if (!url.starts_with('/')) {
    const std::size_t end = url.find("://");
    if (end == std::string_view::npos || !http::is_scheme(url.substr(0, end))) return std::nullopt;
    to.scheme = wasi_http::to_scheme(url.substr(0, end));
    if (std::holds_alternative<wasi_http::scheme::Other>(*to.scheme)) return std::nullopt;
    url.remove_prefix(end + 3);
    const std::size_t path = std::min(url.find_first_of("/?"), url.size());
    if (path == 0) return std::nullopt;
    to.authority = std::string(url.substr(0, path));
    url.remove_prefix(path);
  } else {
    to.scheme = wasi_http::scheme::Http{};
  }
  if (!url.starts_with('/')) to.path_with_query = "/";
  to.path_with_query += url;
  return to;
}

Error error_of(const wasi_http::ErrorCode& code) {
  if (std::holds_alternative<error::HttpRequestDenied>(code)) return Error::destination_not_allowed;
  if (std::holds_alternative<error::HttpRequestUriInvalid>(code)) return Error::invalid_url;
  return Error::runtime_error;
}

// Those of a message whose body has that many bytes. Nothing: a name or value is none, or they are too many.
std::shared_ptr<const http::Fields> fields_of(Headers headers, std::size_t body_bytes) {
  if (!is_within_limits(headers)) return nullptr;
  http::Fields fields;
  for (auto& [name, value] : headers) {
    if (!http::is_token(name) || !http::is_field_value(value)) return nullptr;
    // What frames the message and belongs to the connection is written when it is sent.
    if (!wasi_http::is_forbidden_field(name)) fields.append(name, value);
  }
  if (body_bytes > 0) fields.set("content-length", std::to_string(body_bytes));
  return std::make_shared<const http::Fields>(std::move(fields));
}

void write(Host host, BodyWriter& writer, std::span<const std::byte> bytes) {
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (!rest.empty() && !writer.closed()) {
    const std::size_t room = writer.writable();
    if (room == 0) {
      host.wait_for(writer);
      continue;
    }
    if (!writer.write(rest.substr(0, room))) break;
    rest.remove_prefix(std::min(room, rest.size()));
  }
  // Whoever did not want all of it says so in the response.
  if (!writer.closed()) static_cast<void>(writer.finish(std::nullopt));
}

std::expected<Response, Error> read(Host host, const std::shared_ptr<http::ClientExchange>& exchange) {
  Response response{
      .status = static_cast<std::uint16_t>(exchange->response().status), .headers = Headers(), .body = Bytes()};
  const http::Fields& fields = exchange->response().fields;
  for (std::size_t i = 0; i < fields.size(); ++i) response.headers->emplace_back(fields[i].name, fields[i].value);
  wasi_http::BodyReader reader(std::shared_ptr<http::BodyPipe>(exchange, &exchange->response_body()),
                               wasi_http::Message::response);
  for (;;) {
    host.wait_for(reader);
    const std::string_view front = reader.pipe().front();
    if (front.size() > max_response_body_bytes - response.body->size()) return std::unexpected(Error::runtime_error);
    const auto bytes = std::as_bytes(std::span(front));
    response.body->insert(response.body->end(), bytes.begin(), bytes.end());
    reader.consume(front.size());
    if (reader.pipe().at_end()) return response;
    if (reader.pipe().failed()) return std::unexpected(Error::runtime_error);
  }
}

// send-request: func(req: request) -> result<response, http-error>
std::expected<Response, Error> send_request(Host host, Request request) {
  const auto& state = host.state<wasi_http::OutboundState>();
  if (state.outbound == nullptr) return std::unexpected(Error::destination_not_allowed);
  auto to = destination_of(request.uri);
  if (!to) return std::unexpected(Error::invalid_url);
  const std::size_t body_bytes = request.body ? request.body->size() : 0;
  auto fields = fields_of(std::move(request.headers), body_bytes);
  if (fields == nullptr) return std::unexpected(Error::request_error);
  const auto& budget = wasi_http::budget_of(host);
  wasi_http::OutgoingRequest out(std::move(fields), budget);
  if (!out.set_method(wasi_http::to_method(methods[static_cast<std::size_t>(request.method)])) ||
      !out.set_scheme(std::move(to->scheme)) || !out.set_authority(std::move(to->authority)) ||
      !out.set_path_with_query(std::move(to->path_with_query)))
    return std::unexpected(Error::invalid_url);
  const auto writer = body_bytes > 0 ? out.open_body(host.context().loop(), budget) : nullptr;
  auto future = wasi_http::send(host.context(), state, out, nullptr);
  if (!future) return std::unexpected(error_of(future.error()));
  if (writer != nullptr) write(host, *writer, *request.body);
  const auto readiness = (*future)->readiness();
  host.wait_for(*readiness);
  auto exchange = (*future)->take(host.context());
  if (!exchange) return std::unexpected(error_of(exchange.error()));
  return read(host, *exchange);
}

}  // namespace

void add_http(bind::Registry& registry) {
  registry.interface("fermyon:spin/http").func<&send_request>("send-request");
}

}  // namespace weft::spin
