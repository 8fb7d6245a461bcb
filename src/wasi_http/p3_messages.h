// request, response and request-options of wasi:http 0.3.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "http/client_exchange.h"
#include "http/exchange.h"
#include "util/recycled.h"
#include "wasi_http/outgoing_request.h"
#include "wasi_http/p3_body.h"

namespace weft::wasi_http::p3 {

// resource request
class Request final : public host::Resource, public Recycled<Request> {
 public:
  static constexpr const char* resource_name = "request";
  // What a client asks of the server.
  explicit Request(std::shared_ptr<http::Exchange> exchange) : exchange_(std::move(exchange)) {}
  // What a guest makes.
  Request(std::shared_ptr<const http::Fields> fields, Body body, bind::Own<RequestOptions> options,
          const std::shared_ptr<Budget>& budget);

  Method method() const;
  std::optional<std::string> path_with_query() const;
  std::optional<Scheme> scheme() const;
  std::optional<std::string> authority() const;
  std::shared_ptr<const http::Fields> fields();
  const std::shared_ptr<const RequestOptions>& options() const { return options_; }
  // Its head as something to change or to send.
  OutgoingRequest& head(const std::shared_ptr<Budget>& budget);
  // Once.
  Body take_body();

 private:
  std::shared_ptr<http::Exchange> exchange_;  // null: a guest's
  bool filtered_ = false;
  std::optional<OutgoingRequest> head_;  // of a client's: once it was needed
  std::optional<Body> body_;             // of a guest's
  std::shared_ptr<const RequestOptions> options_;
};

// resource response
class Response final : public host::Resource, public Recycled<Response> {
 public:
  static constexpr const char* resource_name = "response";
  // What a guest makes.
  Response(std::shared_ptr<const http::Fields> fields, Body body)
      : fields_(std::move(fields)), body_(std::move(body)) {}
  // What a server answered. REQUIRES: exchange->has_response().
  explicit Response(std::shared_ptr<http::ClientExchange> exchange);

  std::uint16_t status = 200;
  const std::shared_ptr<const http::Fields>& fields() const { return fields_; }
  std::shared_ptr<const http::Fields> take_fields() { return std::move(fields_); }
  Body& body() { return body_; }

 private:
  std::shared_ptr<const http::Fields> fields_;
  Body body_;
};

// What became of what a handler returned, kept in the instance's state.
struct Answered {
  Sending::Ref body;  // null: nothing is left to send
};

// What a handler returns: answers the exchange with it, or with 500 and a line in the log.
using Answer = std::expected<bind::Own<Response>, ErrorCode>;
Answered answer(host::RequestContext& context, const std::shared_ptr<Budget>& budget,
                const std::shared_ptr<http::Exchange>& exchange, Answer answer);

// Each of them adds its part of an interface, in the version "0.3.0", say.
void add_fields(bind::Registry& registry, std::string_view version);
void add_messages(bind::Registry& registry, std::string_view version);
void add_request_options(bind::Registry& registry, std::string_view version);
void add_client(bind::Registry& registry, std::string_view version);

}  // namespace weft::wasi_http::p3
