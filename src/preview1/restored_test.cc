// Core modules whose instances are used again (component/instance_source.h): what the host keeps for one is not there
// for the next, and what it wrote into the guest's memory is gone.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bind/registry.h"
#include "component/test_guest.h"
#include "componentize/componentize.h"
#include "preview1/preview1.h"
#include "wasi/testing/guest.h"
#include "wasi/wasi.h"

namespace weft::preview1 {
namespace {

using component::InstanceSource;
using component::test::Guest;
using Linked = std::shared_ptr<const component::LinkedComponent>;

constexpr std::string_view imports = R"((module
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_set_rights" (func $set_rights (param i32 i64 i64) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 8)
  (func $succeeds (param i32) (if (local.get 0) (then unreachable)))
  (func $is (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then unreachable)))
)";

// Traps if it is not the first to run in its memory, with its globals, or with its descriptors; then it leaves traces
// in all of them.
constexpr std::string_view intruder = R"(
  (global $runs (mut i32) (i32.const 0))
  (data (i32.const 1024) "file")
  (func $empty (param $at i32) (param $end i32)
    (loop $next
      (call $succeeds (i64.ne (i64.load (local.get $at)) (i64.const 0)))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $end)))))
  (func $open (result i32)
    (call $succeeds (call $path_open (i32.const 3) (i32.const 0) (i32.const 1024) (i32.const 4) (i32.const 0)
                                     (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 2048)))
    (i32.load (i32.const 2048)))
  (func $buffer (param i32 i32)
    (i32.store (i32.const 2064) (local.get 0))
    (i32.store (i32.const 2068) (local.get 1)))
  (func (export "_start")
    (call $is (memory.size) (i32.const 8))
    (call $is (global.get $runs) (i32.const 0))
    (global.set $runs (i32.const 1))
    (call $empty (i32.const 65536) (i32.const 524288))
    ;; one descriptor more at each opening, from 4 on, and what the file holds, read by the system into a page that the
    ;; guest never wrote to
    (call $is (call $open) (i32.const 4))
    (call $is (call $open) (i32.const 5))
    (call $buffer (i32.const 131072) (i32.const 4096))
    (call $succeeds (call $fd_read (i32.const 4) (i32.const 2064) (i32.const 1) (i32.const 2048)))
    (call $is (i32.load (i32.const 2048)) (i32.const 7))
    (call $is (i32.load8_u (i32.const 131072)) (i32.const 99))
    (call $succeeds (call $random_get (i32.const 262144) (i32.const 20000)))
    ;; the environment of this one, as a line
    (call $succeeds (call $environ_get (i32.const 2080) (i32.const 4096)))
    (i32.store8 (i32.const 4099) (i32.const 10))
    (call $buffer (i32.const 4096) (i32.const 4))
    (call $succeeds (call $fd_write (i32.const 1) (i32.const 2064) (i32.const 1) (i32.const 2048)))
    (call $succeeds (call $set_rights (i32.const 3) (i64.const 0) (i64.const 0)))
    (call $succeeds (call $fd_close (i32.const 1)))
    (drop (memory.grow (i32.const 2)))
    (call $is (memory.size) (i32.const 10)))
))";

class Restored : public ::testing::Test {
 protected:
  Restored() {
    wasi::add_to_registry(registry_);
    add_to_registry(registry_);
  }
  void SetUp() override {
    char name[] = "/tmp/weft-preview1-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    top_ = std::filesystem::canonical(name);
    std::ofstream(top_ / "file") << "content";
    ASSERT_TRUE(setup_.mounts.add(top_, "/data", false));
  }
  void TearDown() override { std::filesystem::remove_all(top_); }

  Result<Linked> load(std::string_view body, component::Bypass bypass = component::Bypass::where_exact) {
    const auto wasm = wasm::testing::wat(std::string(imports) + std::string(body));
    TRY(const auto made, componentize::as_component(std::make_shared<const std::vector<std::byte>>(wasm), "it.wasm"));
    TRY(const auto ast, component::decode(made));
    CHECK_OK(component::validate(*ast));
    TRY(auto plan, component::make_plan(*ast, bypass));
    return component::test::link(std::move(plan), component::NotYet::refuse, registry_);
  }

  // Runs the command in an instance of `source`.
  std::string run(Guest& guest, const Linked& linked) {
    wasi::set_up(guest.instance(), setup_, &lines_);
    const auto* exported = linked->plan().exports.find("wasi:cli/run@0.2.0");
    const auto& run = std::get<std::shared_ptr<const component::ExportedInstance>>(*exported);
    return guest.call(std::get<component::FuncRef>(*run->find("run")));
  }

  bind::Registry registry_;
  wasi::WasiSetup setup_;
  wasi::testing::Lines lines_;
  std::filesystem::path top_;
};

TEST_F(Restored, ACommandCannotTellThatItsInstanceWasUsedBefore) {
  for (const auto bypass : {component::Bypass::where_exact, component::Bypass::never}) {
    const Linked linked = load(intruder, bypass).value();
    InstanceSource source;
    const wasm::Store* store = nullptr;
    lines_.seen.clear();
    for (int i = 0; i < 4; ++i) {
      Guest guest(linked, host::no_grants(), &source);
      if (store != nullptr) EXPECT_EQ(&guest.instance().store(), store);
      store = &guest.instance().store();
      setup_.environment = {{"N", std::to_string(i)}};
      EXPECT_EQ(run(guest, linked), "ok") << i;
      source.take_back(guest.give_up());
      EXPECT_EQ(source.kept(), 1u);
    }
    EXPECT_EQ(lines_.seen, (std::vector<std::string>{"N=0", "N=1", "N=2", "N=3"}));
  }
}

TEST_F(Restored, SeveralAtOnceHaveDescriptorsOfTheirOwn) {
  const Linked linked = load(intruder).value();
  InstanceSource source;
  setup_.environment = {{"N", "0"}};
  for (int i = 0; i < 2; ++i) {
    Guest first(linked, host::no_grants(), &source), second(linked, host::no_grants(), &source);
    EXPECT_EQ(run(first, linked), "ok");
    EXPECT_EQ(run(second, linked), "ok");
    source.take_back(first.give_up());
    source.take_back(second.give_up());
    EXPECT_EQ(source.kept(), 2u);
  }
}

TEST_F(Restored, AReactorThatAsksNothingWhileItInitializesIsUsedAgain) {
  const Linked linked =
      load(
          "(func (export \"_initialize\") (i32.store (i32.const 1024) (i32.add (i32.load (i32.const 1024))"
          " (i32.const 1)))))")
          .value();
  InstanceSource source;
  for (int i = 0; i < 3; ++i) {
    Guest guest(linked, host::no_grants(), &source);
    EXPECT_EQ(guest.start_failure(), "");
    source.take_back(guest.give_up());
    EXPECT_EQ(source.kept(), 1u) << i;
  }
}

TEST_F(Restored, AReactorThatAsksForSomethingWhileItInitializesIsMadeAnew) {
  const Linked linked =
      load("(func (export \"_initialize\") (call $succeeds (call $random_get (i32.const 1024) (i32.const 8)))))")
          .value();
  InstanceSource source;
  Guest guest(linked, host::no_grants(), &source);
  EXPECT_EQ(guest.start_failure(), "");
  source.take_back(guest.give_up());
  EXPECT_EQ(source.kept(), 0u);
}

}  // namespace
}  // namespace weft::preview1
