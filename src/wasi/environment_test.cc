// wasi:cli/environment, wasi:cli/exit and wasi:random.
#include <gmock/gmock.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <functional>

#include "wasi/testing/guest.h"

namespace weft::wasi {
namespace {

using testing::guest;
using ::testing::HasSubstr;
using testing::Import;

const std::vector<Import> asking = {
    {"environment", "$environment \"get-environment\"", "(param i32)"},
    {"arguments", "$environment \"get-arguments\"", "(param i32)"},
    {"cwd", "$environment \"initial-cwd\"", "(param i32)"},
    {"exit", "$exit \"exit\"", "(param i32)"},
    {"exit-with-code", "$exit \"exit-with-code\"", "(param i32)"},
    {"bytes", "$random \"get-random-bytes\"", "(param i64 i32)"},
    {"u64", "$random \"get-random-u64\"", "(result i64)"},
    {"seed", "$seed \"insecure-seed\"", "(param i32)"},
    {"out", "$stdout \"get-stdout\"", "(result i32)"},
    {"say", "$streams \"[method]output-stream.blocking-write-and-flush\"", "(param i32 i32 i32 i32)"},
};

// Counts up, so that it can be told what was filled in which order.
class Counting final : public host::Randomness {
 public:
  void fill(std::span<std::byte> out) override {
    if (on_fill) on_fill();
    largest = std::max(largest, out.size());
    for (std::byte& byte : out) byte = std::byte{++last};
  }
  std::uint8_t last = 0;
  std::size_t largest = 0;
  std::function<void()> on_fill;
};

class Environment : public testing::GuestTest {
 protected:
  auto run_with(std::string_view body) {
    return run(guest(asking, "(func (export \"run\") (result i32) (local $a i32) " + std::string(body) + ")"));
  }
};

TEST_F(Environment, IsEmptyUnlessGiven) {
  EXPECT_EQ(run_with("(call $environment (i32.const 64)) (i32.load (i32.const 68))"), 0u);
  EXPECT_EQ(run_with("(call $arguments (i32.const 64)) (i32.load (i32.const 68))"), 0u);
  EXPECT_EQ(run_with("(call $cwd (i32.const 64)) (i32.load8_u (i32.const 64))"), 0u);
}

TEST_F(Environment, IsWhatTheComponentWasGivenInItsOrder) {
  setup_.environment = {{"A", "one"}, {"B", ""}};
  setup_.arguments = {"program", "x"};
  EXPECT_EQ(run_with("(call $environment (i32.const 64)) (i32.load (i32.const 68))"), 2u);
  // The value of the first entry, written to standard output.
  EXPECT_TRUE(
      run_with("(call $environment (i32.const 64)) (local.set $a (i32.load (i32.const 64)))"
               "(call $say (call $out) (i32.load (i32.add (local.get $a) (i32.const 8)))"
               " (i32.load (i32.add (local.get $a) (i32.const 12))) (i32.const 128)) (i32.const 0)"));
  EXPECT_THAT(lines_.seen, ::testing::ElementsAre("one"));
  EXPECT_EQ(run_with("(call $arguments (i32.const 64)) (i32.load (i32.const 68))"), 2u);
}

TEST_F(Environment, ExitEndsTheInstanceWithItsStatus) {
  EXPECT_EQ(run_with("(call $exit (i32.const 0)) (i32.const 7)").error(), "the component exited with status 0");
  EXPECT_EQ(run_with("(call $exit (i32.const 1)) (i32.const 7)").error(), "the component exited with status 1");
  EXPECT_EQ(run_with("(call $exit-with-code (i32.const 42)) (i32.const 7)").error(),
            "the component exited with status 42");
  EXPECT_FALSE(run_with("(call $exit (i32.const 2)) (i32.const 7)")) << "no such case";
}

TEST_F(Environment, RandomnessIsTheInjectedOneAndAsLongAsAskedFor) {
  Counting counting;
  context_.randomness = &counting;
  EXPECT_EQ(run_with("(i32.wrap_i64 (call $u64))"), 0x04030201u);
  EXPECT_EQ(run_with("(call $bytes (i64.const 3) (i32.const 64)) "
                     "(i32.add (i32.mul (i32.const 1000) (i32.load (i32.const 68)))"
                     " (i32.load8_u (i32.load (i32.const 64))))"),
            3009u);
  EXPECT_EQ(run_with("(call $bytes (i64.const 0) (i32.const 64)) (i32.load (i32.const 68))"), 0u);
  EXPECT_EQ(run_with("(call $seed (i32.const 64)) (i32.wrap_i64 (i64.load (i32.const 72)))"), 0x17161514u + 0u);
  EXPECT_EQ(run_with("(call $seed (i32.const 64)) (call $seed (i32.const 128)) "
                     "(i64.eq (i64.load (i32.const 64)) (i64.load (i32.const 128)))"),
            1u)
      << "a seed is there once";
}

TEST_F(Environment, OthersRunWhileMuchRandomnessIsMade) {
  Counting counting;
  int turns = 0;
  counting.on_fill = [&] { boost::asio::post(loop_, [&] { ++turns; }); };
  context_.randomness = &counting;
  EXPECT_EQ(run_with("(call $bytes (i64.const 1000000) (i32.const 64)) (i32.load (i32.const 68))"), 1'000'000u);
  EXPECT_EQ(turns, 3) << "after each piece but the last";
  EXPECT_LE(counting.largest, std::size_t{256} << 10);
}

TEST_F(Environment, MoreRandomnessThanAnybodyNeedsIsATrap) {
  for (const char* length : {"67108865", "-1"}) {
    EXPECT_THAT(run_with("(call $bytes (i64.const " + std::string(length) + ") (i32.const 64)) (i32.const 0)").error(),
                HasSubstr("more than 64 MiB of random bytes"));
  }
}

}  // namespace
}  // namespace weft::wasi
