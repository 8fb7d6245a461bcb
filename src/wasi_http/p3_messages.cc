#include "wasi_http/p3_messages.h"

#include "wasi_http/messages.h"

namespace weft::wasi_http::p3 {
namespace {

using bind::Borrow;
using bind::Future;
using bind::Host;
using bind::Own;
using Valid = std::expected<void, std::monostate>;

Valid valid(bool is_valid) {
  if (!is_valid) return std::unexpected(std::monostate());
  return {};
}

template <class T>
using WithOutcome = std::tuple<Own<T>, Future<Outcome>>;

WithOutcome<Request> request_new(Host host, Own<FieldsResource> headers, std::optional<Bytes> contents,
                                 Future<Trailers> trailers, std::optional<Own<RequestOptions>> options) {
  const bind::Settable<Outcome>::Ref sent(new bind::Settable<Outcome>());
  auto made = std::make_unique<Request>(headers->take(), Body(std::move(contents), std::move(trailers), sent),
                                        options ? *std::move(options) : nullptr, budget_of(host));
  return {std::move(made), Future<Outcome>(sent)};
}

Method get_method(Host, Borrow<Request> self) {
  return self->method();
}
Valid set_method(Host host, Borrow<Request> self, Method value) {
  return valid(self->head(budget_of(host)).set_method(std::move(value)));
}
std::optional<std::string> get_path(Host, Borrow<Request> self) {
  return self->path_with_query();
}
Valid set_path(Host host, Borrow<Request> self, std::optional<std::string> value) {
  return valid(self->head(budget_of(host)).set_path_with_query(std::move(value)));
}
std::optional<Scheme> get_scheme(Host, Borrow<Request> self) {
  return self->scheme();
}
Valid set_scheme(Host host, Borrow<Request> self, std::optional<Scheme> value) {
  return valid(self->head(budget_of(host)).set_scheme(std::move(value)));
}
std::optional<std::string> get_authority(Host, Borrow<Request> self) {
  return self->authority();
}
Valid set_authority(Host host, Borrow<Request> self, std::optional<std::string> value) {
  // Of 0.2 an empty one is let through for older toolkits; the syntax of URIs does not have it with http.
  if (value && value->empty()) return valid(false);
  return valid(self->head(budget_of(host)).set_authority(std::move(value)));
}

std::optional<Own<RequestOptions>> get_options(Host, Borrow<Request> self) {
  if (self->options() == nullptr) return std::nullopt;
  auto options = self->options()->copy();
  options->immutable = true;
  return options;
}
Own<FieldsResource> request_headers(Host, Borrow<Request> self) {
  return FieldsResource::immutable(self->fields());
}

std::tuple<Bytes, Future<Trailers>> request_consume(Host, Own<Request> self, Future<Outcome> done) {
  return self->take_body().consume(std::move(done));
}

WithOutcome<Response> response_new(Host, Own<FieldsResource> headers, std::optional<Bytes> contents,
                                   Future<Trailers> trailers) {
  const bind::Settable<Outcome>::Ref sent(new bind::Settable<Outcome>());
  auto made = std::make_unique<Response>(headers->take(), Body(std::move(contents), std::move(trailers), sent));
  return {std::move(made), Future<Outcome>(sent)};
}
std::uint16_t get_status(Host, Borrow<Response> self) {
  return self->status;
}
Valid set_status(Host, Borrow<Response> self, std::uint16_t status) {
  // RFC 9110, 15: what is outside of 100..599 is invalid.
  if (status < 100 || status > 599) return std::unexpected(std::monostate());
  self->status = status;
  return {};
}
Own<FieldsResource> response_headers(Host, Borrow<Response> self) {
  return FieldsResource::immutable(self->fields());
}
std::tuple<Bytes, Future<Trailers>> response_consume(Host, Own<Response> self, Future<Outcome> done) {
  return std::move(self->body()).consume(std::move(done));
}

}  // namespace

Request::Request(std::shared_ptr<const http::Fields> fields, Body body, Own<RequestOptions> options,
                 const std::shared_ptr<Budget>& budget)
    : body_(std::move(body)), options_(std::move(options)) {
  head_.emplace(std::move(fields), budget);
}

Method Request::method() const {
  return head_ ? head_->method() : to_method(exchange_->request().method);
}

std::optional<std::string> Request::path_with_query() const {
  return head_ ? head_->path_with_query() : exchange_->request().path_with_query;
}

std::optional<Scheme> Request::scheme() const {
  return head_ ? head_->scheme() : to_scheme(exchange_->request().scheme);
}

std::optional<std::string> Request::authority() const {
  if (head_) return head_->authority();
  if (exchange_->request().authority.empty()) return std::nullopt;
  return exchange_->request().authority;
}

std::shared_ptr<const http::Fields> Request::fields() {
  if (exchange_ == nullptr) return head_->fields();
  http::Fields& fields = exchange_->request().fields;
  if (!std::exchange(filtered_, true)) remove_forbidden(fields);
  return {exchange_, &fields};
}

OutgoingRequest& Request::head(const std::shared_ptr<Budget>& budget) {
  if (head_) return *head_;
  const http::RequestHead& from = exchange_->request();
  head_.emplace(fields(), budget);
  head_->set_method(to_method(from.method));
  head_->take_path_with_query(from.path_with_query);
  head_->set_scheme(to_scheme(from.scheme));
  if (!from.authority.empty()) head_->set_authority(from.authority);
  return *head_;
}

Body Request::take_body() {
  if (body_) return *std::move(body_);
  return {std::shared_ptr<http::BodyPipe>(exchange_, &exchange_->request_body()), Message::request};
}

Response::Response(std::shared_ptr<http::ClientExchange> exchange)
    : status(static_cast<std::uint16_t>(exchange->response().status)),
      body_(std::shared_ptr<http::BodyPipe>(exchange, &exchange->response_body()), Message::response) {
  remove_forbidden(exchange->response().fields);
  fields_ = {exchange, &exchange->response().fields};
}

Answered answer(host::RequestContext& context, const std::shared_ptr<Budget>& budget,
                const std::shared_ptr<http::Exchange>& exchange, Answer given) {
  const auto fault = [&](const std::string& why) {
    answer_fault(context, *exchange, why);
    return Answered();
  };
  if (!given) return fault(describe_answer(given.error()));
  Response& made = **given;
  // The status of an interim response: the client would wait for another one.
  if (made.status < 200) return fault("the component answered with the status " + std::to_string(made.status));
  const auto length = content_length(*made.fields());
  if (!length) return fault("the component answered with more than one Content-Length");
  http::ResponseHead head;
  head.status = made.status;
  head.fields = take_fields(made.take_fields());
  // The length of no contents is what a request that is no HEAD would be told.
  const auto promised = made.body().has_contents() ? *length : std::nullopt;
  const auto writer = std::allocate_shared<BodyWriter>(RecyclingAllocator<BodyWriter>(), context.loop(),
                                                       Message::response, promised, budget);
  writer->attach(response_sink(exchange, std::move(head)));
  return {.body = std::move(made.body()).write_to(writer)};
}

void add_messages(bind::Registry& registry, std::string_view version) {
  registry.interface("wasi:http/types@" + std::string(version))
      .resource<Request>()
      .resource<Response>()
      .func<&request_new>("[static]request.new")
      .func<&get_method>("[method]request.get-method")
      .func<&set_method>("[method]request.set-method")
      .func<&get_path>("[method]request.get-path-with-query")
      .func<&set_path>("[method]request.set-path-with-query")
      .func<&get_scheme>("[method]request.get-scheme")
      .func<&set_scheme>("[method]request.set-scheme")
      .func<&get_authority>("[method]request.get-authority")
      .func<&set_authority>("[method]request.set-authority")
      .func<&get_options>("[method]request.get-options")
      .func<&request_headers>("[method]request.get-headers")
      .func<&request_consume>("[static]request.consume-body")
      .func<&response_new>("[static]response.new")
      .func<&get_status>("[method]response.get-status-code")
      .func<&set_status>("[method]response.set-status-code")
      .func<&response_headers>("[method]response.get-headers")
      .func<&response_consume>("[static]response.consume-body");
}

}  // namespace weft::wasi_http::p3
