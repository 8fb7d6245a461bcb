#include "wasi_http/messages.h"

#include <charconv>

namespace weft::wasi_http {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using Nothing = std::monostate;

Method request_method(Host, Borrow<IncomingRequest> self) { return to_method(self->head().method); }

std::optional<std::string> request_path(Host, Borrow<IncomingRequest> self) { return self->head().path_with_query; }

std::optional<Scheme> request_scheme(Host, Borrow<IncomingRequest> self) { return to_scheme(self->head().scheme); }

std::optional<std::string> request_authority(Host, Borrow<IncomingRequest> self) {
  if (self->head().authority.empty()) return std::nullopt;
  return self->head().authority;
}

Own<FieldsResource> request_headers(Host, Borrow<IncomingRequest> self) { return self->headers(); }

std::expected<Own<IncomingBody>, Nothing> request_consume(Host, Borrow<IncomingRequest> self) {
  auto body = self->consume();
  if (body == nullptr) return std::unexpected(Nothing());
  return body;
}

Own<OutgoingResponse> response_constructor(Host, Own<FieldsResource> headers) {
  return std::make_unique<OutgoingResponse>(headers->take());
}

std::uint16_t response_status(Host, Borrow<OutgoingResponse> self) { return self->status; }

std::expected<void, Nothing> response_set_status(Host, Borrow<OutgoingResponse> self, std::uint16_t status) {
  if (status < 100 || status > 999) return std::unexpected(Nothing());
  self->status = status;
  return {};
}

Own<FieldsResource> response_headers(Host, Borrow<OutgoingResponse> self) {
  return FieldsResource::immutable(self->fields());
}

std::expected<Own<OutgoingBody>, Nothing> response_body(Host host, Borrow<OutgoingResponse> self) {
  auto body = self->body(host.context().loop());
  if (body == nullptr) return std::unexpected(Nothing());
  return body;
}

void outparam_set(Host host, Own<ResponseOutparam> self, std::expected<Own<OutgoingResponse>, ErrorCode> response) {
  host.state<HandlerState>().response_set = true;
  self->set(host.context(), std::move(response));
}

}  // namespace

Own<FieldsResource> IncomingRequest::headers() {
  return FieldsResource::immutable(std::shared_ptr<http::Fields>(exchange_, &exchange_->request().fields));
}

Own<IncomingBody> IncomingRequest::consume() {
  if (std::exchange(consumed_, true)) return nullptr;
  return std::make_unique<IncomingBody>(
      BodyReader::create(std::shared_ptr<http::BodyPipe>(exchange_, &exchange_->request_body())));
}

Own<OutgoingBody> OutgoingResponse::body(Loop& loop) {
  if (writer_ != nullptr) return nullptr;
  writer_ = std::make_shared<BodyWriter>(loop);
  return std::make_unique<OutgoingBody>(writer_);
}

void ResponseOutparam::set(host::RequestContext& context, std::expected<Own<OutgoingResponse>, ErrorCode> response) {
  http::ResponseHead head;
  if (!response) {
    std::string line = "the component answered with the error " + std::string(to_string(response.error()));
    if (const auto* internal = std::get_if<error::InternalError>(&response.error()); internal && internal->value) {
      line += ": " + *internal->value;
    }
    if (context.log) context.log(line);
    head.status = 500;
    exchange_->respond(std::move(head), {});
    return;
  }
  OutgoingResponse& made = **response;
  head.status = made.status;
  head.fields = *made.fields();
  if (made.writer() == nullptr) {
    exchange_->respond(std::move(head), {});
    return;
  }
  const auto length = content_length(head.fields);
  auto shared_head = std::make_shared<http::ResponseHead>(std::move(head));
  BodySink sink;
  sink.send_whole = [exchange = exchange_, shared_head](std::string body) {
    exchange->respond(std::move(*shared_head), std::move(body));
  };
  sink.start_streaming = [exchange = exchange_, shared_head]() -> std::shared_ptr<http::BodyPipe> {
    return {exchange, &exchange->respond_streaming(std::move(*shared_head))};
  };
  made.writer()->attach(std::move(sink), length);
}

std::optional<std::uint64_t> content_length(const http::Fields& fields) {
  const auto given = fields.get("content-length");
  if (!given) return std::nullopt;
  std::uint64_t length = 0;
  const char* end = given->data() + given->size();
  const auto [at, error] = std::from_chars(given->data(), end, length);
  if (error != std::errc() || at != end) return std::nullopt;
  return length;
}

void add_server_messages(bind::Registry& registry) {
  registry.interface("wasi:http/types@0.2.0")
      .resource<IncomingRequest>()
      .resource<OutgoingResponse>()
      .resource<ResponseOutparam>()
      .func<&request_method>("[method]incoming-request.method")
      .func<&request_path>("[method]incoming-request.path-with-query")
      .func<&request_scheme>("[method]incoming-request.scheme")
      .func<&request_authority>("[method]incoming-request.authority")
      .func<&request_headers>("[method]incoming-request.headers")
      .func<&request_consume>("[method]incoming-request.consume")
      .func<&response_constructor>("[constructor]outgoing-response")
      .func<&response_status>("[method]outgoing-response.status-code")
      .func<&response_set_status>("[method]outgoing-response.set-status-code")
      .func<&response_headers>("[method]outgoing-response.headers")
      .func<&response_body>("[method]outgoing-response.body")
      .func<&outparam_set>("[static]response-outparam.set");
}

}  // namespace weft::wasi_http
