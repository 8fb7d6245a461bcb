#include "wasi_http/incoming_response.h"

#include "wasi/p2.h"

namespace weft::wasi_http {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;

std::uint16_t status(Host, Borrow<IncomingResponse> self) {
  return self->status();
}

Own<FieldsResource> headers(Host, Borrow<IncomingResponse> self) {
  return self->headers();
}

std::expected<Own<IncomingBody>, std::monostate> consume(Host, Borrow<IncomingResponse> self) {
  auto body = self->consume();
  if (body == nullptr) return std::unexpected(std::monostate());
  return body;
}

Own<wasi::PollableResource> subscribe(Host, Borrow<FutureIncomingResponse> self) {
  return std::make_unique<wasi::PollableResource>(self->readiness());
}

std::optional<std::expected<FutureIncomingResponse::Response, std::monostate>> get(
    Host host, Borrow<FutureIncomingResponse> self) {
  return self->get(host.context());
}

}  // namespace

IncomingResponse::IncomingResponse(std::shared_ptr<http::ClientExchange> exchange) : exchange_(std::move(exchange)) {
  remove_forbidden(exchange_->response().fields);
}

IncomingResponse::~IncomingResponse() {
  if (!consumed_ && !exchange_->response_body().ended()) exchange_->response_body().cancel();
}

Own<FieldsResource> IncomingResponse::headers() {
  return FieldsResource::immutable(std::shared_ptr<const http::Fields>(exchange_, &exchange_->response().fields));
}

Own<IncomingBody> IncomingResponse::consume() {
  if (std::exchange(consumed_, true)) return nullptr;
  const std::shared_ptr<http::BodyPipe> pipe(exchange_, &exchange_->response_body());
  return std::make_unique<IncomingBody>(std::make_shared<BodyReader>(pipe, Message::response));
}

class FutureIncomingResponse::Pending final : public host::Pollable {
 public:
  explicit Pending(std::shared_ptr<http::ClientExchange> of) : exchange(std::move(of)) {
    exchange->on_response = [this] { signal_.notify(); };
  }
  ~Pending() override { exchange->on_response = nullptr; }
  bool ready() override { return exchange->responded() || exchange->cancelled(); }
  host::Signal& signal() override { return signal_; }

  const std::shared_ptr<http::ClientExchange> exchange;

 private:
  host::Signal signal_;
};

FutureIncomingResponse::FutureIncomingResponse(std::shared_ptr<http::ClientExchange> exchange, std::string what)
    : pending_(std::make_shared<Pending>(std::move(exchange))), what_(std::move(what)) {}

FutureIncomingResponse::~FutureIncomingResponse() {
  if (pending_ != nullptr && !taken_) pending_->exchange->cancel();
}

std::shared_ptr<host::Pollable> FutureIncomingResponse::readiness() {
  if (pending_ == nullptr) return wasi::always_ready();
  return pending_;
}

std::optional<std::expected<FutureIncomingResponse::Response, std::monostate>> FutureIncomingResponse::get(
    host::RequestContext& context) {
  if (!ready()) return std::nullopt;
  if (taken_) return std::unexpected(std::monostate());
  auto exchange = take(context);
  if (!exchange) return Response(std::unexpected(std::move(exchange).error()));
  return Response(std::make_unique<IncomingResponse>(*std::move(exchange)));
}

bool FutureIncomingResponse::ready() const {
  return pending_ == nullptr || pending_->ready();
}

std::expected<std::shared_ptr<http::ClientExchange>, ErrorCode> FutureIncomingResponse::take(
    host::RequestContext& context) {
  taken_ = true;
  if (refused_) return std::unexpected(*std::move(refused_));
  http::ClientExchange& exchange = *pending_->exchange;
  if (exchange.has_response()) return pending_->exchange;
  const http::ClientError error = exchange.error().value_or(http::ClientError{http::ClientFault::cancelled, {}});
  if (context.log) {
    const bool prohibited = error.fault == http::ClientFault::address_prohibited;
    context.log("the request to " + what_ + " failed: " + error.message() +
                (prohibited ? "; block_networks of the runtime configuration decides" : ""));
  }
  return std::unexpected(to_error_code(error));
}

void add_incoming_responses(bind::Registry& registry, std::string_view version) {
  auto& types = registry.interface(wasi::p2::versioned("wasi:http/types", version));
  types.resource<IncomingResponse>()
      .resource<FutureIncomingResponse>()
      .func<&status>("[method]incoming-response.status")
      .func<&headers>("[method]incoming-response.headers")
      .func<&consume>("[method]incoming-response.consume")
      .func<&subscribe>("[method]future-incoming-response.subscribe");
  if (version != wasi::p2_october) types.func<&get>("[method]future-incoming-response.get");
}

}  // namespace weft::wasi_http
