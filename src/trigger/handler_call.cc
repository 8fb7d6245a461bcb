#include "trigger/handler_call.h"

#include "abi/resource.h"
#include "bind/abi.h"
#include "component/import_track.h"
#include "trigger/inbound_http.h"
#include "trigger/typed_call.h"
#include "wasi/p2.h"
#include "wasi/p3.h"
#include "wasi_http/messages.h"
#include "wasi_http/p3_messages.h"

namespace weft::trigger {
namespace {

using component::LinkPlan;
using Kind = HttpHandlerExport::Kind;

void lower_own(component::Instance& instance, abi::LowerContext& context, const abi::FuncType& type, std::size_t i,
               std::unique_ptr<host::Resource> object, abi::CoreValue* flat) {
  const std::uint32_t rep = instance.resources().add(std::move(object));
  flat[i].set_i32(abi::lower_own(context.inst->handles, type.params->fields[i].type->resource, rep));
}

// handle: func(request: incoming-request, response-out: response-outparam)
class IncomingHandlerCall final : public component::ExportCall {
 public:
  IncomingHandlerCall(component::Instance& instance, const std::shared_ptr<http::Exchange>& exchange)
      : instance_(instance), exchange_(exchange) {}
  void lower_args(abi::LowerContext& context, const abi::FuncType& type, abi::CoreValue* flat) override {
    lower_own(instance_, context, type, 0, std::make_unique<wasi_http::IncomingRequest>(exchange_), flat);
    lower_own(instance_, context, type, 1, std::make_unique<wasi_http::ResponseOutparam>(exchange_), flat);
  }
  void lift_result(abi::LiftContext&, const abi::FuncType&, std::uint32_t, abi::CoreValueIter&) override {}

 private:
  component::Instance& instance_;
  const std::shared_ptr<http::Exchange>& exchange_;
};

// handle: async func(request: request) -> result<response, error-code>
class HandlerCall final : public component::ExportCall {
 public:
  HandlerCall(component::Instance& instance, const std::shared_ptr<http::Exchange>& exchange, HandlerOutcome& outcome)
      : instance_(instance), exchange_(exchange), outcome_(outcome) {}
  void lower_args(abi::LowerContext& context, const abi::FuncType& type, abi::CoreValue* flat) override {
    // Nobody waits for it any more, and it has not begun.
    if (exchange_ == nullptr) throw abi::Trap("the request was given up before the component took it");
    outcome_.begun = true;
    lower_own(instance_, context, type, 0, std::make_unique<wasi_http::p3::Request>(exchange_), flat);
  }
  void lift_result(abi::LiftContext& context, const abi::FuncType& type, std::uint32_t max_flat,
                   abi::CoreValueIter& values) override {
    using wasi_http::p3::Answer;
    auto answer = lift_answer<Answer>(instance_, context, type, max_flat, values);
    outcome_.response_set = true;
    // Nobody waits for it any more: what it has is dropped.
    if (exchange_ == nullptr) return;
    outcome_.answered = wasi_http::p3::answer(instance_.context(), instance_.state<wasi_http::InstanceBudget>().budget,
                                              exchange_, std::move(answer));
  }

 private:
  component::Instance& instance_;
  const std::shared_ptr<http::Exchange>& exchange_;
  HandlerOutcome& outcome_;
};

bool is_own_of(abi::TypeRef type, const LinkPlan& plan, std::string_view resource) {
  if (type == nullptr || type->kind != abi::Kind::own) return false;
  const component::Resource& found = plan.resources[static_cast<std::size_t>(type->resource)];
  return found.imported && found.name == resource && found.interface.starts_with("wasi:http/types@");
}

bool is_incoming_handler(const abi::FuncType& type, const LinkPlan& plan) {
  const auto& params = type.params->fields;
  return !type.async && params.size() == 2 && is_own_of(params[0].type, plan, "incoming-request") &&
         is_own_of(params[1].type, plan, "response-outparam") && type.result == nullptr;
}

bool is_handler(const abi::FuncType& type, const LinkPlan& plan) {
  const auto& params = type.params->fields;
  if (!type.async || params.size() != 1 || !is_own_of(params[0].type, plan, "request")) return false;
  const abi::TypeRef result = type.result;
  return result != nullptr && result->kind == abi::Kind::result && is_own_of(result->cases[0].type, plan, "response") &&
         result->cases[1].type != nullptr && bind::Abi<wasi_http::ErrorCode>::check(result->cases[1].type, {});
}

// What the interface is, if it is one.
std::optional<Kind> kind_of(std::string_view interface) {
  const std::string track = component::import_track(interface);
  for (const std::string_view version : wasi::p2_versions) {
    if (track == component::import_track(wasi::p2::versioned("wasi:http/incoming-handler", version)))
      return Kind::incoming_handler;
  }
  if (interface == inbound_http_interface) return Kind::inbound_http;
  if (is_simple_handler(interface)) return Kind::simple_handler;
  for (const std::string_view version : wasi::p3_versions) {
    if (track == component::import_track("wasi:http/handler@" + std::string(version))) return Kind::handler;
  }
  return std::nullopt;
}

Result<HttpHandlerExport> handler_of(const LinkPlan& plan, const std::string& name, const component::ExportItem& item,
                                     Kind kind) {
  const auto* instance = std::get_if<std::shared_ptr<const component::ExportedInstance>>(&item);
  const std::string_view called = kind == Kind::inbound_http ? "handle-request" : "handle";
  const component::ExportItem* handle = instance == nullptr ? nullptr : (*instance)->find(called);
  const auto* func = handle == nullptr ? nullptr : std::get_if<component::FuncRef>(handle);
  if (func == nullptr) return fail(Errc::invalid, name + " has no function " + std::string(called));
  const abi::FuncType& type = *plan.type_of(*func);
  if (kind == Kind::incoming_handler && !is_incoming_handler(type, plan))
    return fail(Errc::invalid, name + "#handle has another type than func(incoming-request, response-outparam)");
  if (kind == Kind::handler && !is_handler(type, plan)) {
    return fail(Errc::invalid,
                name + "#handle has another type than async func(request) -> result<response, error-code>");
  }
  if (kind == Kind::inbound_http && !is_inbound_http(type))
    return fail(Errc::invalid, name + "#handle-request has another type than func(request) -> response");
  HttpHandlerExport found{.kind = kind, .func = *func};
  if (kind == Kind::simple_handler) {
    const auto errors = simple_errors_of(type);
    if (!errors)
      return fail(Errc::invalid, name + "#handle has another type than func(request) -> result<response, string>");
    found.errors = *errors;
  }
  return found;
}

}  // namespace

Result<HttpHandlerExport> find_http_handler(const LinkPlan& plan) {
  std::string exports;
  for (const auto& [name, item] : plan.exports.items) {
    if (const auto kind = kind_of(name)) {
      TRY(auto found, handler_of(plan, name, item, *kind));
      found.takes_several = *kind == Kind::handler && !name.contains('-');
      return found;
    }
    if (!exports.empty()) exports += ", ";
    exports += name;
  }
  return fail(Errc::invalid,
              "exports no HTTP handler (wasi:http/incoming-handler@0.2, wasi:http/handler@0.3, "
              "fermyon:spin/inbound-http or wgall:http-handler/handler); its exports are: " +
                  (exports.empty() ? std::string("none") : exports));
}

void call_handler(component::Instance& instance, const HttpHandlerExport& handler,
                  const std::shared_ptr<http::Exchange>& exchange, HandlerOutcome& outcome, host::RequestShare* share) {
  if (handler.kind == Kind::incoming_handler) {
    IncomingHandlerCall call(instance, exchange);
    instance.call(handler.func, call, share);
  } else if (handler.kind == Kind::inbound_http) {
    call_inbound_http(instance, handler.func, exchange, share);
  } else if (handler.kind == Kind::simple_handler) {
    call_simple_handler(instance, handler.func, handler.errors, exchange, share);
  } else {
    HandlerCall call(instance, exchange, outcome);
    instance.call(handler.func, call, share);
  }
}

}  // namespace weft::trigger
