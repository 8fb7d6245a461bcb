#include "command/run_command.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>

#include "command/find_command.h"
#include "command/run_call.h"
#include "http/client.h"
#include "http2/client_session.h"
#include "runtime/ticker.h"
#include "util/resolver.h"
#include "wasi_http/outgoing_handler.h"

namespace weft::command {
namespace {

namespace asio = boost::asio;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

// How long the end waits for somebody to read what was written, if there is no time limit that ends sooner.
constexpr std::chrono::hours longest_drain{24};

void expire_at_deadline(Timer& timer, const std::shared_ptr<CommandRun>& run) {
  if (run->deadline() == std::chrono::steady_clock::time_point::max()) return;
  timer.expires_at(run->deadline());
  timer.async_wait([weak = std::weak_ptr(run)](auto error) {
    const auto self = weak.lock();
    if (!error && self != nullptr) self->expire();
  });
}

std::chrono::milliseconds patience_of(CommandRun& run) {
  using Milliseconds = std::chrono::milliseconds;
  if (run.deadline() == std::chrono::steady_clock::time_point::max()) return longest_drain;
  // What was written before the time was over still goes where somebody reads.
  constexpr Milliseconds least{100};
  const auto left = run.deadline() - std::chrono::steady_clock::now();
  return std::max(least, std::chrono::duration_cast<Milliseconds>(left));
}

}  // namespace

Result<Ended> run_command(wasm::Engine& engine, std::shared_ptr<const component::LinkedComponent> component,
                          const CommandOptions& options) {
  TRY(const component::FuncRef func, find_command(component->plan()));
  RunCall call;
  TRY(Ended ended, run_function(engine, std::move(component), func, call, options));
  if (ended.fault.empty() && !ended.exited) ended.status = call.succeeded ? 0 : 1;
  return ended;
}

Result<Ended> run_function(wasm::Engine& engine, std::shared_ptr<const component::LinkedComponent> component,
                           component::FuncRef func, component::ExportCall& call, const CommandOptions& options) {
  Loop loop{1};
  Resolver resolver;
  http::ClientOptions client_options;
  client_options.dial.http2 = http2::client_sessions();
  http::Client client(loop, resolver, client_options);
  const wasi_http::Outbound outbound{.client = &client, .self = {}, .blocked = nullptr, .quota = nullptr};
  const wasi_http::TlsByHost tls;
  wasi::StandardFiles files = wasi::StandardFiles::of_process(loop);
  if (options.prints_to_error) files.output = files.error;
  const runtime::Ticker ticker(engine);

  const auto run = std::make_shared<CommandRun>(loop, *options.grants, options.limits, func, call, options.wasi, files);
  host::RequestContext& context = run->context();
  context.component = options.name;
  context.resolver = &resolver;
  context.log = options.log;
  CHECK_OK(run->prepare(std::move(component)));
  run->instance().state<wasi_http::OutboundState>() = {.outbound = &outbound, .services = nullptr, .tls = &tls};

  Timer timer(loop);
  expire_at_deadline(timer, run);
  const auto work = asio::make_work_guard(loop);
  run->on_end = [&loop] { loop.stop(); };
  run->resume();
  if (!run->finished()) loop.run();
  const auto patience = patience_of(*run);
  files.output->drain(patience);
  files.error->drain(patience);
  return *run->ended();
}

}  // namespace weft::command
