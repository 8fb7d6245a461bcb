#include "trigger/http_run.h"

#include "key_value/access.h"
#include "spin/variables.h"
#include "telemetry/text.h"
#include "trigger/answer.h"
#include "util/error.h"
#include "wasi/wasi.h"
#include "wasi_http/messages.h"
#include "wasi_http/p3_messages.h"

namespace weft::trigger {
namespace {

void take_trace(host::RequestContext& request, const http::Fields& fields) {
  const auto parent = fields.get("traceparent");
  const auto trace = parent ? host::parse_traceparent(*parent) : std::nullopt;
  if (!trace) return;
  request.trace = *trace;
  // Several fields are one list.
  for (const std::string_view state : fields.get_all("tracestate")) {
    request.trace_state.append(request.trace_state.empty() ? "" : ",").append(state);
  }
  if (request.trace_state.size() > host::max_trace_state_bytes) request.trace_state.clear();
}

std::string describe(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const wasm::GuestTrap& trap) {
    return trap.detail();
  } catch (...) {
    return what_of(failure);
  }
}

}  // namespace

HttpRun::HttpRun(HttpRuns& runs, HttpJob job)
    : Run(runs.loop_, *job.served->grants, job.app->limits), runs_(runs), job_(std::move(job)) {
  job_.series->run_began(job_.cold);
  host::RequestContext& request = context();
  request.application = job_.app->app.name;
  request.component = job_.served->id;
  request.generation = job_.app->generation;
  request.resolver = runs_.resolver_;
  if (runs_.outbound_ != nullptr) {
    request.blocked_networks = runs_.outbound_->blocked;
    request.connections = runs_.outbound_->quota;
  }
  request.chain_depth = job_.chain_depth;
  take_trace(request, job_.exchange->request().fields);
  if (runs_.observer_.log) request.log = [this](std::string_view line) { log(line); };
}

HttpRun::~HttpRun() {
  job_.exchange->on_head = nullptr;
  drop();
}

void HttpRun::begin() {
  const ServedComponent& served = *job_.served;
  if (auto started = start(served.linked->current()); !started) {
    log(started.error().message());
    answer(*job_.exchange, 500, "", "");
    record(500, true);
    return;
  }
  if (job_.app->show_timing) {
    job_.exchange->on_head = [this](http::ResponseHead& head) { head.fields.append("server-timing", timing()); };
  }
  wasi::set_up(instance(), served.wasi, runs_.observer_.output);
  if (served.variables != nullptr) instance().state<spin::VariablesState>().variables = served.variables.get();
  instance().state<wasi_http::OutboundState>() = {.outbound = runs_.outbound_, .services = this, .tls = &served.tls};
  if (served.key_value != nullptr) instance().state<key_value::KeyValueState>().links = served.key_value.get();
  resume();
  if (finished()) return;
  waited_ = true;
  runs_.open_.insert(shared_from_this());
  job_.exchange->on_client_gone = [self = shared_from_this()] { self->stop("the client closed the connection"); };
}

void HttpRun::start(std::string_view component, std::shared_ptr<http::ClientExchange> exchange) {
  // Of the same generation of the application.
  const ServedComponent& asked = job_.app->components.find(component)->second;
  runs_.chained_.start(std::move(exchange),
                       [&runs = runs_, app = job_.app, &asked, depth = job_.chain_depth + 1](auto made) {
                         runs.serve_chained_(std::move(made), app, asked, depth);
                       });
}

void HttpRun::work(component::Instance& instance) {
  call_handler(instance, job_.served->handler, job_.exchange);
}

void HttpRun::done(const std::exception_ptr& failure) {
  http::Exchange& exchange = *job_.exchange;
  exchange.on_client_gone = nullptr;
  if (waited_) runs_.ended(shared_from_this());
  const bool left = exchange.client_gone() && !exchange.responded();
  bool fault = failure != nullptr;
  if (fault) log(describe(failure));
  if (!fault && !exchange.responded()) {
    if (const auto& body = instance().state<wasi_http::p3::Answered>().body) body->leave_alone();
  }
  if (!exchange.responded()) {
    if (!fault) {
      log(instance().state<wasi_http::HandlerState>().response_set
              ? "the component returned without the body of its response"
              : "the component returned without a response");
    }
    fault = true;
    answer(exchange, 500, "", "");
  }
  record(left ? 0 : exchange.response().status, fault && !left);
}

void HttpRun::log(std::string_view line) {
  if (runs_.observer_.log) runs_.observer_.log(job_.served->id, line);
}

void HttpRun::record(unsigned status, bool fault) {
  const host::Account& account = context().account;
  const auto duration = std::chrono::steady_clock::now() - started_at();
  job_.series->run_ended({.status = status,
                          .duration = duration,
                          .cpu_nanoseconds = account.cpu_nanoseconds,
                          .peak_memory_bytes = account.peak_memory_bytes,
                          .bytes_copied = account.bytes_copied,
                          .peak_handles = account.peak_handles,
                          .denials = account.denials,
                          .limit = account.limit,
                          .fault = fault});
  if (runs_.observer_.access) {
    runs_.observer_.access({.request = job_.exchange->request(),
                            .component = job_.served->id,
                            .status = status,
                            .duration = duration,
                            .account = &account,
                            .cold = job_.cold});
  }
}

// Server-Timing: durations are in milliseconds.
std::string HttpRun::timing() {
  const host::Account& account = context().account;
  const std::chrono::duration<double, std::milli> cpu =
      finished() ? std::chrono::nanoseconds(account.cpu_nanoseconds) : cpu_until_now();
  const std::uint64_t memory = finished() ? account.peak_memory_bytes : instance().store().memory_use().peak;
  return std::string(job_.cold ? "cold" : "warm") + ", cpu;dur=" + telemetry::number(cpu.count()) + ", memory;desc=\"" +
         std::to_string(memory) + " bytes\"";
}

}  // namespace weft::trigger
