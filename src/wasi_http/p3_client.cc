// wasi:http/client 0.3: who may send what where is decided as for 0.2.
#include "bind/await.h"
#include "wasi_http/outgoing_handler.h"
#include "wasi_http/p3_messages.h"

namespace weft::wasi_http::p3 {
namespace {

using bind::Eventual;
using bind::Host;
using bind::Own;

Answer answer_of(host::RequestContext& context, FutureIncomingResponse& future) {
  auto exchange = future.take(context);
  if (!exchange) return std::unexpected(std::move(exchange).error());
  return std::make_unique<Response>(*std::move(exchange));
}

// `context` outlives the wait, unless it is cancelled.
awaitable<Answer> wait_for(host::RequestContext& context, Own<FutureIncomingResponse> future) {
  co_await bind::until_ready(context.loop(), future->readiness());
  co_return answer_of(context, *future);
}

Eventual<Answer> send(Host host, Own<Request> request) {
  const OutboundState& state = host.state<OutboundState>();
  const std::shared_ptr<Budget>& budget = budget_of(host);
  host::RequestContext& context = host.context();
  Body body = request->take_body();
  const auto refuse = [&](ErrorCode code) {
    std::move(body).settle(std::unexpected(code));
    return Answer(std::unexpected(std::move(code)));
  };
  if (state.outbound == nullptr) return refuse(error::HttpRequestDenied{});
  OutgoingRequest& head = request->head(budget);
  if (body.has_contents() && head.open_body(context.loop(), budget) == nullptr)
    return refuse(error::HttpProtocolError{});
  auto future = wasi_http::send(context, state, head, request->options().get());
  if (!future) return refuse(std::move(future).error());
  // Nothing is sent: it was refused.
  if ((*future)->ready()) return refuse((*future)->take(context).error());
  if (body.has_contents())
    std::move(body).write_to(head.writer());
  else
    std::move(body).settle({});
  return wait_for(context, *std::move(future));
}

}  // namespace

void add_client(bind::Registry& registry, std::string_view version) {
  registry.interface("wasi:http/client@" + std::string(version)).async_func<&send>("send");
}

}  // namespace weft::wasi_http::p3
