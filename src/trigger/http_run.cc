#include "trigger/http_run.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "key_value/access.h"
#include "spin/variables.h"
#include "trigger/api_call.h"
#include "util/error.h"
#include "wasi/wasi.h"
#include "wasi_http/messages.h"

namespace weft::trigger {
namespace {

using Progress = component::Instance::Progress;

std::string describe(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const wasm::GuestTrap& trap) {
    std::string text = trap.detail();
    while (text.ends_with('\n')) text.pop_back();
    return text;
  } catch (...) {
    return what_of(failure);
  }
}

// The guest ended itself: what that means is its executor's business.
bool is_exit(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const wasi::GuestExit&) {
    return true;
  } catch (...) {
    return false;
  }
}

using Clock = HttpRun::Clock;

Clock::time_point later(Clock::time_point when, std::chrono::nanoseconds by) {
  return by < Clock::time_point::max() - when ? when + by : Clock::time_point::max();
}

}  // namespace

HttpRun::HttpRun(HttpRuns& runs, HttpJob job)
    : Run(runs.loop_, *job.served->grants, job.app->limits, &runs.instances_),
      runs_(runs),
      app_(job.app),
      served_(*job.served),
      pool_(job.pool) {
  host::RequestContext& request = context();
  request.application = app_->app.name;
  request.component = served_.id;
  request.generation = app_->generation;
  request.resolver = runs_.resolver_;
  if (runs_.outbound_ != nullptr) {
    request.blocked_networks = runs_.outbound_->blocked;
    request.connections = runs_.outbound_->quota;
  }
  if (runs_.observer_.log) request.log = [this](std::string_view line) { log(line); };
  const InstanceReuse& reuse = app_->reuse;
  if (reuse.request_timeout) request_timeout_ = std::chrono::nanoseconds(reuse.request_timeout->draw(runs_.random_));
  if (shared()) {
    count_ = std::max(1u, reuse.count.draw(runs_.random_));
    concurrent_ = std::clamp(reuse.concurrent.draw(runs_.random_), 1u, max_concurrent_requests);
    idle_timeout_ = std::chrono::nanoseconds(reuse.idle_timeout.draw(runs_.random_));
  }
  // Its own deadline would end others with it.
  if (shared()) request.own_share().deadline = Clock::time_point::max();
  add_call(std::move(job), &request.own_share());
}

HttpRun::~HttpRun() {
  InstancePool::take(*this);
  for (HttpCall& call : calls_) call.forget_timing();
  drop();
}

void HttpRun::add_call(HttpJob job, host::RequestShare* share) {
  // What it takes to make the instance is part of the first one.
  HttpCall& call = calls_.emplace_back(runs_, std::move(job), share, used_ == 0 ? started_at() : Clock::now());
  ++used_;
  call.until = later(call.started_at(), request_timeout_);
  if (shared()) call.last = later(call.started_at(), app_->limits.wall);
  new_call_ = &call;
}

void HttpRun::begin() {
  HttpCall& call = calls_.front();
  // Not counted: the application keeps it.
  const component::LinkedComponent* const linked = served_.linked->current().get();
  if (auto started = start({std::shared_ptr<void>(), linked}); !started) {
    log(started.error().message());
    call.failure = started.error().message();
    call.report(true);
    return;
  }
  if (app_->show_timing) call.show_timing(*this);
  if (served_.wagi_argv) {
    wagi_ = std::make_unique<WagiCall>(call.job.exchange, served_.wasi, *served_.wagi_argv);
    wagi_->set_up(instance(), runs_.observer_.output);
  } else {
    wasi::set_up(instance(), served_.wasi, runs_.observer_.output);
  }
  if (served_.variables != nullptr) instance().state<spin::VariablesState>().variables = served_.variables.get();
  instance().state<wasi_http::OutboundState>() = {.outbound = runs_.outbound_, .services = this, .tls = &served_.tls};
  if (served_.key_value != nullptr) instance().state<key_value::KeyValueState>().links = served_.key_value.get();
  resume();
}

void HttpRun::work(component::Instance&) {
  serve(calls_.front());
}

void HttpRun::serve(HttpCall& call) {
  // Nobody may wait for it any more by the time that the instance is made.
  if (wagi_ != nullptr) {
    wagi_->run(instance(), served_.handler.func);
  } else if (!call.reported()) {
    if (call.job.api != nullptr)
      instance().call(call.job.api->func(), *call.job.api, call.origin());
    else
      call_handler(instance(), served_.handler, call.job.exchange, call.outcome, call.origin());
  }
  call.over = true;
}

bool HttpRun::accepts() {
  return takes_more() && !running() && !finished() &&
         !(calls_.empty() && Clock::now() - idle_since_ >= idle_timeout_) &&
         instance().takes_call(served_.handler.func);
}

void HttpRun::add(HttpJob job) {
  InstancePool::take(*this);
  if (std::exchange(counts_as_idle_, false)) --runs_.idle_;
  add_call(std::move(job), nullptr);
  if (app_->show_timing) new_call_->show_timing(*this);
  also(
      [](void* env) {
        auto& run = *static_cast<HttpRun*>(env);
        run.serve(*run.new_call_);
      },
      this, new_call_->origin());
}

bool HttpRun::paused(Progress progress) {
  const bool ended = progress == Progress::ended;
  if (ended && !shared()) return false;
  if (HttpCall* const call = std::exchange(new_call_, nullptr); call != nullptr && !call->over) wait_for(*call);
  progress_ = progress;
  if (shared()) {
    end_over_calls();
    if (!stays()) return false;
  }
  if (!std::exchange(kept_, true)) runs_.open_.insert(std::static_pointer_cast<HttpRun>(shared_from_this()));
  return true;
}

void HttpRun::wait_for(HttpCall& call) {
  call.waits = true;
  ++runs_.waiting_;
  const auto self = std::static_pointer_cast<HttpRun>(shared_from_this());
  call.job.exchange->on_client_gone = [self, &call] { self->client_gone(call); };
}

void HttpRun::client_gone(HttpCall& call) {
  constexpr const char* why = "the client closed the connection";
  if (shared())
    give_up(call, why, telemetry::Limit::none);
  else
    stop(why);
}

void HttpRun::end_over_calls() {
  if (calls_.empty()) return;
  for (auto next = calls_.begin(); next != calls_.end();) {
    const auto call = next++;
    if (!call->over || !end(*call)) continue;
    if (call->told_to_end) {
      // Without a result it can only have ended because it was told.
      if (call->outcome.begun && !call->outcome.response_set) pool_->ends_when_told = true;
      probes_ = false;
    }
    stop_waiting(*call);
    // The exchange is the connection's again.
    call->outcome = {};
    past_.splice(past_.end(), calls_, call);
  }
  if (calls_.empty())
    idle_since_ = Clock::now();
  else
    tell_leftovers_to_end();
}

bool HttpRun::end(HttpCall& call) {
  if (call.reported()) return true;
  http::Exchange& exchange = *call.job.exchange;
  leave_alone(call);
  // Its head leaves when the guest's present stretch is over, which is before what is posted now.
  if (!exchange.responded() && call.outcome.response_set && !call.looked_back) {
    if (!std::exchange(looks_back_, true)) {
      boost::asio::post(runs_.loop_, [self = std::static_pointer_cast<HttpRun>(shared_from_this())] {
        self->looks_back_ = false;
        self->look_back();
      });
    }
    return false;
  }
  tell(call, false);
  return true;
}

void HttpRun::look_back() {
  if (finished()) return;
  for (HttpCall& call : calls_) call.looked_back = call.over;
  end_over_calls();
  if (!stays()) close();
}

// What needs no guest any more.
void HttpRun::leave_alone(HttpCall& call) {
  if (call.job.exchange->responded()) return;
  if (const auto& body = call.outcome.answered.body) body->leave_alone();
}

bool HttpRun::takes_more() const {
  return !retired_ && !probes_ && used_ < count_ && calls_.size() < concurrent_ && past_.size() < max_past_calls;
}

// Of a shared instance that has paused: whether there is anything it is kept for.
bool HttpRun::stays() {
  const bool ended = progress_ == Progress::ended;
  // A guest that was refused memory is not as it was.
  if (instance().store().memory_use().refused > 0) retired_ = true;
  if (calls_.empty()) {
    if (ended) {
      forget_shares();
      past_.clear();
    }
    const bool full = !counts_as_idle_ && runs_.idle_ >= runs_.limits_.instances;
    // Threads that its requests left behind may go on for as long as it is kept.
    if (full || (ended && (!takes_more() || idle_timeout_.count() == 0))) return false;
    if (!std::exchange(counts_as_idle_, true)) ++runs_.idle_;
  }
  // One that is busy would keep a further request waiting.
  if (takes_more() && (ended || progress_ == Progress::idle))
    pool_->put(*this);
  else
    InstancePool::take(*this);
  return true;
}

void HttpRun::retire() {
  if (!shared()) return;
  retired_ = true;
  InstancePool::take(*this);
  if (idle()) close();
}

void HttpRun::give_up(HttpCall& call, const char* why, telemetry::Limit limit) {
  log(why);
  host::Account& account = call.share().account;
  if (limit != telemetry::Limit::none) {
    account.limit = limit;
    // What has left of the response must not look complete.
    if (const auto body = call.outcome.answered.body; body != nullptr && !body->closed()) {
      body->end(task::LetGo::lost);
      body->changed();
    }
  }
  fill_account(account);
  call.report(true);
  given_up_at_ = Clock::now();
  tell_leftovers_to_end();
}

void HttpRun::tell_leftovers_to_end() {
  const auto leftover = [](const HttpCall& call) { return call.reported() && !call.over && !call.told_to_end; };
  if (std::ranges::none_of(calls_, leftover)) return;
  if (!pool_->ends_when_told) {
    if (!std::ranges::all_of(calls_, [](const HttpCall& call) { return call.reported(); })) return;
    probes_ = true;
    InstancePool::take(*this);
  }
  for (HttpCall& call : calls_) {
    if (!leftover(call)) continue;
    call.told_to_end = true;
    instance().cancel(call.share());
  }
  given_up_at_ = Clock::now();
  wake();
}

void HttpRun::sweep(Clock::time_point now) {
  if (finished()) return;
  if (!shared()) {
    HttpCall& call = calls_.front();
    // It may have gone while the guest ran, when nobody was to be told.
    if (call.job.exchange->client_gone())
      client_gone(call);
    else if (deadline() < now || call.is_late(now, request_timeout_))
      expire();
    return;
  }
  for (HttpCall& call : calls_) {
    if (call.reported()) continue;
    if (call.job.exchange->client_gone()) {
      client_gone(call);
      continue;
    }
    if (!call.is_late(now, request_timeout_)) continue;
    retired_ = true;
    InstancePool::take(*this);
    give_up(call, "the time limit is over", telemetry::Limit::wall_time);
  }
  if (calls_.empty()) {
    if (now - idle_since_ >= idle_timeout_) close();
    return;
  }
  if (now - given_up_at_ > leftover_grace && leftovers_alone())
    stop("what was left of requests that are over did not end within a second");
}

// What runs, if anything can, is of use to nobody.
bool HttpRun::leftovers_alone() {
  const host::RequestShare* const holds = instance().scheduler().held() ? &context().share() : nullptr;
  bool alone = true;
  for (HttpCall& call : calls_) {
    if (!call.reported())
      alone = false;
    else if (&call.share() == holds)
      return true;
  }
  return alone;
}

void HttpRun::start(std::string_view component, std::shared_ptr<http::ClientExchange> exchange, unsigned depth) {
  // Of the same generation of the application.
  const ServedComponent& asked = app_->components.find(component)->second;
  runs_.chained_.start(std::move(exchange), [&runs = runs_, app = app_, &asked, depth](auto made) {
    runs.serve_chained_(std::move(made), app, asked, depth);
  });
}

void HttpRun::done(const std::exception_ptr& failure) {
  InstancePool::take(*this);
  new_call_ = nullptr;
  if (std::exchange(counts_as_idle_, false)) --runs_.idle_;
  const bool exited = wagi_ != nullptr && failure != nullptr && is_exit(failure);
  if (failure != nullptr && !exited) {
    const auto open = std::ranges::count_if(calls_, [](const HttpCall& call) { return !call.reported(); });
    // Nobody waited for it, and it is what many bindings do.
    if (open == 0 && probes_)
      log("a task was told to end, and trapped; its instance had no other requests");
    else
      log(describe(failure) + (open > 1 ? "; " + std::to_string(open) + " requests of the instance end with it" : ""));
  }
  for (HttpCall& call : calls_) {
    if (!call.reported() && wagi_ != nullptr) {
      const auto answered = wagi_->answer(failure);
      fill_account(call.share().account);
      if (!answered && !answered.error().message().empty()) log(answered.error().message());
      call.report(!answered);
    }
    if (!call.reported()) {
      if (failure == nullptr)
        leave_alone(call);
      else if (call.job.api != nullptr)
        call.failure = what_of(failure);
      tell(call, failure != nullptr);
    }
    stop_waiting(call);
  }
  if (kept_) runs_.open_.erase(std::static_pointer_cast<HttpRun>(shared_from_this()));
}

void HttpRun::tell(HttpCall& call, bool fault) {
  if (!fault && !call.job.exchange->responded()) {
    const bool set = call.outcome.response_set || instance().state<wasi_http::HandlerState>().response_set;
    log(set ? "the component returned without the body of its response" : "the component returned without a response");
    fault = true;
  }
  fill_account(call.share().account);
  call.report(fault);
}

void HttpRun::stop_waiting(HttpCall& call) {
  if (std::exchange(call.waits, false)) runs_.stopped_waiting();
}

void HttpRun::log(std::string_view line) const {
  if (runs_.observer_.log) runs_.observer_.log(served_.id, line);
}

}  // namespace weft::trigger
