// Several calls of one instance at a time: what each of them is told, and what counts for whom.
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>

#include "bind/await.h"
#include "bind/registry.h"
#include "component/test_guest.h"

namespace weft::bind {
namespace {

using Progress = component::Instance::Progress;

int cancelled = 0;

awaitable<std::uint32_t> later_on(Loop& loop, std::uint32_t n) {
  struct Count {
    ~Count() {
      if (!done) ++cancelled;
    }
    bool done = false;
  } count;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    Executor>
      timer(loop, std::chrono::milliseconds(n));
  co_await timer.async_wait(use_awaitable);
  count.done = true;
  co_return n;
}

// n, after as many milliseconds.
Eventual<std::uint32_t> later(Host host, std::uint32_t n) {
  return later_on(host.context().loop(), n);
}

constexpr std::chrono::milliseconds work_time{50};

void work(Host) {
  const auto end = std::chrono::steady_clock::now() + work_time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

// `run` asks the host for `later` and returns what that does; told to end, it ends. `press` keeps others from being
// entered. `park` is suspended until `wake` resumes it, and has the host work for it then.
constexpr std::string_view component_text = R"((component
  (import "test:it/host@1.0.0" (instance $host
    (export "later" (func async (param "n" u32) (result u32))) (export "work" (func))))
  (core module $heap (memory (export "memory") 2))
  (core instance $heap (instantiate $heap))
  (alias core export $heap "memory" (core memory $memory))
  (core func $later (canon lower (func $host "later") async (memory $memory)))
  (core func $set-new (canon waitable-set.new))
  (core func $join (canon waitable.join))
  (core func $subtask-cancel (canon subtask.cancel))
  (core func $subtask-drop (canon subtask.drop))
  (core func $return (canon task.return (result u32)))
  (core func $cancel (canon task.cancel))
  (core func $more (canon backpressure.inc))
  (core func $slot-get (canon context.get i32 0))
  (core func $slot-set (canon context.set i32 0))
  (core func $work (canon lower (func $host "work")))
  (core func $index (canon thread.index))
  (core func $suspend (canon thread.suspend))
  (core func $yield-then-resume (canon thread.yield-then-resume))
  (core module $main
    (import "" "memory" (memory 2))
    (import "" "later" (func $later (param i32 i32) (result i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "subtask-cancel" (func $subtask-cancel (param i32) (result i32)))
    (import "" "subtask-drop" (func $subtask-drop (param i32)))
    (import "" "return" (func $return (param i32)))
    (import "" "cancel" (func $cancel))
    (import "" "more" (func $more))
    (import "" "slot-get" (func $slot-get (result i32)))
    (import "" "slot-set" (func $slot-set (param i32)))
    (import "" "work" (func $work))
    (import "" "index" (func $index (result i32)))
    (import "" "suspend" (func $suspend (result i32)))
    (import "" "yield-then-resume" (func $yield-then-resume (param i32) (result i32)))
    (func (export "park")
      (i32.store (i32.const 8192) (call $index))
      (drop (call $suspend))
      (call $work)
      (call $return (i32.const 2)))
    (func (export "wake")
      (drop (call $yield-then-resume (i32.load (i32.const 8192))))
      (call $return (i32.const 3)))
    (func (export "run") (param $n i32) (result i32) (local $subtask i32) (local $set i32)
      (local.set $subtask
        (i32.shr_u (call $later (local.get $n) (i32.mul (local.get $n) (i32.const 8))) (i32.const 4)))
      (call $slot-set (local.get $subtask))
      (i32.store (i32.add (i32.const 4096) (i32.mul (local.get $subtask) (i32.const 4)))
        (i32.mul (local.get $n) (i32.const 8)))
      (local.set $set (call $set-new))
      (call $join (local.get $subtask) (local.get $set))
      (i32.or (i32.shl (local.get $set) (i32.const 4)) (i32.const 2)))
    (func (export "told") (param $event i32) (param $index i32) (param $payload i32) (result i32)
      (call $join (call $slot-get) (i32.const 0))
      (if (i32.eq (local.get $event) (i32.const 6))
        (then
          (drop (call $subtask-cancel (call $slot-get)))
          (call $subtask-drop (call $slot-get))
          (call $cancel))
        (else
          (call $subtask-drop (local.get $index))
          (call $return
            (i32.load (i32.load (i32.add (i32.const 4096) (i32.mul (local.get $index) (i32.const 4))))))))
      (i32.const 0))
    (func (export "press") (result i32) (call $more) (call $return (i32.const 1)) (i32.const 0)))
  (core instance $main (instantiate $main (with "" (instance
    (export "memory" (memory $memory)) (export "later" (func $later)) (export "set-new" (func $set-new))
    (export "join" (func $join)) (export "subtask-cancel" (func $subtask-cancel))
    (export "subtask-drop" (func $subtask-drop)) (export "return" (func $return)) (export "cancel" (func $cancel))
    (export "more" (func $more))
    (export "slot-get" (func $slot-get)) (export "slot-set" (func $slot-set))
    (export "work" (func $work)) (export "index" (func $index)) (export "suspend" (func $suspend))
    (export "yield-then-resume" (func $yield-then-resume))))))
  (func (export "park") async (result u32) (canon lift (core func $main "park") async))
  (func (export "wake") async (result u32) (canon lift (core func $main "wake") async))
  (func (export "run") async (param "n" u32) (result u32)
    (canon lift (core func $main "run") async (callback (core func $main "told"))))
  (func (export "press") async (result u32)
    (canon lift (core func $main "press") async (callback (core func $main "told"))))))";

class Calls : public ::testing::Test, public host::Waker {
 protected:
  struct Call final : component::ExportCall {
    Call(Calls& calls, component::FuncRef called, std::uint32_t given) : of(calls), func(called), n(given) {}
    void lower_args(abi::LowerContext&, const abi::FuncType&, abi::CoreValue* flat) override { flat[0].set_i32(n); }
    void lift_result(abi::LiftContext&, const abi::FuncType&, std::uint32_t, abi::CoreValueIter& values) override {
      result = abi::FlatSource{&values}.read<std::uint32_t>();
    }
    Calls& of;
    const component::FuncRef func;
    const std::uint32_t n;
    host::RequestShare share;
    std::optional<std::uint32_t> result;
    bool over = false;
  };

  Calls() {
    cancelled = 0;
    registry_.interface("test:it/host@1.0.0").async_func<&later>("later").func<&work>("work");
    auto plan = component::test::plan_of(component_text);
    EXPECT_TRUE(plan) << plan.error().message();
    component_ = component::test::link(*std::move(plan), component::NotYet::refuse, registry_).value();
    instance_ = component::Instance::create(component_, context_, *this, {}, nullptr).value();
    start([](void* env) { static_cast<Calls*>(env)->instance_->instantiate(); }, this);
    EXPECT_EQ(progress_, Progress::ended);
  }
  void wake() noexcept override { woken_ = true; }

  component::FuncRef find(std::string_view name) {
    return std::get<component::FuncRef>(*component_->plan().exports.find(name));
  }
  Call& begin(std::string_view name, std::uint32_t n = 0) {
    Call& call = calls_.emplace_back(*this, find(name), n);
    start(
        [](void* env) {
          auto& begun = *static_cast<Call*>(env);
          begun.of.instance_->call(begun.func, begun, &begun.share);
          begun.over = true;
        },
        &call, &call.share);
    return call;
  }
  void finish() {
    while (progress_ == Progress::idle || progress_ == Progress::ready) {
      loop_.restart();
      while (progress_ == Progress::idle && !woken_) {
        if (loop_.run_one() == 0) return;
      }
      woken_ = false;
      go_on();
    }
  }
  void go_on() {
    on_loop([this] { progress_ = instance_->go_on(); });
  }

  Registry registry_;
  Loop loop_{1};
  host::RequestContext context_{loop_, host::no_grants()};
  std::shared_ptr<const component::LinkedComponent> component_;
  std::unique_ptr<component::Instance> instance_;
  std::list<Call> calls_;
  Progress progress_{};

 private:
  // What the host begins there begins within it.
  void on_loop(const std::function<void()>& step) {
    bool done = false;
    boost::asio::post(loop_, [&] {
      step();
      done = true;
    });
    loop_.restart();
    while (!done && loop_.run_one() > 0) {
    }
  }
  void start(void (*body)(void* env), void* env, host::RequestShare* share = nullptr) {
    on_loop([&] { progress_ = instance_->start(body, env, share); });
  }
  bool woken_ = false;
};

TEST_F(Calls, AtATimeReturnEachItsOwn) {
  Call& slow = begin("run", 30);
  EXPECT_EQ(progress_, Progress::idle);
  EXPECT_TRUE(instance_->takes_call(slow.func));
  Call& quick = begin("run", 2);
  EXPECT_FALSE(slow.over || quick.over);
  finish();
  EXPECT_EQ(progress_, Progress::ended);
  EXPECT_EQ(slow.result, 30u);
  EXPECT_EQ(quick.result, 2u);
  EXPECT_TRUE(slow.over && quick.over);
  EXPECT_EQ(begin("run", 1).result, std::nullopt);
  finish();
  EXPECT_EQ(calls_.back().result, 1u) << "the instance serves on";
}

TEST_F(Calls, CountForTheirOwnShare) {
  Call& first = begin("run", 60);
  Call& second = begin("run", 1);
  EXPECT_EQ(instance_->scheduler().ran_for(), &second.share);
  finish();
  EXPECT_EQ(first.share.account.host_calls, 1u);
  EXPECT_EQ(second.share.account.host_calls, 1u);
  EXPECT_EQ(context_.own_share().account.host_calls, 0u);
  EXPECT_EQ(instance_->scheduler().ran_for(), &first.share) << "which ended last";
}

TEST_F(Calls, OneThatAnotherResumesCountsForItsOwnShareMeanwhile) {
  Call& parked = begin("park");
  context_.goes_on(std::chrono::steady_clock::now());
  const std::uint64_t before = parked.share.account.cpu_nanoseconds;
  Call& woke = begin("wake");
  EXPECT_EQ(parked.result, 2u) << "it went on within the other one's turn";
  EXPECT_EQ(instance_->scheduler().ran_for(), &woke.share) << "whose turn it is again";
  EXPECT_GE(std::chrono::nanoseconds(parked.share.account.cpu_nanoseconds - before), work_time);
  EXPECT_EQ(parked.share.account.host_calls, 1u);
  finish();
  EXPECT_EQ(woke.result, 3u);
  EXPECT_EQ(progress_, Progress::ended);
}

TEST_F(Calls, OneThatIsToldToEndEndsAndTheOthersGoOn) {
  Call& told = begin("run", 10'000);
  Call& other = begin("run", 5);
  instance_->cancel(told.share);
  EXPECT_FALSE(told.over) << "nothing runs within it";
  wake();
  finish();
  EXPECT_EQ(progress_, Progress::ended);
  EXPECT_TRUE(told.over);
  EXPECT_EQ(told.result, std::nullopt);
  EXPECT_EQ(cancelled, 1);
  EXPECT_EQ(other.result, 5u);
}

TEST_F(Calls, AComponentThatKeepsOthersWaitingTakesNone) {
  EXPECT_TRUE(instance_->takes_call(find("run")));
  begin("press");
  EXPECT_EQ(progress_, Progress::ended);
  EXPECT_FALSE(instance_->takes_call(find("run")));
  Call& waits = begin("run", 1);
  EXPECT_EQ(progress_, Progress::stuck) << "nobody is left who could end it";
  instance_->cancel(waits.share);
  go_on();
  EXPECT_TRUE(waits.over);
  EXPECT_EQ(waits.share.account.host_calls, 0u) << "it was never entered";
}

}  // namespace
}  // namespace weft::bind
