// incoming-response and future-incoming-response of wasi:http/types: what an http::ClientExchange brings.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bind/registry.h"
#include "host/request_context.h"
#include "host/signal.h"
#include "http/client_exchange.h"
#include "wasi/streams.h"
#include "wasi_http/incoming_body.h"

namespace weft::wasi_http {

// resource incoming-response
class IncomingResponse : public host::Resource {
 public:
  static constexpr const char* resource_name = "incoming-response";
  // REQUIRES: exchange->has_response().
  explicit IncomingResponse(std::shared_ptr<http::ClientExchange> exchange);
  // A body that was not asked for is not wanted.
  ~IncomingResponse() override;

  std::uint16_t status() const { return static_cast<std::uint16_t>(exchange_->response().status); }
  bind::Own<FieldsResource> headers();
  // The body, once; then null.
  bind::Own<IncomingBody> consume();

 private:
  std::shared_ptr<http::ClientExchange> exchange_;
  bool consumed_ = false;
};

// resource future-incoming-response
class FutureIncomingResponse : public host::Resource {
 public:
  static constexpr const char* resource_name = "future-incoming-response";
  // Of a request to `what`, which goes into the log when it fails.
  FutureIncomingResponse(std::shared_ptr<http::ClientExchange> exchange, std::string what);
  // Of a request that is not sent.
  explicit FutureIncomingResponse(ErrorCode error) : refused_(std::move(error)) {}
  // Nobody wants the response any more, unless it was taken.
  ~FutureIncomingResponse() override;

  // Ready when get() has an answer. May outlive the future.
  std::shared_ptr<host::Pollable> readiness();
  bool ready() const;
  // What has the response, once. REQUIRES: ready().
  std::expected<std::shared_ptr<http::ClientExchange>, ErrorCode> take(host::RequestContext& context);
  using Response = std::expected<bind::Own<IncomingResponse>, ErrorCode>;
  // None: not known yet. An error inside: taken before.
  std::optional<std::expected<Response, std::monostate>> get(host::RequestContext& context);

 private:
  class Pending;
  std::shared_ptr<Pending> pending_;  // null: refused
  std::optional<ErrorCode> refused_;
  std::string what_;
  bool taken_ = false;
};

void add_incoming_responses(bind::Registry& registry, std::string_view version);

}  // namespace weft::wasi_http
