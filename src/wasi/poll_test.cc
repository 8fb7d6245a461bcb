// wasi:io/poll and wasi:clocks, as guests use and misuse them.
#include <gmock/gmock.h>

#include <chrono>

#include "wasi/testing/guest.h"

namespace weft::wasi {
namespace {

using testing::guest;
using ::testing::HasSubstr;
using testing::Import;

const std::vector<Import> polling = {
    {"duration", "$clock \"subscribe-duration\"", "(param i64) (result i32)"},
    {"instant", "$clock \"subscribe-instant\"", "(param i64) (result i32)"},
    {"now", "$clock \"now\"", "(result i64)"},
    {"poll", "$poll \"poll\"", "(param i32 i32 i32)"},
    {"ready", "$poll \"[method]pollable.ready\"", "(param i32) (result i32)"},
    {"block", "$poll \"[method]pollable.block\"", "(param i32)"},
    {"drop", "drop $pollable", "(param i32)"},
};

constexpr std::string_view millisecond = "(i64.const 1000000)";

class Poll : public testing::GuestTest {
 protected:
  // `run` polls handles stored at address 0 and answers 10 * number + sum of the indices it gets.
  std::expected<std::uint32_t, std::string> poll(std::string_view store, std::string_view count) {
    return run(guest(polling, std::string(R"((func (export "run") (result i32)
      (local $i i32) (local $at i32) (local $left i32) (local $sum i32)
      )") + std::string(store) + "(call $poll (i32.const 0) " +
                                  std::string(count) + R"( (i32.const 60000))
      (local.set $at (i32.load (i32.const 60000)))
      (local.set $left (i32.load (i32.const 60004)))
      (block $end (loop $next
        (br_if $end (i32.eqz (local.get $left)))
        (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $next)))
      (i32.add (local.get $sum) (i32.mul (i32.const 10) (i32.load (i32.const 60004))))))"));
  }
};

std::string duration(std::string_view nanoseconds) {
  return "(call $duration " + std::string(nanoseconds) + ")";
}
std::string at(int index, std::string_view value) {
  return "(i32.store (i32.const " + std::to_string(4 * index) + ") " + std::string(value) + ")";
}

TEST_F(Poll, TheReadyOnesAreNamedByIndex) {
  EXPECT_EQ(poll(at(0, duration("(i64.const 3600000000000)")) + at(1, duration("(i64.const 0)")), "(i32.const 2)"),
            11u);
  EXPECT_EQ(poll(at(0, duration("(i64.const 0)")) + at(1, duration("(i64.const 0)")), "(i32.const 2)"), 21u);
}

TEST_F(Poll, WaitsForTheFirst) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(poll(at(0, duration("(i64.const 3600000000000)")) + at(1, duration(millisecond)), "(i32.const 2)"), 11u);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1));
}

TEST_F(Poll, OnePollableMayBeGivenTwice) {
  EXPECT_EQ(poll(at(0, duration(millisecond)) + at(1, "(i32.load (i32.const 0))"), "(i32.const 2)"), 21u);
}

TEST_F(Poll, AnEmptyListIsATrap) {
  EXPECT_THAT(poll("", "(i32.const 0)").error(), HasSubstr("poll of an empty list"));
}

constexpr std::string_view fill = R"((local.set $at (call $duration (i64.const 1000000)))
  (loop $more
    (i32.store (i32.mul (local.get $i) (i32.const 4)) (local.get $at))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $more (i32.lt_u (local.get $i) (i32.const 10001)))))";

TEST_F(Poll, TenThousandPollablesAreFineAndMoreATrap) {
  // 0 + 1 + ... + 9999, and ten times the number.
  EXPECT_EQ(poll(fill, "(i32.const 10000)"), 49'995'000u + 100'000u);
  EXPECT_THAT(poll(fill, "(i32.const 10001)").error(), HasSubstr("poll of more than 10000 pollables"));
}

TEST_F(Poll, VeryLongTimersAreNotReadyAndDoNotOverflow) {
  EXPECT_EQ(poll(at(0, "(call $instant (i64.const -1))") + at(1, duration("(i64.const -1)")) +
                     at(2, duration("(i64.const 0x7fffffffffffffff)")) + at(3, duration(millisecond)),
                 "(i32.const 4)"),
            13u);
}

TEST_F(Poll, AnInstantThatIsOverIsReadyAtOnce) {
  EXPECT_EQ(run(guest(polling, R"((func (export "run") (result i32)
    (call $ready (call $instant (i64.sub (call $now) (i64.const 1))))))")),
            1u);
  EXPECT_EQ(run(guest(polling, R"((func (export "run") (result i32)
    (call $ready (call $duration (i64.const 3600000000000)))))")),
            0u);
}

TEST_F(Poll, APollableDroppedWhileItsTimerEndsIsForgotten) {
  // Both timers end in one turn of the loop; the guest runs on after the first and drops both.
  EXPECT_EQ(run(guest(polling, R"((func (export "run") (result i32)
    (local $a i32) (local $b i32) (local $when i64)
    (local.set $when (i64.add (call $now) (i64.const 2000000)))
    (local.set $a (call $instant (local.get $when)))
    (local.set $b (call $instant (local.get $when)))
    (i32.store (i32.const 0) (local.get $a))
    (i32.store (i32.const 4) (local.get $b))
    (call $poll (i32.const 0) (i32.const 2) (i32.const 60000))
    (call $drop (local.get $a))
    (call $drop (local.get $b))
    (call $block (call $duration (i64.const 3000000)))
    (i32.load (i32.const 60004))))")),
            2u);
}

TEST_F(Poll, AHandleThatWasDroppedIsATrap) {
  EXPECT_FALSE(run(guest(polling, R"((func (export "run") (result i32) (local $a i32)
    (local.set $a (call $duration (i64.const 0)))
    (call $drop (local.get $a))
    (call $ready (local.get $a))))")));
}

// Moves on by an hour whenever the loop runs.
class LeapingClocks final : public host::Clocks {
 public:
  std::uint64_t monotonic_now() override { return now; }
  std::uint64_t wall_now() override { return 1'700'000'000'000'000'007; }
  std::uint64_t now = 5;
};

TEST_F(Poll, ClocksAreTheInjectedOnes) {
  LeapingClocks clocks;
  context_.clocks = &clocks;
  EXPECT_EQ(run(guest(polling, R"((func (export "run") (result i32) (i32.wrap_i64 (call $now))))")), 5u);
  const std::vector<Import> wall = {{"wall", "$wall \"now\"", "(param i32)"}};
  EXPECT_EQ(run(guest(wall, R"((func (export "run") (result i32)
    (call $wall (i32.const 64))
    (i32.add (i32.load (i32.const 72)) (i32.wrap_i64 (i64.rem_u (i64.load (i32.const 64)) (i64.const 1000))))))")),
            7u);
}

TEST_F(Poll, ATimerThatEndsBeforeItsClockIsLookedAtAgain) {
  // The system's timer ends after a millisecond; the guest's clock takes two of them to get there.
  class SlowClocks final : public host::Clocks {
   public:
    std::uint64_t monotonic_now() override { return ++looked < 12 ? 0 : 1'000'000; }
    std::uint64_t wall_now() override { return 0; }
    int looked = 0;
  } clocks;
  context_.clocks = &clocks;
  EXPECT_EQ(run(guest(polling, R"((func (export "run") (result i32)
    (call $block (call $instant (i64.const 1000000))) (i32.const 1)))")),
            1u);
  EXPECT_GE(clocks.looked, 12);
}

}  // namespace
}  // namespace weft::wasi
