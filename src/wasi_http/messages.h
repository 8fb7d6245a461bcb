// Requests and responses of wasi:http/types on the server's side.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "bind/registry.h"
#include "http/exchange.h"
#include "wasi_http/incoming_body.h"
#include "wasi_http/outgoing_body.h"

namespace weft::wasi_http {

// resource incoming-request
class IncomingRequest : public host::Resource {
 public:
  static constexpr const char* resource_name = "incoming-request";
  explicit IncomingRequest(std::shared_ptr<http::Exchange> exchange) : exchange_(std::move(exchange)) {}

  const http::RequestHead& head() const { return exchange_->request(); }
  bind::Own<FieldsResource> headers();
  // The body, once.
  bind::Own<IncomingBody> consume();

 private:
  std::shared_ptr<http::Exchange> exchange_;
  bool filtered_ = false;
  bool consumed_ = false;
};

// Answers an exchange with `head`, once the body or its beginning is known.
std::unique_ptr<BodySink> response_sink(std::shared_ptr<http::Exchange> exchange, http::ResponseHead head);
// Answers 500, with `why` in the log.
void answer_fault(host::RequestContext& context, http::Exchange& exchange, const std::string& why);
// "the component answered with the error internal-error: ..."
std::string describe_answer(const ErrorCode& error);
// For the message that is sent: a copy only if somebody else has them too.
http::Fields take_fields(std::shared_ptr<const http::Fields> fields);

// resource outgoing-response
class OutgoingResponse : public host::Resource {
 public:
  static constexpr const char* resource_name = "outgoing-response";
  explicit OutgoingResponse(std::shared_ptr<const http::Fields> fields) : fields_(std::move(fields)) {}

  static bool is_status(std::uint16_t status) { return status >= 100 && status <= 999; }
  std::uint16_t status = 200;
  const std::shared_ptr<const http::Fields>& fields() const { return fields_; }
  std::shared_ptr<const http::Fields> take() { return std::move(fields_); }
  // The body, once; then null, or when the fields promise no single length.
  bind::Own<OutgoingBody> body(Loop& loop, const std::shared_ptr<Budget>& budget);
  const std::shared_ptr<BodyWriter>& writer() const { return writer_; }

 private:
  std::shared_ptr<const http::Fields> fields_;
  std::shared_ptr<BodyWriter> writer_;
};

// resource response-outparam
class ResponseOutparam : public host::Resource {
 public:
  static constexpr const char* resource_name = "response-outparam";
  explicit ResponseOutparam(std::shared_ptr<http::Exchange> exchange) : exchange_(std::move(exchange)) {}
  // Answers with the response, or with 500 and a line in the log.
  // Sends an informational response ahead of it; see http::Exchange::inform().
  bool inform(http::ResponseHead head) { return exchange_->inform(std::move(head)); }
  void set(host::RequestContext& context, std::expected<bind::Own<OutgoingResponse>, ErrorCode> response);

 private:
  std::shared_ptr<http::Exchange> exchange_;
};

// What a guest's handler did with its exchange, kept in the instance's state.
struct HandlerState {
  bool response_set = false;
};

void add_server_messages(bind::Registry& registry, std::string_view version);

}  // namespace weft::wasi_http
