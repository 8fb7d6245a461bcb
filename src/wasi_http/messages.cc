#include "wasi_http/messages.h"

#include "util/recycled.h"
#include "wasi/p2.h"

namespace weft::wasi_http {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using Nothing = std::monostate;

Method request_method(Host, Borrow<IncomingRequest> self) {
  return to_method(self->head().method);
}

std::optional<std::string> request_path(Host, Borrow<IncomingRequest> self) {
  return self->head().path_with_query;
}

std::optional<Scheme> request_scheme(Host, Borrow<IncomingRequest> self) {
  return to_scheme(self->head().scheme);
}

std::optional<std::string> request_authority(Host, Borrow<IncomingRequest> self) {
  if (self->head().authority.empty()) return std::nullopt;
  return self->head().authority;
}

Own<FieldsResource> request_headers(Host, Borrow<IncomingRequest> self) {
  return self->headers();
}

std::expected<Own<IncomingBody>, Nothing> request_consume(Host, Borrow<IncomingRequest> self) {
  auto body = self->consume();
  if (body == nullptr) return std::unexpected(Nothing());
  return body;
}

Own<OutgoingResponse> response_constructor(Host, Own<FieldsResource> headers) {
  return std::make_unique<OutgoingResponse>(headers->take());
}

std::uint16_t response_status(Host, Borrow<OutgoingResponse> self) {
  return self->status;
}

std::expected<void, Nothing> response_set_status(Host, Borrow<OutgoingResponse> self, std::uint16_t status) {
  if (!OutgoingResponse::is_status(status)) return std::unexpected(Nothing());
  self->status = status;
  return {};
}

Own<FieldsResource> response_headers(Host, Borrow<OutgoingResponse> self) {
  return FieldsResource::immutable(self->fields());
}

std::expected<Own<OutgoingBody>, Nothing> response_body(Host host, Borrow<OutgoingResponse> self) {
  auto body = self->body(host.context().loop(), budget_of(host));
  if (body == nullptr) return std::unexpected(Nothing());
  return body;
}

void outparam_set(Host host, Own<ResponseOutparam> self, std::expected<Own<OutgoingResponse>, ErrorCode> response) {
  host.state<HandlerState>().response_set = true;
  self->set(host.context(), std::move(response));
}

std::expected<void, ErrorCode> outparam_send_informational(Host, Borrow<ResponseOutparam> self, std::uint16_t status,
                                                           Own<FieldsResource> fields) {
  if (!self->inform({.status = status, .fields = *fields->take()})) return std::unexpected(error::HttpProtocolError{});
  return {};
}

// The head is known; its body follows.
class ResponseSink final : public BodySink, public Recycled<ResponseSink> {
 public:
  ResponseSink(std::shared_ptr<http::Exchange> exchange, http::ResponseHead head)
      : exchange_(std::move(exchange)), head_(std::move(head)) {}
  void send_whole(std::string body) override { exchange_->respond(std::move(head_), std::move(body)); }
  std::shared_ptr<http::BodyPipe> start_streaming() override {
    return {exchange_, &exchange_->respond_streaming(std::move(head_))};
  }
  void give_up() override {
    http::ResponseHead head;
    head.status = 500;
    exchange_->respond(std::move(head), {});
  }

 private:
  std::shared_ptr<http::Exchange> exchange_;
  http::ResponseHead head_;
};

}  // namespace

Own<FieldsResource> IncomingRequest::headers() {
  http::Fields& fields = exchange_->request().fields;
  if (!std::exchange(filtered_, true)) remove_forbidden(fields);
  return FieldsResource::immutable(std::shared_ptr<const http::Fields>(exchange_, &fields));
}

Own<IncomingBody> IncomingRequest::consume() {
  if (std::exchange(consumed_, true)) return nullptr;
  const std::shared_ptr<http::BodyPipe> pipe(exchange_, &exchange_->request_body());
  return std::make_unique<IncomingBody>(std::make_shared<BodyReader>(pipe, Message::request));
}

Own<OutgoingBody> OutgoingResponse::body(Loop& loop, const std::shared_ptr<Budget>& budget) {
  if (writer_ != nullptr) return nullptr;
  const auto length = content_length(*fields_);
  if (!length) return nullptr;
  writer_ = std::make_shared<BodyWriter>(loop, Message::response, *length, budget);
  return std::make_unique<OutgoingBody>(writer_);
}

std::unique_ptr<BodySink> response_sink(std::shared_ptr<http::Exchange> exchange, http::ResponseHead head) {
  return std::make_unique<ResponseSink>(std::move(exchange), std::move(head));
}

void answer_fault(host::RequestContext& context, http::Exchange& exchange, const std::string& why) {
  if (context.log) context.log(why);
  http::ResponseHead head;
  head.status = 500;
  exchange.respond(std::move(head), {});
}

std::string describe_answer(const ErrorCode& error) {
  std::string text = "the component answered with the error " + std::string(to_string(error));
  if (const auto* internal = std::get_if<error::InternalError>(&error); internal && internal->value)
    text += ": " + *internal->value;
  return text;
}

http::Fields take_fields(std::shared_ptr<const http::Fields> fields) {
  if (fields.use_count() > 1) return *fields;
  // Nobody else sees them, and they were made mutable (FieldsResource).
  return std::move(const_cast<http::Fields&>(*fields));
}

void ResponseOutparam::set(host::RequestContext& context, std::expected<Own<OutgoingResponse>, ErrorCode> response) {
  if (!response) return answer_fault(context, *exchange_, describe_answer(response.error()));
  OutgoingResponse& made = **response;
  // The status of an interim response: the client would wait for another one.
  if (made.status < 200)
    return answer_fault(context, *exchange_, "the component answered with the status " + std::to_string(made.status));
  http::ResponseHead head;
  head.status = made.status;
  head.fields = take_fields(made.take());
  if (made.writer() == nullptr)
    exchange_->respond(std::move(head), {});
  else
    made.writer()->attach(response_sink(exchange_, std::move(head)));
}

void add_server_messages(bind::Registry& registry, std::string_view version) {
  auto& types = registry.interface(wasi::p2::versioned("wasi:http/types", version));
  types.resource<IncomingRequest>()
      .resource<OutgoingResponse>()
      .resource<ResponseOutparam>()
      .func<&request_method>("[method]incoming-request.method")
      .func<&request_path>("[method]incoming-request.path-with-query")
      .func<&request_scheme>("[method]incoming-request.scheme")
      .func<&request_authority>("[method]incoming-request.authority")
      .func<&request_headers>("[method]incoming-request.headers")
      .func<&request_consume>("[method]incoming-request.consume");
  if (version == wasi::p2_october) return;
  types.func<&response_constructor>("[constructor]outgoing-response")
      .func<&response_status>("[method]outgoing-response.status-code")
      .func<&response_set_status>("[method]outgoing-response.set-status-code")
      .func<&response_headers>("[method]outgoing-response.headers")
      .func<&response_body>("[method]outgoing-response.body")
      .func<&outparam_set>("[static]response-outparam.set")
      .func<&outparam_send_informational>("[method]response-outparam.send-informational");
}

}  // namespace weft::wasi_http
