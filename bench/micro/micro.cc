// weft-micro GUEST ASYNC HELLO CACHE [benchmark flags]: what the steps of a request cost, inside one process and
// without a socket.
//
// GUEST and ASYNC are guest.wat and async.wat as components, HELLO a component for wasi:http, CACHE a code cache in
// which `weft up HELLO` left its code. Run by `./dev bench micro`.
#include <benchmark/benchmark.h>

#include <boost/asio/post.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "bind/eventual.h"
#include "bind/registry.h"
#include "content/folder.h"
#include "http/exchange.h"
#include "manifest/bare.h"
#include "runtime/code_store.h"
#include "runtime/loader.h"
#include "telemetry/http_metrics.h"
#include "trigger/http_handler.h"
#include "util/recycled.h"
#include "wasi/wasi.h"
#include "wasi_http/registry.h"

namespace weft {
namespace {

constexpr std::size_t max_component_bytes = std::size_t{64} << 20;
// Host calls of one guest call: enough that entering the guest does not count.
constexpr std::uint32_t calls_of_a_round = 1000;
constexpr std::uint32_t lists_of_a_round = 16;
constexpr std::uint32_t calls_of_an_instance = 10'000;
constexpr std::uint32_t pieces_of_a_round = 256;  // of a stream, 64 KiB each

[[noreturn]] void die(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result) die(result.error().message());
  return *std::move(result);
}

class NoGrants final : public host::Grants {
 public:
  host::Decision decide(host::Capability, const host::Target&) const override { return {}; }
};

std::uint32_t add(bind::Host, std::uint32_t a, std::uint32_t b) {
  return a + b;
}
void take_string(bind::Host, std::string text) {
  benchmark::DoNotOptimize(text.data());
}
void take_list(bind::Host, std::span<const std::byte> bytes) {
  benchmark::DoNotOptimize(bytes.data());
}

void copy_list(bind::Host, std::vector<std::byte> bytes) {
  benchmark::DoNotOptimize(bytes.data());
}

bind::Eventual<std::uint32_t> ready(bind::Host) {
  return 1;
}
awaitable<std::uint32_t> next_turn(Loop& loop) {
  co_await boost::asio::post(loop, use_awaitable);
  co_return 1;
}
bind::Eventual<std::uint32_t> later(bind::Host host) {
  return next_turn(host.context().loop());
}

using Linked = std::shared_ptr<const runtime::LiveComponent>;

struct Bench {
  std::string guest_path, async_path, hello_path, cache_path;
  std::unique_ptr<wasm::Engine> engine = must(wasm::Engine::create({}));
  bind::Registry registry;
  Loop loop{1};
  Linked guest, async, hello;

  Linked load(const std::string& path, runtime::ModuleSource& modules) {
    const std::filesystem::path file(path);
    auto folder = must(content::FolderStore::create(file.parent_path()));
    auto bytes = must(content::read(*folder, {file.filename().string()}, max_component_bytes));
    return must(runtime::load_component(*engine, modules, registry, std::move(bytes), path));
  }
  Linked load(const std::string& path) {
    runtime::Compiler compiler(*engine);
    return load(path, compiler);
  }

  // One run of a fresh instance to its end.
  template <class Work>
  void run(const Linked& component, Work work) {
    class One final : public runtime::Run {
     public:
      One(Loop& loop, const runtime::RunLimits& limits, Work& work)
          : Run(loop, host::no_grants(), limits), work_(work) {}

     private:
      void work(component::Instance& instance) override { work_(instance); }
      void done(const std::exception_ptr& failure) override {
        if (failure) std::rethrow_exception(failure);
      }
      Work& work_;
    };
    static const runtime::RunLimits limits;
    auto run = std::allocate_shared<One>(RecyclingAllocator<One>(), loop, limits, work);
    if (auto started = run->start(component->current()); !started) die(started.error().message());
    run->resume();
    while (!run->finished()) {
      if (loop.stopped()) loop.restart();
      loop.run_one();
    }
  }
};

Bench& bench() {
  static Bench one;
  return one;
}

component::FuncRef exported(const Linked& component, std::string_view name) {
  for (const auto& [item_name, item] : component->plan().exports.items) {
    if (item_name == name) return std::get<component::FuncRef>(item);
  }
  die("the guest exports no " + std::string(name));
}

// A call with one number, or without arguments.
class NumberCall final : public component::ExportCall {
 public:
  explicit NumberCall(std::uint32_t n) : n_(n) {}
  void lower_args(abi::LowerContext&, const abi::FuncType& type, abi::CoreValue* flat) override {
    if (!type.params->fields.empty()) flat[0].set_i32(n_);
  }
  void lift_result(abi::LiftContext&, const abi::FuncType&, std::uint32_t, abi::CoreValueIter&) override {}

 private:
  std::uint32_t n_;
};

void instantiate(benchmark::State& state, const Linked& component) {
  for (auto _ : state) bench().run(component, [](component::Instance&) {});
}

// A fresh instance of a component that imports three functions and has one memory: store, fiber, instance and their
// end.
void instantiate_small(benchmark::State& state) {
  instantiate(state, bench().guest);
}
void instantiate_hello(benchmark::State& state) {
  instantiate(state, bench().hello);
}
BENCHMARK(instantiate_small);
BENCHMARK(instantiate_hello);

// Calls of an export on one instance; `per_call` operations each.
void call(benchmark::State& state, std::string_view name, std::uint32_t per_call) {
  bench().run(bench().guest, [&](component::Instance& instance) {
    NumberCall none(0);
    instance.call(exported(bench().guest, "fill"), none);
    const component::FuncRef func = exported(bench().guest, name);
    for (auto _ : state) {
      NumberCall one(per_call);
      instance.call(func, one);
    }
  });
  state.SetItemsProcessed(state.iterations() * per_call);
}
void call_export(benchmark::State& state) {
  call(state, "nothing", 1);
}
void host_call_scalar(benchmark::State& state) {
  call(state, "scalar", calls_of_a_round);
}
void host_call_string(benchmark::State& state) {
  call(state, "string", calls_of_a_round);
}
void host_call_list_1mib(benchmark::State& state) {
  call(state, "list", lists_of_a_round);
}
void host_call_list_1mib_copied(benchmark::State& state) {
  call(state, "list-copied", lists_of_a_round);
}
BENCHMARK(call_export);
BENCHMARK(host_call_scalar);
BENCHMARK(host_call_string);
BENCHMARK(host_call_list_1mib);
BENCHMARK(host_call_list_1mib_copied);

// The same of what may wait, and of another component; each round in a fresh instance, which does not count either.
void call_async(benchmark::State& state, std::string_view name, std::uint32_t per_call) {
  const component::FuncRef func = exported(bench().async, name);
  for (auto _ : state) {
    bench().run(bench().async, [&](component::Instance& instance) {
      NumberCall one(per_call);
      instance.call(func, one);
    });
  }
  state.SetItemsProcessed(state.iterations() * per_call);
}
void host_call_async_ready(benchmark::State& state) {
  call_async(state, "ready", calls_of_an_instance);
}
void host_call_async_waits(benchmark::State& state) {
  call_async(state, "later", calls_of_an_instance);
}
void component_call_scalar(benchmark::State& state) {
  call_async(state, "component-scalar", calls_of_an_instance);
}
void component_call_string(benchmark::State& state) {
  call_async(state, "component-string", calls_of_an_instance);
}
void component_call_async(benchmark::State& state) {
  call_async(state, "component-async", calls_of_an_instance);
}
void component_stream_64kib(benchmark::State& state) {
  call_async(state, "stream", pieces_of_a_round);
}
BENCHMARK(host_call_async_ready);
BENCHMARK(host_call_async_waits);
BENCHMARK(component_call_scalar);
BENCHMARK(component_call_string);
BENCHMARK(component_call_async);
BENCHMARK(component_stream_64kib);

// A whole request through the trigger, from its Exchange to its response.
void request_in_process(benchmark::State& state) {
  auto app = std::make_shared<trigger::HttpApp>();
  app->app = manifest::bare_app(bench().hello_path);
  app->routes = must(manifest::RouteTable::build(app->app));
  trigger::ServedComponent served;
  served.id = app->app.components[0].id;
  served.linked = bench().hello;
  served.handler = must(trigger::find_http_handler(bench().hello->plan()));
  served.grants = std::make_unique<NoGrants>();
  auto at = app->components.emplace(served.id, std::move(served)).first;
  app->by_trigger.push_back(&at->second);
  app->sites.emplace_back();
  telemetry::HttpMetrics metrics;
  trigger::HttpHandler handler(bench().loop, app, {}, metrics.add_loop(), metrics, {});
  http::RequestHead head;
  head.method = "GET";
  head.scheme = "http";
  head.authority = "localhost";
  head.path_with_query = "/";
  head.client_address = "127.0.0.1:1";
  for (auto _ : state) {
    auto exchange = std::make_shared<http::Exchange>(head);
    exchange->request_body().finish();
    handler.handle(exchange);
    while (!exchange->response_body().ended() && bench().loop.poll_one() != 0) {
    }
    if (!exchange->responded() || exchange->response().status != 200)
      state.SkipWithError("the guest did not answer 200");
  }
}
BENCHMARK(request_in_process);

// Decoding, validation, planning, compiling and linking: what a start without any cache pays.
void load_and_compile(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(bench().load(bench().hello_path));
}
BENCHMARK(load_and_compile)->Unit(benchmark::kMillisecond);

// The same with the code mapped from the cache.
void load_cached(benchmark::State& state) {
  auto cache = must(runtime::CodeCache::open({.folder = bench().cache_path}));
  runtime::CodeStore code(*bench().engine, std::move(cache), {});
  for (auto _ : state) benchmark::DoNotOptimize(bench().load(bench().hello_path, code));
  if (code.counts().compiled != 0) state.SkipWithError("the cache does not hold the code of HELLO");
}
BENCHMARK(load_cached)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace weft

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 5) {
    std::fprintf(stderr, "usage: weft-micro GUEST ASYNC HELLO CACHE [benchmark flags]\n");
    return 2;
  }
  auto& bench = weft::bench();
  bench.guest_path = argv[1];
  bench.async_path = argv[2];
  bench.hello_path = argv[3];
  bench.cache_path = argv[4];
  weft::wasi::add_to_registry(bench.registry);
  weft::wasi_http::add_to_registry(bench.registry);
  bench.registry.interface("weft:bench/host@1.0.0")
      .func<&weft::add>("add")
      .func<&weft::take_string>("take-string")
      .func<&weft::take_list>("take-list")
      .func<&weft::copy_list>("copy-list")
      .async_func<&weft::ready>("ready")
      .async_func<&weft::later>("later");
  bench.guest = bench.load(bench.guest_path);
  bench.async = bench.load(bench.async_path);
  bench.hello = bench.load(bench.hello_path);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
