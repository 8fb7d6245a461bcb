#include "trigger/http_handler.h"

#include <nlohmann/json.hpp>

#include "abi/resource.h"
#include "spin/variables.h"
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
  if (!match) {
    not_found(*exchange);
    return;
  }
  const ServedComponent* served = app_->by_trigger[match->trigger];
  if (served == nullptr) {
    const auto& trigger = std::get<manifest::HttpTrigger>(app_->app.triggers[match->trigger].config);
    exchange->respond_copy(static_heads_[match->trigger], trigger.static_response->body);
    return;
  }
  if (!values_are_utf8(head.fields)) {
    if (observer_.log) observer_.log(served->id, "a request header is not UTF-8");
    answer(*exchange, 500, "", "");
    return;
  }
  set_spin_headers(head, *match);
  run(std::move(exchange), *served);
}

// One request and the run that answers it.
class HttpHandler::HttpRun final : public runtime::Run {
 public:
  HttpRun(HttpHandler& handler, const ServedComponent& served, std::shared_ptr<http::Exchange> exchange)
      : Run(handler.loop_, *served.grants, handler.app_->limits),
        handler_(handler),
        app_(handler.app_),
        served_(served),
        exchange_(std::move(exchange)) {
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

  ~HttpRun() override { drop(); }

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
    if (failure != nullptr) log(describe(failure));
    if (exchange_->responded()) return;
    const bool set = instance().state<wasi_http::HandlerState>().response_set;
    if (failure == nullptr && set) return;
    if (failure == nullptr) log("the component returned without a response");
    answer(*exchange_, 500, "", "");
  }

  friend class HttpHandler;
  HttpHandler& handler_;
  const std::shared_ptr<const HttpApp> app_;  // served_ is a part of it
  const ServedComponent& served_;
  const std::shared_ptr<http::Exchange> exchange_;
  bool waited_ = false;  // it is among the handler's open ones
};

void HttpHandler::run(std::shared_ptr<http::Exchange> exchange, const ServedComponent& served) {
  const auto run = std::allocate_shared<HttpRun>(RecyclingAllocator<HttpRun>(), *this, served, std::move(exchange));
  if (auto started = run->start(served.linked->current()); !started) {
    run->log(started.error().message());
    answer(*run->exchange_, 500, "", "");
    return;
  }
  wasi::set_up(run->instance(), served.wasi, observer_.output);
  if (served.variables != nullptr) {
    run->instance().state<spin::VariablesState>().variables = served.variables.get();
  }
  run->instance().state<wasi_http::OutboundState>().outbound = outbound_;
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
  for (const auto& run : late) run->stop("the time limit is over");
}

}  // namespace weft::trigger
