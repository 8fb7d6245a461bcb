#include "wasi/testing/guest.h"

#include "component/decode.h"
#include "component/plan.h"
#include "component/validate.h"
#include "wasm/store.h"
#include "wasm/testing/wat.h"

namespace weft::wasi::testing {
namespace {

constexpr std::string_view instances = R"(
  (import "wasi:io/error@0.2.12" (instance $error (export "error" (type $e (sub resource)))))
  (alias export $error "error" (type $error-type))
  (import "wasi:io/poll@0.2.12" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "[method]pollable.ready" (func (param "self" (borrow $p)) (result bool)))
    (export "[method]pollable.block" (func (param "self" (borrow $p))))
    (export "poll" (func (param "in" (list (borrow $p))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:io/streams@0.2.12" (instance $streams
    (alias outer 1 $error-type (type $e))
    (alias outer 1 $pollable (type $p))
    (export "input-stream" (type $in (sub resource)))
    (export "output-stream" (type $out (sub resource)))
    (type $f (variant (case "last-operation-failed" (own $e)) (case "closed")))
    (export "stream-error" (type $failure (eq $f)))
    (export "[method]input-stream.read"
      (func (param "self" (borrow $in)) (param "len" u64) (result (result (list u8) (error $failure)))))
    (export "[method]input-stream.blocking-skip"
      (func (param "self" (borrow $in)) (param "len" u64) (result (result u64 (error $failure)))))
    (export "[method]input-stream.subscribe" (func (param "self" (borrow $in)) (result (own $p))))
    (export "[method]output-stream.check-write"
      (func (param "self" (borrow $out)) (result (result u64 (error $failure)))))
    (export "[method]output-stream.write"
      (func (param "self" (borrow $out)) (param "contents" (list u8)) (result (result (error $failure)))))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $out)) (param "contents" (list u8)) (result (result (error $failure)))))
    (export "[method]output-stream.write-zeroes"
      (func (param "self" (borrow $out)) (param "len" u64) (result (result (error $failure)))))
    (export "[method]output-stream.blocking-write-zeroes-and-flush"
      (func (param "self" (borrow $out)) (param "len" u64) (result (result (error $failure)))))
    (export "[method]output-stream.blocking-flush"
      (func (param "self" (borrow $out)) (result (result (error $failure)))))
    (export "[method]output-stream.subscribe" (func (param "self" (borrow $out)) (result (own $p))))
    (export "[method]output-stream.splice"
      (func (param "self" (borrow $out)) (param "src" (borrow $in)) (param "len" u64)
        (result (result u64 (error $failure)))))
    (export "[method]output-stream.blocking-splice"
      (func (param "self" (borrow $out)) (param "src" (borrow $in)) (param "len" u64)
        (result (result u64 (error $failure)))))))
  (alias export $streams "input-stream" (type $input-stream))
  (alias export $streams "output-stream" (type $output-stream))
  (import "wasi:clocks/monotonic-clock@0.2.12" (instance $clock
    (alias outer 1 $pollable (type $p))
    (export "now" (func (result u64)))
    (export "resolution" (func (result u64)))
    (export "subscribe-instant" (func (param "when" u64) (result (own $p))))
    (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
  (import "wasi:clocks/wall-clock@0.2.12" (instance $wall
    (type $d (record (field "seconds" u64) (field "nanoseconds" u32)))
    (export "datetime" (type $datetime (eq $d)))
    (export "now" (func (result $datetime)))))
  (import "wasi:random/random@0.2.12" (instance $random
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))
    (export "get-random-u64" (func (result u64)))))
  (import "wasi:random/insecure-seed@0.2.12" (instance $seed
    (export "insecure-seed" (func (result (tuple u64 u64))))))
  (import "wasi:cli/environment@0.2.12" (instance $environment
    (export "get-environment" (func (result (list (tuple string string)))))
    (export "get-arguments" (func (result (list string))))
    (export "initial-cwd" (func (result (option string))))))
  (import "wasi:cli/exit@0.2.12" (instance $exit
    (export "exit" (func (param "status" (result))))
    (export "exit-with-code" (func (param "status-code" u8)))))
  (import "wasi:cli/stdin@0.2.12" (instance $stdin
    (alias outer 1 $input-stream (type $in))
    (export "get-stdin" (func (result (own $in))))))
  (import "wasi:cli/stdout@0.2.12" (instance $stdout
    (alias outer 1 $output-stream (type $out))
    (export "get-stdout" (func (result (own $out))))))
  (import "wasi:cli/stderr@0.2.12" (instance $stderr
    (alias outer 1 $output-stream (type $out))
    (export "get-stderr" (func (result (own $out))))))
)";

wasm::Engine& engine() {
  static const std::unique_ptr<wasm::Engine> one = wasm::Engine::create({}).value();
  return *one;
}

// run: func() -> u32
class RunCall final : public component::ExportCall {
 public:
  void lower_args(abi::LowerContext&, const abi::FuncType&, abi::CoreValue*) override {}
  void lift_result(abi::LiftContext&, const abi::FuncType&, std::uint32_t, abi::CoreValueIter& values) override {
    result = values.next->i32();
  }
  std::uint32_t result = 0;
};

struct Woken final : host::Waker {
  void wake() noexcept override { woken = true; }
  bool woken = false;
};

}  // namespace

std::string guest(const std::vector<Import>& imports, std::string_view body) {
  std::string lowered, core, given;
  for (const Import& import : imports) {
    if (import.function.starts_with("drop ")) {
      lowered += "  (core func $" + import.name + " (canon resource.drop " + import.function.substr(5) + "))\n";
    } else {
      lowered += "  (core func $" + import.name + " (canon lower (func " + import.function +
                 ") (memory (core memory $heap \"memory\")) (realloc (core func $heap \"realloc\"))))\n";
    }
    core += "    (import \"\" \"" + import.name + "\" (func $" + import.name + " " + import.signature + "))\n";
    given += " (export \"" + import.name + "\" (func $" + import.name + "))";
  }
  return "(component" + std::string(instances) + R"(
  (core module $heap
    (memory (export "memory") 64)
    (global $next (mut i32) (i32.const 131072))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3)))))
  (core instance $heap (instantiate $heap))
)" + lowered +
         "  (core module $main\n" + core + "    (import \"\" \"memory\" (memory $memory 1))\n" + std::string(body) +
         ")\n  (core instance $main (instantiate $main (with \"\" (instance (export \"memory\" (memory $heap "
         "\"memory\"))" +
         given + "))))\n  (func (export \"run\") (result u32) (canon lift (core func $main \"run\"))))";
}

GuestTest::GuestTest() {
  add_to_registry(registry_);
}

Result<std::shared_ptr<const component::LinkedComponent>> GuestTest::link(std::string_view text) {
  auto bytes = std::make_shared<const std::vector<std::byte>>(wasm::testing::wat(text));
  TRY(auto ast, component::decode(bytes));
  TRY(auto type, component::validate(*ast));
  TRY(auto plan, component::make_plan(*ast));
  std::vector<component::CompiledModule> modules;
  for (const component::ast::ByteRange range : plan->modules) {
    TRY(auto module, wasm::Module::compile(engine(), std::span(*plan->bytes).subspan(range.offset, range.size)));
    modules.push_back({std::move(module), {}});
  }
  return component::LinkedComponent::create(engine(), std::move(plan), std::move(modules), registry_);
}

std::expected<std::uint32_t, std::string> GuestTest::run(std::string_view text) {
  auto linked = link(text);
  if (!linked) return std::unexpected("link: " + linked.error().message());
  const auto func = std::get<component::FuncRef>(*(*linked)->plan().exports.find("run"));
  Woken waker;
  auto instance = component::Instance::create(*linked, context_, waker, {}, nullptr).value();
  set_up(*instance, setup_, &lines_);
  RunCall call;
  auto body = [&] {
    instance->instantiate();
    instance->call(func, call);
  };
  wasm::Fiber fiber(instance->store(), [](void* env) { (*static_cast<decltype(body)*>(env))(); }, &body);
  while (fiber.resume() != wasm::Fiber::State::done) {
    for (waker.woken = false; !waker.woken;) {
      loop_.restart();
      if (loop_.run_one() == 0) return std::unexpected("nothing will wake the guest");
    }
  }
  if (fiber.failure() == nullptr) return call.result;
  try {
    std::rethrow_exception(fiber.failure());
  } catch (const std::exception& failure) {
    return std::unexpected(failure.what());
  }
}

}  // namespace weft::wasi::testing
