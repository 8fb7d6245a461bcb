#include "wasi_http/outgoing_handler.h"

#include "host/authorize.h"
#include "http/url.h"
#include "wasi/p2.h"

namespace weft::wasi_http {
namespace {

using bind::Host;
using bind::Own;

// The application itself, for toolkits that insist on an authority.
constexpr std::string_view self_alternative = "self.alt";
constexpr std::string_view chaining_suffix = ".spin.internal";

// Who carries out a request: the client, or a component of the application itself.
struct Carrier {
  http::Client* client = nullptr;
  Services* services = nullptr;  // null: the client
  std::string component = {};
  unsigned chain_depth = 0;  // of what a component is asked

  void start(std::shared_ptr<http::ClientExchange> exchange) const {
    if (services != nullptr)
      services->start(component, std::move(exchange), chain_depth);
    else
      client->start(std::move(exchange));
  }
};

// The request is known; its body follows.
class RequestSink final : public BodySink {
 public:
  RequestSink(Carrier carrier, std::shared_ptr<http::ClientExchange> exchange)
      : carrier_(std::move(carrier)), exchange_(std::move(exchange)) {}
  void send_whole(std::string body) override {
    exchange_->request_body().fill(std::move(body));
    carrier_.start(exchange_);
  }
  std::shared_ptr<http::BodyPipe> start_streaming() override {
    carrier_.start(exchange_);
    return {exchange_, &exchange_->request_body()};
  }
  void give_up() override { exchange_->fail({http::ClientFault::request_aborted, {}}); }

 private:
  Carrier carrier_;
  std::shared_ptr<http::ClientExchange> exchange_;
};

std::chrono::nanoseconds timeout(const std::optional<std::uint64_t>& given, std::chrono::nanoseconds otherwise) {
  if (!given) return otherwise;
  return std::chrono::nanoseconds(std::min<std::uint64_t>(*given, INT64_MAX));
}

http::ClientTimeouts timeouts_of(const RequestOptions* options) {
  http::ClientTimeouts timeouts;
  if (options == nullptr) return timeouts;
  timeouts.connect = timeout(options->connect_timeout, timeouts.connect);
  timeouts.first_byte = timeout(options->first_byte_timeout, timeouts.first_byte);
  timeouts.between_bytes = timeout(options->between_bytes_timeout, timeouts.between_bytes);
  return timeouts;
}

// True: TLS. Without a scheme the safer one is taken.
std::expected<bool, ErrorCode> uses_tls(const std::optional<Scheme>& scheme) {
  if (!scheme) return true;
  if (std::holds_alternative<scheme::Other>(*scheme)) return std::unexpected(error::HttpProtocolError{});
  return std::holds_alternative<scheme::Https>(*scheme);
}

Own<FutureIncomingResponse> refuse(host::RequestContext& context, std::string_view line, ErrorCode code) {
  if (context.log) context.log(line);
  return std::make_unique<FutureIncomingResponse>(std::move(code));
}

std::expected<Own<FutureIncomingResponse>, ErrorCode> handle(Host host, Own<OutgoingRequest> request,
                                                             std::optional<Own<RequestOptions>> options) {
  const OutboundState& state = host.state<OutboundState>();
  if (state.outbound == nullptr) return std::unexpected(error::HttpRequestDenied{});
  return send(host.context(), state, *request, options ? options->get() : nullptr);
}

// Why `component` cannot be asked, if it cannot.
std::optional<ErrorCode> refuse_chain(host::RequestContext& context, const Services* services,
                                      std::string_view component) {
  std::string why;
  if (context.share().chain_depth >= max_chain_depth) {
    why = "components ask each other more than " + std::to_string(max_chain_depth) + " deep";
  } else if (services == nullptr || !services->has(component)) {
    why = "the application has no component " + std::string(component);
  } else {
    return std::nullopt;
  }
  if (context.log) {
    context.log("the request to " + std::string(component).append(chaining_suffix) + " failed: " + why);
  }
  if (context.share().chain_depth >= max_chain_depth) return error::LoopDetected{};
  return error::InternalError{std::move(why)};
}

// The trace that the guest's own request belongs to goes on with it, unless the guest says otherwise.
void add_trace(host::RequestContext& context, http::Fields& fields) {
  if (context.share().trace == host::TraceContext() || fields.has("traceparent")) return;
  fields.append("traceparent", host::to_traceparent(host::next_span(context.share().trace, *context.randomness)));
  if (!context.share().trace_state.empty() && !fields.has("tracestate"))
    fields.append("tracestate", context.share().trace_state);
}

}  // namespace

std::expected<Own<FutureIncomingResponse>, ErrorCode> send(host::RequestContext& context, const OutboundState& state,
                                                           OutgoingRequest& request, const RequestOptions* options) {
  const Outbound& outbound = *state.outbound;
  http::ClientRequest out;
  out.method = to_string(request.method());
  // The answer to CONNECT is a tunnel, which the interface has no means to use.
  if (http::equal_names(out.method, "connect")) return std::unexpected(error::HttpRequestMethodInvalid{});
  const auto tls = uses_tls(request.scheme());
  if (!tls) return std::unexpected(tls.error());
  std::string path = request.path_with_query().value_or("/");
  if (!http::is_path_with_query(path)) return std::unexpected(error::HttpRequestUriInvalid{});
  const auto length = content_length(*request.fields());
  if (!length) return std::unexpected(error::HttpProtocolError{});
  if (request.writer() == nullptr && length->value_or(0) != 0) return std::unexpected(error::HttpRequestBodySize{0});

  std::optional<http::Authority> authority;
  if (request.authority() && !request.authority()->empty()) {
    authority = http::Authority::parse(*request.authority());
    // A user name: it may be set, and is never sent.
    if (!authority) return std::unexpected(error::HttpRequestUriInvalid{});
  }
  out.to_self = !authority || authority->host == self_alternative;
  if (!out.to_self) {
    out.origin = {.tls = *tls, .host = authority->host, .port = authority->port.value_or(*tls ? 443 : 80)};
  }
  const host::Target target{.scheme = out.origin.scheme(),
                            .host = out.to_self ? std::string_view() : std::string_view(out.origin.host),
                            .port = out.to_self ? 0u : out.origin.port};
  if (!host::authorize(context, host::Capability::outbound_http, target).allowed) {
    return std::make_unique<FutureIncomingResponse>(error::HttpRequestDenied{});
  }
  if (out.to_self) {
    if (!outbound.self) {
      return refuse(context, "a request to the application itself, which does not listen anywhere",
                    error::HttpRequestUriInvalid{});
    }
    out.origin = *outbound.self;
  }
  Carrier carrier{.client = outbound.client};
  if (!out.to_self && out.origin.host.ends_with(chaining_suffix)) {
    carrier.component = out.origin.host.substr(0, out.origin.host.size() - chaining_suffix.size());
    if (auto refusal = refuse_chain(context, state.services, carrier.component))
      return std::make_unique<FutureIncomingResponse>(*std::move(refusal));
    carrier.services = state.services;
    carrier.chain_depth = context.share().chain_depth + 1;
  }
  if (state.tls != nullptr && !out.to_self && out.origin.tls) {
    if (const auto own = state.tls->find(out.origin.host); own != state.tls->end()) out.tls = own->second;
  }

  out.authority = out.origin.authority();
  out.path_with_query = std::move(path);
  out.fields = *request.fields();
  add_trace(context, out.fields);
  out.owner = std::to_string(context.tenant) + "/";
  out.owner.append(context.application).append("/").append(context.component);
  out.timeouts = timeouts_of(options);
  out.content_length = *length;
  std::string what = std::string(out.origin.scheme()) + "://" + out.authority;
  auto exchange = std::make_shared<http::ClientExchange>(std::move(out));
  auto future = std::make_unique<FutureIncomingResponse>(exchange, std::move(what));
  if (request.writer() != nullptr) {
    request.writer()->attach(std::make_unique<RequestSink>(std::move(carrier), std::move(exchange)));
  } else {
    RequestSink(std::move(carrier), std::move(exchange)).send_whole({});
  }
  return future;
}

void add_outgoing_handler(bind::Registry& registry, std::string_view version) {
  if (version == wasi::p2_october) return;
  registry.interface(wasi::p2::versioned("wasi:http/outgoing-handler", version)).func<&handle>("handle");
}

}  // namespace weft::wasi_http
