#include "trigger/http_handler.h"

#include <nlohmann/json.hpp>

#include "abi/resource.h"
#include "key_value/access.h"
#include "spin/variables.h"
#include "telemetry/text.h"
#include "trigger/spin_headers.h"
#include "util/error.h"
#include "util/recycled.h"
#include "wasi_http/messages.h"

namespace weft::trigger {
namespace {

constexpr std::string_view well_known = "/.well-known/spin/";

void answer(http::Exchange& exchange, unsigned status, std::string_view type, std::string body) {
  http::ResponseHead head;
  head.status = status;
  if (!type.empty()) head.fields.append("content-type", type);
  exchange.respond(std::move(head), std::move(body));
}

// incoming-handler.handle: func(request: incoming-request, response-out: response-outparam)
class HandleCall final : public component::ExportCall {
 public:
  HandleCall(component::Instance& instance, std::shared_ptr<http::Exchange> exchange)
      : instance_(instance), exchange_(std::move(exchange)) {}

  void lower_args(abi::LowerContext& context, const abi::FuncType& type, abi::CoreValue* flat) override {
    host::ResourceTable& resources = instance_.resources();
    auto own = [&](std::size_t i, std::unique_ptr<host::Resource> object) {
      const std::uint32_t rep = resources.add(std::move(object));
      flat[i].set_i32(abi::lower_own(context.inst->handles, type.params->fields[i].type->resource, rep));
    };
    own(0, std::make_unique<wasi_http::IncomingRequest>(exchange_));
    own(1, std::make_unique<wasi_http::ResponseOutparam>(exchange_));
  }
  void lift_result(abi::LiftContext&, const abi::FuncType&, std::uint32_t, abi::CoreValueIter&) override {}

 private:
  component::Instance& instance_;
  std::shared_ptr<http::Exchange> exchange_;
};

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

HttpHandler::HttpHandler(Loop& loop, std::shared_ptr<const HttpApp> app, HttpObserver observer,
                         telemetry::HttpLoopMetrics& metrics, const telemetry::HttpMetrics& all)
    : loop_(loop),
      observer_(std::move(observer)),
      metrics_(metrics),
      all_metrics_(all),
      unrouted_(metrics.series("", "")) {
  set_app(std::move(app));
}

void HttpHandler::set_app(std::shared_ptr<const HttpApp> app) {
  app_ = std::move(app);
  static_heads_.clear();
  for (const manifest::Trigger& trigger : app_->app.triggers) {
    http::ResponseHead& head = static_heads_.emplace_back();
    const auto* http = std::get_if<manifest::HttpTrigger>(&trigger.config);
    if (http == nullptr || !http->static_response) continue;
    head.status = http->static_response->status_code;
    for (const auto& [name, value] : http->static_response->headers) head.fields.append(name, value);
  }
  components_.clear();
  targets_.assign(app_->app.triggers.size(), {});
  for (const auto& entry : app_->routes.entries()) {
    Target& target = targets_[entry.trigger];
    target.series = &metrics_.series(app_->app.triggers[entry.trigger].component, entry.route.text());
    if (const ServedComponent* served = app_->by_trigger[entry.trigger]; served != nullptr) {
      target.warm = &components_[served];
    }
  }
}

bool HttpHandler::handle_well_known(http::Exchange& exchange, std::string_view path) {
  if (!path.starts_with(well_known)) return false;
  const std::string_view name = path.substr(well_known.size());
  if (name == "health") {
    answer(exchange, 200, "", "OK");
  } else if (name == "info") {
    nlohmann::ordered_json info;
    info["name"] = app_->app.name;
    if (!app_->app.version.empty()) info["version"] = app_->app.version;
    answer(exchange, 200, "application/json", info.dump(2));
  } else {
    answer(exchange, 404, "", "");
  }
  return true;
}

void HttpHandler::not_found(http::Exchange& exchange) {
  if (!app_->show_routes) {
    answer(exchange, 404, "", "");
    return;
  }
  const auto accept = exchange.request().fields.get("accept");
  if (accept && accept->find("application/json") != std::string_view::npos) {
    nlohmann::ordered_json page;
    page["error"] = "no route matches " + exchange.request().path_with_query;
    for (const auto& entry : app_->routes.entries()) {
      page["routes"].push_back(
          {{"route", entry.route.text()}, {"component", app_->app.triggers[entry.trigger].component}});
    }
    answer(exchange, 404, "application/json", page.dump(2) + "\n");
    return;
  }
  std::string page = "No route matches " + exchange.request().path_with_query + "\n\nAvailable Routes:\n";
  for (const auto& entry : app_->routes.entries()) {
    page += "  " + app_->app.triggers[entry.trigger].component + ": " + entry.route.text() +
            (entry.route.wildcard() ? " (wildcard)" : "") + "\n";
  }
  answer(exchange, 404, "text/plain; charset=utf-8", std::move(page));
}

void HttpHandler::handle(std::shared_ptr<http::Exchange> exchange) {
  http::RequestHead& head = exchange->request();
  const std::string_view path = std::string_view(head.path_with_query).substr(0, head.path_with_query.find('?'));
  if (handle_well_known(*exchange, path)) return;
  const auto match = app_->routes.match(path);
  if (!app_->metrics_path.empty() && path == app_->metrics_path && (!match || match->route->text() != path)) {
    answer(*exchange, 200, telemetry::text_content_type, all_metrics_.text());
    return;
  }
  if (!match) {
    const auto begun = Clock::now();
    not_found(*exchange);
    answered(*exchange, unrouted_, begun);
    return;
  }
  const Target& target = targets_[match->trigger];
  const ServedComponent* served = app_->by_trigger[match->trigger];
  if (served == nullptr) {
    const auto begun = Clock::now();
    const auto& trigger = std::get<manifest::HttpTrigger>(app_->app.triggers[match->trigger].config);
    exchange->respond_copy(static_heads_[match->trigger], trigger.static_response->body);
    answered(*exchange, *target.series, begun);
    return;
  }
  if (!values_are_utf8(head.fields)) {
    const auto begun = Clock::now();
    if (observer_.log) observer_.log(served->id, "a request header is not UTF-8");
    answer(*exchange, 500, "", "");
    answered(*exchange, *target.series, begun);
    return;
  }
  set_spin_headers(head, *match);
  run(std::move(exchange), *served, target);
}

void HttpHandler::answered(http::Exchange& exchange, telemetry::HttpSeries& series, Clock::time_point begun) {
  const auto duration = Clock::now() - begun;
  const unsigned status = exchange.response().status;
  series.answered(status, duration);
  if (observer_.access) {
    observer_.access({.request = exchange.request(), .component = {}, .status = status, .duration = duration});
  }
}

// One request and the run that answers it.
class HttpHandler::HttpRun final : public runtime::Run {
 public:
  HttpRun(HttpHandler& handler, const ServedComponent& served, const Target& target,
          std::shared_ptr<http::Exchange> exchange)
      : Run(handler.loop_, *served.grants, handler.app_->limits),
        handler_(handler),
        app_(handler.app_),
        served_(served),
        series_(*target.series),
        cold_(!std::exchange(*target.warm, true)),
        exchange_(std::move(exchange)) {
    series_.run_began(cold_);
    host::RequestContext& request = context();
    request.application = app_->app.name;
    request.component = served.id;
    request.generation = app_->generation;
    request.resolver = handler_.resolver_;
    if (const auto field = exchange_->request().fields.get("traceparent")) {
      if (const auto trace = host::parse_traceparent(*field)) request.trace = *trace;
    }
    if (handler_.observer_.log) request.log = [this](std::string_view line) { log(line); };
  }

  ~HttpRun() override {
    exchange_->on_head = nullptr;
    drop();
  }

  // There is an instance.
  void show_timing() {
    exchange_->on_head = [this](http::ResponseHead& head) { head.fields.append("server-timing", timing()); };
  }

  void log(std::string_view line) {
    if (handler_.observer_.log) handler_.observer_.log(served_.id, line);
  }

 private:
  void work(component::Instance& instance) override {
    HandleCall call(instance, exchange_);
    instance.call(served_.handle, call);
  }

  void done(const std::exception_ptr& failure) override {
    exchange_->on_client_gone = nullptr;
    if (waited_) handler_.open_.erase(shared_from_this());
    const bool left = exchange_->client_gone() && !exchange_->responded();
    bool fault = failure != nullptr;
    if (fault) log(describe(failure));
    if (!exchange_->responded() && (fault || !instance().state<wasi_http::HandlerState>().response_set)) {
      if (!fault) log("the component returned without a response");
      fault = true;
      answer(*exchange_, 500, "", "");
    }
    record(left ? 0 : exchange_->response().status, fault && !left);
  }

  // It has ended.
  void record(unsigned status, bool fault) {
    const host::Account& account = context().account;
    const auto duration = Clock::now() - started_at();
    series_.run_ended({.status = status,
                       .duration = duration,
                       .cpu_nanoseconds = account.cpu_nanoseconds,
                       .peak_memory_bytes = account.peak_memory_bytes,
                       .denials = account.denials,
                       .limit = account.limit,
                       .fault = fault});
    if (handler_.observer_.access) {
      handler_.observer_.access({.request = exchange_->request(),
                                 .component = served_.id,
                                 .status = status,
                                 .duration = duration,
                                 .account = &account,
                                 .cold = cold_});
    }
  }

  // Server-Timing: durations are in milliseconds.
  std::string timing() {
    const std::chrono::duration<double, std::milli> cpu =
        finished() ? std::chrono::nanoseconds(context().account.cpu_nanoseconds) : cpu_until_now();
    const std::uint64_t memory = instance().store().memory_use().peak;
    return std::string(cold_ ? "cold" : "warm") + ", cpu;dur=" + telemetry::number(cpu.count()) + ", memory;desc=\"" +
           std::to_string(memory) + " bytes\"";
  }

  friend class HttpHandler;
  HttpHandler& handler_;
  const std::shared_ptr<const HttpApp> app_;  // served_ is a part of it
  const ServedComponent& served_;
  telemetry::HttpSeries& series_;
  const bool cold_;
  const std::shared_ptr<http::Exchange> exchange_;
  bool waited_ = false;  // it is among the handler's open ones
};

void HttpHandler::run(std::shared_ptr<http::Exchange> exchange, const ServedComponent& served, const Target& target) {
  const auto run =
      std::allocate_shared<HttpRun>(RecyclingAllocator<HttpRun>(), *this, served, target, std::move(exchange));
  if (auto started = run->start(served.linked->current()); !started) {
    run->log(started.error().message());
    answer(*run->exchange_, 500, "", "");
    run->record(500, true);
    return;
  }
  if (app_->show_timing) run->show_timing();
  wasi::set_up(run->instance(), served.wasi, observer_.output);
  if (served.variables != nullptr) {
    run->instance().state<spin::VariablesState>().variables = served.variables.get();
  }
  run->instance().state<wasi_http::OutboundState>().outbound = outbound_;
  if (served.key_value != nullptr) run->instance().state<key_value::KeyValueState>().links = served.key_value.get();
  run->resume();
  if (run->finished()) return;
  run->waited_ = true;
  open_.insert(run);
  run->exchange_->on_client_gone = [run] { run->stop("the client closed the connection"); };
}

void HttpHandler::sweep() {
  const auto now = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<runtime::Run>> late;
  for (const auto& run : open_) {
    if (run->deadline() < now) late.push_back(run);
  }
  for (const auto& run : late) run->expire();
  metrics_.waiting_runs.set(static_cast<std::int64_t>(open_.size()));
}

}  // namespace weft::trigger
