#include "trigger/inbound_http.h"

#include <algorithm>

#include "http/response_writer.h"
#include "manifest/identifier.h"
#include "spin/http_types.h"
#include "trigger/answer.h"
#include "trigger/typed_call.h"
#include "trigger/whole_body.h"

namespace weft::trigger {
namespace {

using namespace spin::http_v1;

// What a response may have: below 200 another would have to follow.
constexpr std::uint16_t least_status = 200, most_status = 600;

// handle-request: func(req: request) -> response
using HandleRequestCall = TypedCall<Response, Request>;

// Guests of Spin 1 were given names in lower case, whatever the client wrote, and look for those.
Headers headers_of(const http::Fields& fields) {
  Headers headers;
  for (std::size_t i = 0; i < fields.size(); ++i)
    headers.emplace_back(manifest::to_lower(fields[i].name), fields[i].value);
  return headers;
}

// False: it cannot be sent as it is.
bool respond(http::Exchange& exchange, Response response) {
  if (response.status < least_status || response.status > most_status) return false;
  http::ResponseHead head;
  head.status = response.status;
  const Headers headers = std::move(response.headers).value_or(Headers());
  if (!is_within_limits(headers)) return false;
  for (const auto& [name, value] : headers) {
    if (!http::is_token(name) || !http::is_field_value(value)) return false;
    // The body says its length itself.
    if (http::is_connections_own(name) || http::equal_names(name, "content-length")) continue;
    // The last of a name counts, as in Spin.
    head.fields.set(name, value);
  }
  const Bytes body = std::move(response.body).value_or(Bytes());
  exchange.respond(std::move(head), {reinterpret_cast<const char*>(body.data()), body.size()});
  return true;
}

}  // namespace

bool is_inbound_http(const abi::FuncType& type) {
  return HandleRequestCall::fits(type);
}

void call_inbound_http(component::Instance& instance, component::FuncRef handler,
                       const std::shared_ptr<http::Exchange>& exchange, host::RequestShare* share) {
  const http::RequestHead& head = exchange->request();
  const auto method = std::ranges::find(methods, head.method);
  if (method == methods.end()) return answer(*exchange, 405, "", "");
  auto body = read_whole_body(instance, exchange, max_inbound_body_bytes);
  if (!body) return;
  const auto bytes = std::as_bytes(std::span(*body));
  HandleRequestCall call(instance, {.method = static_cast<Method>(method - methods.begin()),
                                    .uri = head.path_with_query,
                                    .headers = headers_of(head.fields),
                                    .params = {},
                                    .body = Bytes(bytes.begin(), bytes.end())});
  body.reset();
  instance.call(handler, call, share);
  if (!call.answer || !respond(*exchange, *std::move(call.answer)))
    throw abi::Trap("the component's response has a status, or a header, that no response can have");
}

}  // namespace weft::trigger
