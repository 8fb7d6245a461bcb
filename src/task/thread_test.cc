#include "task/thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "abi/trap.h"
#include "task/task.h"
#include "task/testing/fake_stacks.h"

namespace weft::task {
namespace {

using ::testing::ElementsAre;

class Flag final : public Condition {
 public:
  bool holds() const override { return set; }
  bool set = false;
};

class SchedulerTest : public ::testing::Test {
 protected:
  // A thread of a task that does `body` and says so.
  struct Worker {
    Worker(SchedulerTest& test, std::string named, TaskKind kind, std::function<void(Worker&)> work)
        : owner(test),
          name(std::move(named)),
          task(test.scheduler, test.instance, kind, nullptr),
          body(std::move(work)) {
      test.scheduler.prepare(
          task.implicit_thread,
          [](void* env) {
            auto& self = *static_cast<Worker*>(env);
            self.body(self);
            self.say("end");
          },
          this);
    }
    ~Worker() { task.implicit_thread.drop_stack(); }
    void say(const std::string& what) { owner.said.push_back(name + " " + what); }
    Thread& thread() { return task.implicit_thread; }

    SchedulerTest& owner;
    std::string name;
    Task task;
    std::function<void(Worker&)> body;
  };

  void run_all() {
    while (scheduler.tick()) {
    }
  }

  testing::FakeStacks stacks;
  Scheduler scheduler{stacks};
  abi::HandleBudget budget;
  ComponentInstance instance{budget, abi::InstanceIndex{0}, std::span<const abi::InstanceIndex>(), nullptr};
  std::vector<std::string> said;
};

TEST_F(SchedulerTest, AThreadRunsUntilItBlocksAndGoesOnWhenWhatItWaitsForHolds) {
  Flag flag;
  Worker a(*this, "a", {.async_type = true}, [&](Worker& self) {
    self.say("begin");
    scheduler.wait_until(flag, false);
  });
  scheduler.resume(a.thread());
  EXPECT_EQ(scheduler.current(), nullptr);
  EXPECT_THAT(said, ElementsAre("a begin"));
  EXPECT_FALSE(scheduler.tick()) << "nothing is ready";
  flag.set = true;
  EXPECT_TRUE(scheduler.tick());
  EXPECT_THAT(said, ElementsAre("a begin", "a end"));
  EXPECT_TRUE(instance.may_enter) << "what was entered has been left";
}

TEST_F(SchedulerTest, WhoeverResumesAThreadGoesOnWhenItBlocks) {
  Worker b(*this, "b", {.async_type = true}, [&](Worker& self) {
    self.say("begin");
    scheduler.yield(false);
  });
  Worker a(*this, "a", {.async_type = true}, [&](Worker& self) {
    scheduler.resume(b.thread());
    EXPECT_EQ(scheduler.current(), &self.thread());
    self.say("after b");
  });
  scheduler.resume(a.thread());
  EXPECT_THAT(said, ElementsAre("b begin", "a after b", "a end"));
  run_all();
  EXPECT_THAT(said, ElementsAre("b begin", "a after b", "a end", "b end"));
}

TEST_F(SchedulerTest, ASwitchGoesToTheOtherThreadAndBackToWhoResumed) {
  Worker b(*this, "b", {.async_type = true}, [&](Worker&) {});
  Worker a(*this, "a", {.async_type = true}, [&](Worker& self) {
    scheduler.yield(false, &b.thread());
    self.say("again");
  });
  scheduler.resume(a.thread());
  EXPECT_THAT(said, ElementsAre("b end"));
  run_all();
  EXPECT_THAT(said, ElementsAre("b end", "a again", "a end"));
}

TEST_F(SchedulerTest, ASuspendedThreadWaitsUntilItIsResumedByName) {
  Worker a(*this, "a", {.async_type = true}, [&](Worker&) { scheduler.suspend(false); });
  scheduler.resume(a.thread());
  EXPECT_TRUE(a.thread().suspended());
  EXPECT_FALSE(scheduler.tick());
  scheduler.resume_later(a.thread());
  EXPECT_TRUE(scheduler.tick());
  EXPECT_THAT(said, ElementsAre("a end"));
}

TEST_F(SchedulerTest, OnlyAReadyThreadIsPromoted) {
  Flag flag;
  Worker a(*this, "a", {.async_type = true}, [&](Worker&) { scheduler.wait_until(flag, false); });
  scheduler.resume(a.thread());
  EXPECT_FALSE(scheduler.promote(a.thread()));
  flag.set = true;
  EXPECT_TRUE(scheduler.promote(a.thread()));
  EXPECT_FALSE(scheduler.tick()) << "it does not wait any more";
}

TEST_F(SchedulerTest, ASynchronousTaskThatBlocksRunsThreadsOfItsInstanceAlone) {
  ComponentInstance other(budget, abi::InstanceIndex{1}, {}, nullptr);
  Flag flag;
  Worker mine(*this, "mine", {.async_type = true, .async_lift = true}, [&](Worker&) {
    scheduler.yield(false);
    flag.set = true;
  });
  struct Foreign {
    Foreign(Scheduler& on, ComponentInstance& at) : task(on, at, {.async_type = true}, nullptr) {}
    Task task;
  } foreign(scheduler, other);
  scheduler.prepare(
      foreign.task.implicit_thread, [](void*) { ADD_FAILURE() << "a thread of another instance ran"; }, nullptr);
  scheduler.resume_later(foreign.task.implicit_thread);
  scheduler.resume(mine.thread());

  Task sync(scheduler, instance, {}, nullptr);
  {
    const Scheduler::Inline here(scheduler, sync.implicit_thread);
    scheduler.wait_until(flag, false);
    EXPECT_EQ(scheduler.current(), &sync.implicit_thread);
    EXPECT_THAT(said, ElementsAre("mine end"));
    flag.set = false;
    EXPECT_THROW(scheduler.wait_until(flag, false), abi::Trap) << "nobody of the instance can make it true";
  }
  foreign.task.implicit_thread.drop_stack();
}

TEST_F(SchedulerTest, AThreadCanSwitchToTheSynchronousOneThatWaitsBelowIt) {
  Task sync(scheduler, instance, {}, nullptr);
  Worker a(*this, "a", {.async_type = true, .async_lift = true}, [&](Worker& self) {
    scheduler.yield(false);
    self.say("switches");
    scheduler.suspend(false, &sync.implicit_thread);
  });
  scheduler.resume(a.thread());
  const Scheduler::Inline here(scheduler, sync.implicit_thread);
  scheduler.suspend(false);
  EXPECT_THAT(said, ElementsAre("a switches"));
  EXPECT_TRUE(a.thread().suspended());
}

TEST_F(SchedulerTest, ATrapEndsWhoeverResumedTheThread) {
  Worker b(*this, "b", {.async_type = true}, [](Worker&) { throw abi::Trap("b fails"); });
  Worker a(*this, "a", {.async_type = true}, [&](Worker& self) {
    scheduler.resume(b.thread());
    self.say("never");
  });
  scheduler.resume_later(a.thread());
  EXPECT_THROW(scheduler.tick(), abi::Trap);
  EXPECT_TRUE(said.empty());
  EXPECT_FALSE(instance.may_enter) << "nobody enters it again";
}

TEST_F(SchedulerTest, EverySeedRunsEveryReadyThread) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    said.clear();
    scheduler.set_seed(seed);
    std::vector<std::unique_ptr<Worker>> workers;
    for (const char* name : {"a", "b", "c", "d"}) {
      workers.push_back(std::make_unique<Worker>(*this, name, TaskKind{.async_type = true}, [&](Worker&) {
        for (int i = 0; i < 3; ++i) scheduler.yield(false);
      }));
      scheduler.resume_later(workers.back()->thread());
    }
    run_all();
    EXPECT_THAT(said, ::testing::UnorderedElementsAre("a end", "b end", "c end", "d end"));
  }
}

TEST_F(SchedulerTest, ATaskWaitsWhileAnotherMustBeAlone) {
  Flag flag;
  Worker a(*this, "a", {.async_type = true, .async_lift = true, .callback = true}, [&](Worker& self) {
    ASSERT_TRUE(self.task.enter_implicit_thread());
    self.say("is alone");
    scheduler.wait_until(flag, false);
    self.task.exit_implicit_thread();
  });
  const auto enter_and_exit = [](Worker& self) {
    ASSERT_TRUE(self.task.enter_implicit_thread());
    self.task.exit_implicit_thread();
  };
  Worker b(*this, "b", {.async_type = true}, enter_and_exit);
  scheduler.resume(a.thread());
  scheduler.resume(b.thread());
  EXPECT_EQ(instance.num_waiting_to_enter, 1u);
  EXPECT_THAT(said, ElementsAre("a is alone"));
  flag.set = true;
  run_all();
  EXPECT_THAT(said, ElementsAre("a is alone", "a end", "b end"));
  EXPECT_EQ(instance.exclusive_thread, nullptr);
}

TEST_F(SchedulerTest, WhoIsAloneAndCanGoOnDoesSoBeforeAnotherWaitsForIt) {
  Worker a(*this, "a", {.async_type = true}, [&](Worker& self) {
    ASSERT_TRUE(self.task.enter_implicit_thread());
    scheduler.yield(false);
    self.task.exit_implicit_thread();
  });
  Worker b(*this, "b", {.async_type = true}, [&](Worker& self) {
    ASSERT_TRUE(self.task.enter_implicit_thread());
    self.task.exit_implicit_thread();
  });
  scheduler.resume(a.thread());
  scheduler.resume(b.thread());
  EXPECT_THAT(said, ElementsAre("a end", "b end"));
}

TEST_F(SchedulerTest, ATaskThatHasNotStartedIsCancelledAtOnce) {
  instance.backpressure = 1;
  Worker a(*this, "a", {.async_type = true},
           [&](Worker& self) { self.say(self.task.enter_implicit_thread() ? "entered" : "was cancelled"); });
  scheduler.resume(a.thread());
  EXPECT_TRUE(said.empty());
  a.task.request_cancellation(nullptr);
  EXPECT_THAT(said, ElementsAre("a was cancelled", "a end"));
  EXPECT_TRUE(a.task.resolved());
  EXPECT_EQ(instance.num_waiting_to_enter, 0u);
}

TEST_F(SchedulerTest, ATaskThatTheHostCancelsIsToldInItsTurn) {
  instance.backpressure = 1;
  Worker a(*this, "a", {.async_type = true},
           [&](Worker& self) { self.say(self.task.enter_implicit_thread() ? "entered" : "was cancelled"); });
  scheduler.resume(a.thread());
  a.task.request_cancellation_later();
  EXPECT_TRUE(said.empty()) << "nothing runs within the request";
  a.task.request_cancellation_later();
  run_all();
  EXPECT_THAT(said, ElementsAre("a was cancelled", "a end"));
  EXPECT_EQ(instance.num_waiting_to_enter, 0u);
  a.task.request_cancellation_later();
  EXPECT_TRUE(a.task.resolved());
}

TEST_F(SchedulerTest, ATaskOfATaskHasTheOriginOfThatOne) {
  const int origin = 0;
  const void* inner = nullptr;
  Worker a(*this, "a", {.async_type = true}, [&](Worker&) {
    const Task called(scheduler, instance, {}, nullptr);
    inner = called.origin;
    scheduler.yield(false);
  });
  EXPECT_EQ(a.task.origin, nullptr);
  a.task.origin = &origin;
  scheduler.resume(a.thread());
  EXPECT_EQ(inner, &origin);
  EXPECT_TRUE(scheduler.tick());
  EXPECT_EQ(scheduler.ran_for(), &origin);
  scheduler.forget_origins();
  EXPECT_FALSE(scheduler.tick());
  EXPECT_EQ(scheduler.ran_for(), nullptr);
}

TEST_F(SchedulerTest, WhoseThreadRunsIsKnownAlsoWithinAnothersTurn) {
  const int one = 0, other = 0;
  const void* within = nullptr;
  const void* after = nullptr;
  Worker b(*this, "b", {.async_type = true}, [&](Worker&) { within = scheduler.ran_for(); });
  b.task.origin = &other;
  Worker a(*this, "a", {.async_type = true}, [&](Worker&) {
    scheduler.resume(b.thread());
    after = scheduler.ran_for();
  });
  a.task.origin = &one;
  scheduler.resume(a.thread());
  EXPECT_EQ(within, &other);
  EXPECT_EQ(after, &one);
}

}  // namespace
}  // namespace weft::task
