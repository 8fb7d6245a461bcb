// Commands written as text, run with this process's standard files.
#include "command/command_run.h"

#include <gmock/gmock.h>

#include "bind/registry.h"
#include "command/find_command.h"
#include "command/run_command.h"
#include "component/decode.h"
#include "component/plan.h"
#include "component/validate.h"
#include "wasm/testing/wat.h"

namespace weft::command {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

wasm::Engine& engine() {
  static const std::unique_ptr<wasm::Engine> one = wasm::Engine::create({}).value();
  return *one;
}

// A component that exports `interface` with `run`, whose core function has this body.
std::string command(std::string_view body, std::string_view interface = "wasi:cli/run@0.2.6",
                    std::string_view more = {}) {
  return "(component " + std::string(more) + R"(
  (import "wasi:cli/exit@0.2.6" (instance $exit
    (export "exit" (func (param "status" (result))))
    (export "exit-with-code" (func (param "status-code" u8)))))
  (core func $exit (canon lower (func $exit "exit")))
  (core func $exit-with-code (canon lower (func $exit "exit-with-code")))
  (core module $m
    (import "" "exit" (func $exit (param i32)))
    (import "" "exit-with-code" (func $exit-with-code (param i32)))
    (func (export "run") (result i32) )" +
         std::string(body) + R"())
  (core instance $i (instantiate $m (with "" (instance
    (export "exit" (func $exit)) (export "exit-with-code" (func $exit-with-code))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $run (export "run" (func $run)))
  (export ")" +
         std::string(interface) + R"(" (instance $run))))";
}

class CommandTest : public ::testing::Test {
 protected:
  CommandTest() { wasi::add_to_registry(registry_); }

  Result<std::shared_ptr<const component::LinkedComponent>> link(std::string_view text) {
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
  Result<Ended> run(std::string_view text) {
    TRY(auto linked, link(text));
    options_.limits.cpu = runtime::RunLimits::unlimited;
    return run_command(engine(), std::move(linked), options_);
  }
  int status(std::string_view text) {
    const auto ended = run(text);
    EXPECT_TRUE(ended) << ended.error().message();
    return ended ? ended->status : -1;
  }

  bind::Registry registry_;
  CommandOptions options_;
};

TEST_F(CommandTest, ItsStatusIsWhatItReturns) {
  EXPECT_EQ(status(command("(i32.const 0)")), 0);
  EXPECT_EQ(status(command("(i32.const 1)")), 1);
}

TEST_F(CommandTest, ItsStatusIsWhatItExitsWith) {
  EXPECT_EQ(status(command("(call $exit (i32.const 0)) (i32.const 1)")), 0);
  EXPECT_EQ(status(command("(call $exit (i32.const 1)) (i32.const 0)")), 1);
  EXPECT_EQ(status(command("(call $exit-with-code (i32.const 42)) (i32.const 0)")), 42);
  EXPECT_EQ(status(command("(call $exit-with-code (i32.const 255)) (i32.const 0)")), 255);
  EXPECT_EQ(run(command("(call $exit-with-code (i32.const 42)) (i32.const 0)"))->fault, "") << "no fault";
}

TEST_F(CommandTest, ATrapIsAFaultWithAStatusOfItsOwn) {
  const auto ended = run(command("unreachable"));
  EXPECT_EQ(ended->status, exit_trapped);
  EXPECT_THAT(ended->fault, HasSubstr("unreachable"));
  EXPECT_EQ(status(command("(i32.const 2)")), exit_trapped) << "no case of a result";
}

TEST_F(CommandTest, TheTimeLimitEndsWhatIsBusy) {
  options_.limits.wall = std::chrono::milliseconds(50);
  const auto ended = run(command("(loop $on (br $on)) (i32.const 0)"));
  EXPECT_EQ(ended->status, exit_trapped);
  EXPECT_THAT(ended->fault, HasSubstr("the time limit is over"));
}

TEST_F(CommandTest, TheExportedInterfaceDecides) {
  EXPECT_EQ(status(command("(i32.const 0)", "wasi:cli/run@0.2.99")), 0);
  EXPECT_FALSE(run(command("(i32.const 0)", "wasi:cli/run@0.1.0")));
  const auto served = link(command("(i32.const 0)", "wasi:http/incoming-handler@0.2.0")).value();
  const auto none = find_command(served->plan());
  EXPECT_EQ(none.error().message(),
            "exports no command (wasi:cli/run); its exports are: wasi:http/incoming-handler@0.2.0; it answers HTTP: "
            "weft up");
}

TEST_F(CommandTest, AnotherTypeIsRefused) {
  const std::string text = R"((component
    (core module $m (func (export "run") (result i32) (i32.const 0)))
    (core instance $i (instantiate $m))
    (func $run (result u32) (canon lift (core func $i "run")))
    (instance $run (export "run" (func $run)))
    (export "wasi:cli/run@0.2.0" (instance $run))))";
  EXPECT_THAT(run(text).error().message(), StartsWith("wasi:cli/run@0.2.0#run has another type"));
  EXPECT_THAT(run(R"((component (instance $run) (export "wasi:cli/run@0.2.0" (instance $run))))").error().message(),
              StartsWith("wasi:cli/run@0.2.0 has no function run"));
}

}  // namespace
}  // namespace weft::command
