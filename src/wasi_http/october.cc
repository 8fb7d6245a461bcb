#include "wasi_http/october.h"

#include "abi/trap.h"
#include "wasi/p2.h"
#include "wasi_http/messages.h"
#include "wasi_http/october_types.h"
#include "wasi_http/outgoing_handler.h"

namespace weft::wasi_http {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using october::Error;
using Nothing = std::monostate;

// ---- errors ----

Error to_october(const ErrorCode& code) {
  std::string text(to_string(code));
  if (const auto* internal = std::get_if<error::InternalError>(&code); internal && internal->value)
    text += ": " + *internal->value;
  const auto is = [&]<class... C>(std::variant<C...>*) { return (std::holds_alternative<C>(code) || ...); };
  using Timeouts = std::variant<error::DnsTimeout, error::ConnectionTimeout, error::ConnectionReadTimeout,
                                error::ConnectionWriteTimeout, error::HttpResponseTimeout>;
  using Urls = std::variant<error::HttpRequestUriInvalid, error::HttpRequestUriTooLong>;
  using Protocol = std::variant<error::HttpProtocolError, error::HttpRequestMethodInvalid>;
  if (is(static_cast<Timeouts*>(nullptr))) return october::TimeoutError{std::move(text)};
  if (is(static_cast<Urls*>(nullptr))) return october::InvalidUrl{std::move(text)};
  if (is(static_cast<Protocol*>(nullptr))) return october::ProtocolError{std::move(text)};
  return october::UnexpectedError{std::move(text)};
}

// What a component answers with: for the log.
ErrorCode from_october(const Error& error) {
  return std::visit(
      []<class Case>(const Case& one) -> ErrorCode {
        return error::InternalError{std::string(Case::label).append(": ").append(one.value)};
      },
      error);
}

// Where the interface has no result to say it in, the guest traps, as in other hosts.
[[noreturn]] void invalid(std::string_view function, std::string_view what) {
  throw abi::Trap(std::string(function).append(": invalid ").append(what));
}

void check(std::string_view function, const HeaderResult& result) {
  if (!result) std::visit([&]<class Case>(const Case&) { invalid(function, Case::label); }, result.error());
}

// ---- fields ----

Own<FieldsResource> fields_constructor(Host host, std::vector<FieldEntry> entries) {
  auto made = std::make_unique<FieldsResource>(budget_of(host));
  for (const auto& [name, value] : entries) check("fields", made->append(name, value));
  return made;
}

void fields_set(Host, Borrow<FieldsResource> self, std::string name, std::vector<FieldValue> values) {
  check("fields.set", self->set(name, values));
}

void fields_delete(Host, Borrow<FieldsResource> self, std::string name) {
  check("fields.delete", self->remove(name));
}

void fields_append(Host, Borrow<FieldsResource> self, std::string name, FieldValue value) {
  check("fields.append", self->append(name, value));
}

// A message of October borrows its fields; what becomes of them later is not its own.
std::shared_ptr<const http::Fields> copy_of(Host host, const FieldsResource& fields) {
  return fields.clone(budget_of(host))->take();
}

// ---- messages ----

Own<OutgoingResponse> response_constructor(Host host, std::uint16_t status, Borrow<FieldsResource> headers) {
  if (!OutgoingResponse::is_status(status)) invalid("outgoing-response", "status-code");
  auto made = std::make_unique<OutgoingResponse>(copy_of(host, *headers));
  made->status = status;
  return made;
}

template <class Message>
std::expected<Own<OutgoingBody>, Nothing> body_of(Host host, Borrow<Message> self) {
  auto body = self->body(host.context().loop(), budget_of(host));
  if (body == nullptr) return std::unexpected(Nothing());
  return body;
}

void outparam_set(Host host, Own<ResponseOutparam> self, std::expected<Own<OutgoingResponse>, Error> response) {
  host.state<HandlerState>().response_set = true;
  if (response)
    self->set(host.context(), *std::move(response));
  else
    self->set(host.context(), std::unexpected(from_october(response.error())));
}

Own<OutgoingRequest> request_constructor(Host host, Method method, std::optional<std::string> path,
                                         std::optional<Scheme> scheme, std::optional<std::string> authority,
                                         Borrow<FieldsResource> headers) {
  auto made = std::make_unique<OutgoingRequest>(copy_of(host, *headers), budget_of(host));
  if (!made->set_method(std::move(method))) invalid("outgoing-request", "method");
  if (!made->set_path_with_query(std::move(path))) invalid("outgoing-request", "path-with-query");
  if (!made->set_scheme(std::move(scheme))) invalid("outgoing-request", "scheme");
  if (!made->set_authority(std::move(authority))) invalid("outgoing-request", "authority");
  return made;
}

void body_finish(Host, Own<OutgoingBody> self, std::optional<Own<FieldsResource>> trailers) {
  std::optional<http::Fields> fields;
  if (trailers) fields = as_trailers((*trailers)->fields());
  if (const auto done = self->finish(std::move(fields)); !done)
    throw abi::Trap(std::string("outgoing-body.finish: ").append(to_string(done.error())));
}

// No trailers are empty ones: the interface has no other way to say it.
std::optional<std::expected<Own<FieldsResource>, Error>> trailers_get(Host host, Borrow<FutureTrailers> self) {
  auto taken = self->take();
  if (!taken) return std::nullopt;
  if (!*taken) return std::unexpected(to_october(taken->error()));
  if (!**taken) return std::make_unique<FieldsResource>(budget_of(host));
  return *std::move(**taken);
}

using Response = std::expected<Own<IncomingResponse>, Error>;
std::optional<std::expected<Response, Nothing>> response_get(Host host, Borrow<FutureIncomingResponse> self) {
  auto got = self->get(host.context());
  if (!got) return std::nullopt;
  if (!*got) return std::unexpected(Nothing());
  auto& response = **got;
  if (!response) return Response(std::unexpected(to_october(response.error())));
  return Response(*std::move(response));
}

// ---- outgoing-handler ----

std::optional<std::uint64_t> nanoseconds(std::optional<std::uint32_t> milliseconds) {
  if (!milliseconds) return std::nullopt;
  return std::uint64_t{*milliseconds} * 1'000'000;
}

std::expected<Own<FutureIncomingResponse>, Error> handle(Host host, Own<OutgoingRequest> request,
                                                         std::optional<october::Options> given) {
  const OutboundState& state = host.state<OutboundState>();
  if (state.outbound == nullptr) return std::unexpected(to_october(error::HttpRequestDenied{}));
  RequestOptions options;
  if (given) {
    options.connect_timeout = nanoseconds(given->connect_timeout_ms);
    options.first_byte_timeout = nanoseconds(given->first_byte_timeout_ms);
    options.between_bytes_timeout = nanoseconds(given->between_bytes_timeout_ms);
  }
  auto sent = send(host.context(), state, *request, &options);
  if (!sent) return std::unexpected(to_october(sent.error()));
  return *std::move(sent);
}

}  // namespace

void october::add_types(bind::Registry& registry) {
  registry.interface(wasi::p2::versioned("wasi:http/types", wasi::p2_october))
      .func<&fields_constructor>("[constructor]fields")
      .func<&fields_set>("[method]fields.set")
      .func<&fields_delete>("[method]fields.delete")
      .func<&fields_append>("[method]fields.append")
      .func<&response_constructor>("[constructor]outgoing-response")
      .func<&body_of<OutgoingResponse>>("[method]outgoing-response.write")
      .func<&outparam_set>("[static]response-outparam.set")
      .func<&request_constructor>("[constructor]outgoing-request")
      .func<&body_of<OutgoingRequest>>("[method]outgoing-request.write")
      .func<&body_finish>("[static]outgoing-body.finish")
      .func<&trailers_get>("[method]future-trailers.get")
      .func<&response_get>("[method]future-incoming-response.get");
}

void october::add_outgoing_handler(bind::Registry& registry) {
  registry.interface(wasi::p2::versioned("wasi:http/outgoing-handler", wasi::p2_october)).func<&handle>("handle");
}

}  // namespace weft::wasi_http
