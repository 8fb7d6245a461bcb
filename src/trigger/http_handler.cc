#include "trigger/http_handler.h"

#include <nlohmann/json.hpp>

#include "telemetry/text.h"
#include "trigger/answer.h"
#include "trigger/instance_pool.h"
#include "trigger/spin_headers.h"

namespace weft::trigger {
namespace {

constexpr std::string_view well_known = "/.well-known/spin/";
// Of requests that come by no route, in metrics.
constexpr std::string_view chained_route = "spin.internal";

}  // namespace

HttpHandler::HttpHandler(Loop& loop, std::shared_ptr<const HttpApp> app, HttpObserver observer,
                         telemetry::HttpLoopMetrics& metrics, const telemetry::HttpMetrics& all,
                         const AdmissionLimits& limits)
    : metrics_(metrics),
      all_metrics_(all),
      unrouted_(metrics.series("", "")),
      runs_(loop, std::move(observer), metrics, limits),
      api_(runs_, [this](http::Exchange& exchange, const HttpJob& job, Clock::time_point begun) {
        answered(exchange, job.served->id, *job.series, begun);
      }) {
  runs_.set_chained([this](auto exchange, auto served_app, const ServedComponent& served, unsigned depth) {
    serve_chained(std::move(exchange), std::move(served_app), served, depth);
  });
  set_app(std::move(app));
}

void HttpHandler::set_app(std::shared_ptr<const HttpApp> app) {
  // Counted by this loop alone: every request pins it, and a count of all loops would go from core to core.
  const auto* shared = app.get();
  app_ = {std::make_shared<std::shared_ptr<const HttpApp>>(std::move(app)), shared};
  static_heads_.clear();
  for (const manifest::Trigger& trigger : app_->app.triggers) {
    http::ResponseHead& head = static_heads_.emplace_back();
    const auto* http = std::get_if<manifest::HttpTrigger>(&trigger.config);
    if (http == nullptr || !http->static_response) continue;
    head.status = http->static_response->status_code;
    for (const auto& [name, value] : http->static_response->headers) head.fields.append(name, value);
  }
  components_.clear();
  for (const auto& [id, served] : app_->components) {
    Known& known = components_[&served];
    if (served.handler.takes_several && app_->reuse.any()) known.pool = std::make_shared<InstancePool>();
  }
  runs_.retire_others(*app_);
  targets_.assign(app_->app.triggers.size(), {});
  for (const auto& entry : app_->routes.entries()) {
    Target& target = targets_[entry.trigger];
    const std::string_view component = app_->app.triggers[entry.trigger].component;
    target.series = &metrics_.series(component.empty() ? static_label : component, entry.route.text());
    if (const ServedComponent* served = app_->by_trigger[entry.trigger]; served != nullptr) {
      target.component = &components_[served];
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
  metrics_.requests[head.version_major >= 2 ? 1 : 0].add();
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
    answered(*exchange, {}, unrouted_, begun);
    return;
  }
  const Target& target = targets_[match->trigger];
  const ServedComponent* served = app_->by_trigger[match->trigger];
  if (const auto& site = app_->sites[match->trigger]; site != nullptr && files_ != nullptr) {
    files_->serve(std::move(exchange), site, match->path_info, *target.series);
    return;
  }
  if (served == nullptr) {
    const auto begun = Clock::now();
    const auto& trigger = std::get<manifest::HttpTrigger>(app_->app.triggers[match->trigger].config);
    exchange->respond_copy(static_heads_[match->trigger], trigger.static_response->body);
    answered(*exchange, static_label, *target.series, begun);
    return;
  }
  if (!values_are_utf8(head.fields)) {
    const auto begun = Clock::now();
    if (const auto& log = runs_.observer().log) log(served->id, "a request header is not UTF-8");
    answer(*exchange, 500, "", "");
    answered(*exchange, served->id, *target.series, begun);
    return;
  }
  if (served->api == nullptr) set_spin_headers(head, *match);
  HttpJob job{.app = app_,
              .served = served,
              .series = target.series,
              .cold = !std::exchange(target.component->ran, true),
              .chain_depth = 0,
              .pool = target.component->pool,
              .exchange = std::move(exchange)};
  if (served->api != nullptr)
    api_.take(std::move(job), match->path_info);
  else
    runs_.add(std::move(job));
}

void HttpHandler::serve_chained(std::shared_ptr<http::Exchange> exchange, std::shared_ptr<const HttpApp> app,
                                const ServedComponent& served, unsigned chain_depth) {
  static const manifest::Route everything = manifest::Route::parse("/...").value();
  http::RequestHead& head = exchange->request();
  // A guest's fields may be anything that HTTP allows.
  if (!values_are_utf8(head.fields)) {
    if (const auto& log = runs_.observer().log) log(served.id, "a request header is not UTF-8");
    answer(*exchange, 500, "", "");
    return;
  }
  const std::string path = head.path_with_query.substr(0, head.path_with_query.find('?'));
  set_spin_headers(head, {.route = &everything, .trigger = 0, .path_info = path});
  // One of an application that is not served any more is not known.
  Known before{.ran = true, .pool = nullptr};
  const auto found = components_.find(&served);
  Known& known = found == components_.end() ? before : found->second;
  if (known.chained == nullptr) known.chained = &metrics_.series(served.id, chained_route);
  HttpJob job{.app = std::move(app),
              .served = &served,
              .series = known.chained,
              .cold = !std::exchange(known.ran, true),
              .chain_depth = chain_depth,
              .pool = known.pool,
              .exchange = std::move(exchange)};
  if (served.api != nullptr)
    api_.take(std::move(job), path);
  else
    runs_.add(std::move(job));
}

void HttpHandler::answered(http::Exchange& exchange, std::string_view component, telemetry::HttpSeries& series,
                           Clock::time_point begun) {
  const auto duration = Clock::now() - begun;
  const unsigned status = exchange.responded() ? exchange.response().status : 0;
  series.answered(status, duration);
  if (const auto& access = runs_.observer().access) {
    access({.request = exchange.request(), .component = component, .status = status, .duration = duration});
  }
}

void HttpHandler::set_disk(static_files::Disk& disk) {
  static_files::Observer& observer = *this;
  files_ = std::make_unique<static_files::FileServer>(runs_.loop(), disk, observer);
}

void HttpHandler::on_answered(http::Exchange& exchange, telemetry::HttpSeries& series, Clock::time_point begun) {
  answered(exchange, static_label, series, begun);
}

void HttpHandler::on_fault(std::string_view line) {
  if (const auto& log = runs_.observer().log) log(static_label, line);
}

}  // namespace weft::trigger
