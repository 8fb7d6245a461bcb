// Asynchronous host functions, streams and futures as guests meet them: components as text, on a real loop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bind/await.h"
#include "bind/ends.h"
#include "bind/items.h"
#include "bind/registry.h"
#include "component/test_guest.h"

namespace weft::bind {
namespace {

using component::test::Guest;
using testing::HasSubstr;

// What the host functions below did, for the test that runs.
struct Seen {
  int begun = 0;
  int ended = 0;
  int cancelled = 0;
  std::string written;
  std::optional<task::LetGo> how;
};
Seen seen;

struct Thing : host::Resource {
  static constexpr const char* resource_name = "thing";
};

// Counts, however the coroutine that has it ends.
struct Count {
  Count() { ++seen.begun; }
  ~Count() { done ? ++seen.ended : ++seen.cancelled; }
  bool done = false;
};

awaitable<void> turn(Loop& loop) {
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    Executor>
      timer(loop, std::chrono::milliseconds(1));
  co_await timer.async_wait(use_awaitable);
}

awaitable<std::uint32_t> add_later(Loop& loop, std::uint32_t a, std::uint32_t b) {
  Count count;
  co_await turn(loop);
  count.done = true;
  co_return a + b;
}

Eventual<std::uint32_t> add(Host host, std::uint32_t a, std::uint32_t b) {
  if (a == 0) return b;
  return add_later(host.context().loop(), a, b);
}

awaitable<std::string> greet_later(Loop& loop, std::string name) {
  co_await turn(loop);
  co_return "hello " + name;
}
Eventual<std::string> greet(Host host, std::string name) {
  return greet_later(host.context().loop(), std::move(name));
}

// A coroutine that does not wait.
awaitable<std::uint32_t> at_once() {
  co_return 7;
}
Eventual<std::uint32_t> seven(Host) {
  return at_once();
}

awaitable<void> fail_later(Loop& loop) {
  co_await turn(loop);
  throw abi::Trap("on purpose");
}
Eventual<void> fail(Host host) {
  return fail_later(host.context().loop());
}

Own<Thing> make(Host) {
  return std::make_unique<Thing>();
}
Eventual<std::uint32_t> use(Host host, Borrow<Thing>) {
  return add_later(host.context().loop(), 1, 1);
}

std::uint32_t plain(Host, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d, std::uint32_t e) {
  return a + b + c + d + e;
}

constexpr std::string_view host_instance = R"(
  (import "test:it/host@1.0.0" (instance $host
    (export "thing" (type $thing (sub resource)))
    (export "add" (func async (param "a" u32) (param "b" u32) (result u32)))
    (export "greet" (func async (param "name" string) (result string)))
    (export "seven" (func async (result u32)))
    (export "fail" (func async))
    (export "make" (func (result (own $thing))))
    (export "use" (func async (param "thing" (borrow $thing)) (result u32)))
    (export "plain" (func async (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (param "e" u32)
      (result u32)))
    (export "things" (func (result (stream (own $thing)))))
    (export "numbers" (func (result (stream u8))))
    (export "take" (func (param "bytes" (stream u8))))
    (export "later" (func (result (future string))))
    (export "tell" (func (param "what" (future u32))))
    (export "bytes-back" (func (param "bytes" (stream u8)) (result (stream u8))))))
  (alias export $host "thing" (type $thing))
  (type $bytes (stream u8))
  (type $thing-stream (stream (own $thing)))
  (type $text (future string))
  (type $number (future u32))
  (core module $heap
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 8192))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3)))))
  (core instance $heap (instantiate $heap))
  (alias core export $heap "memory" (core memory $memory))
  (alias core export $heap "realloc" (core func $realloc))
  (core func $add (canon lower (func $host "add")))
  (core func $add-async (canon lower (func $host "add") async (memory $memory)))
  (core func $greet-async
    (canon lower (func $host "greet") async (memory $memory) (realloc $realloc)))
  (core func $seven-async (canon lower (func $host "seven") async (memory $memory)))
  (core func $fail (canon lower (func $host "fail")))
  (core func $fail-async (canon lower (func $host "fail") async))
  (core func $make (canon lower (func $host "make")))
  (core func $use-async (canon lower (func $host "use") async (memory $memory)))
  (core func $drop-thing (canon resource.drop $thing))
  (core func $plain-async (canon lower (func $host "plain") async (memory $memory)))
  (core func $things (canon lower (func $host "things")))
  (core func $things-read-sync (canon stream.read $thing-stream (memory $memory)))
  (core func $numbers (canon lower (func $host "numbers")))
  (core func $take (canon lower (func $host "take")))
  (core func $later (canon lower (func $host "later")))
  (core func $tell (canon lower (func $host "tell")))
  (core func $bytes-back (canon lower (func $host "bytes-back")))
  (core func $set-new (canon waitable-set.new))
  (core func $wait (canon waitable-set.wait (memory $memory)))
  (core func $join (canon waitable.join))
  (core func $subtask-cancel (canon subtask.cancel))
  (core func $subtask-drop (canon subtask.drop))
  (core func $stream-new (canon stream.new $bytes))
  (core func $stream-read (canon stream.read $bytes async (memory $memory)))
  (core func $stream-read-sync (canon stream.read $bytes (memory $memory)))
  (core func $stream-write (canon stream.write $bytes async (memory $memory)))
  (core func $stream-write-sync (canon stream.write $bytes (memory $memory)))
  (core func $stream-cancel-read (canon stream.cancel-read $bytes))
  (core func $stream-drop-readable (canon stream.drop-readable $bytes))
  (core func $stream-drop-writable (canon stream.drop-writable $bytes))
  (core func $text-read-sync (canon future.read $text (memory $memory) (realloc $realloc)))
  (core func $number-new (canon future.new $number))
  (core func $number-read-sync (canon future.read $number (memory $memory)))
  (core func $number-write-sync (canon future.write $number (memory $memory)))
)";

// All of them, as imports of the core module and as what it is given.
constexpr std::pair<std::string_view, std::string_view> functions[] = {
    {"add", "(param i32 i32) (result i32)"},
    {"add-async", "(param i32 i32 i32) (result i32)"},
    {"greet-async", "(param i32 i32 i32) (result i32)"},
    {"seven-async", "(param i32) (result i32)"},
    {"fail", ""},
    {"fail-async", "(result i32)"},
    {"make", "(result i32)"},
    {"use-async", "(param i32 i32) (result i32)"},
    {"drop-thing", "(param i32)"},
    {"plain-async", "(param i32 i32) (result i32)"},
    {"things", "(result i32)"},
    {"things-read-sync", "(param i32 i32 i32) (result i32)"},
    {"numbers", "(result i32)"},
    {"take", "(param i32)"},
    {"later", "(result i32)"},
    {"tell", "(param i32)"},
    {"bytes-back", "(param i32) (result i32)"},
    {"set-new", "(result i32)"},
    {"wait", "(param i32 i32) (result i32)"},
    {"join", "(param i32 i32)"},
    {"subtask-cancel", "(param i32) (result i32)"},
    {"subtask-drop", "(param i32)"},
    {"stream-new", "(result i64)"},
    {"stream-read", "(param i32 i32 i32) (result i32)"},
    {"stream-read-sync", "(param i32 i32 i32) (result i32)"},
    {"stream-write", "(param i32 i32 i32) (result i32)"},
    {"stream-write-sync", "(param i32 i32 i32) (result i32)"},
    {"stream-cancel-read", "(param i32) (result i32)"},
    {"stream-drop-readable", "(param i32)"},
    {"stream-drop-writable", "(param i32)"},
    {"text-read-sync", "(param i32 i32) (result i32)"},
    {"number-new", "(result i64)"},
    {"number-read-sync", "(param i32 i32) (result i32)"},
    {"number-write-sync", "(param i32 i32) (result i32)"},
};

// A component whose export `run` is `body`, which leaves an i32.
std::string component_of(std::string_view body) {
  std::string imports, given;
  for (const auto& [name, type] : functions) {
    imports.append("(import \"\" \"")
        .append(name)
        .append("\" (func $")
        .append(name)
        .append(" ")
        .append(type)
        .append("))\n");
    given.append("(export \"").append(name).append("\" (func $").append(name).append("))\n");
  }
  return "(component" + std::string(host_instance) + "(core module $main\n" + imports +
         R"((import "" "memory" (memory 1))
    (global $sum (mut i32) (i32.const 0))
    ;; What happened to a subtask or an end: waits for it alone and answers the event's payload, at 4.
    (func $payload-of (param $waitable i32) (result i32)
      (local $set i32)
      (local.set $set (call $set-new))
      (call $join (local.get $waitable) (local.get $set))
      (drop (call $wait (local.get $set) (i32.const 0)))
      (call $join (local.get $waitable) (i32.const 0))
      (i32.load (i32.const 4)))
    (func (export "run") (result i32) (local $i i32) (local $j i32) (local $k i64)
)" + std::string(body) +
         "))\n(core instance $main (instantiate $main (with \"\" (instance\n" + given +
         "(export \"memory\" (memory $memory))))))\n"
         "(func (export \"run\") async (result u32) (canon lift (core func $main \"run\"))))";
}

// Four bytes, two at a time, each after a turn of the loop.
class Numbers final : public ByteSource {
 public:
  explicit Numbers(Loop& loop) : loop_(loop) { more(); }
  std::string_view front() const override { return there_; }
  bool ended() const override { return given_ == 4; }
  void consume(std::size_t bytes) override {
    there_.erase(0, bytes);
    if (there_.empty() && !ended()) more();
  }
  void cancel() override { seen.how = task::LetGo::dropped; }

 private:
  void more() {
    boost::asio::post(loop_, [self = boost::intrusive_ptr<Numbers>(this)] {
      for (int i = 0; i < 2; ++i) self->there_.push_back(static_cast<char>(++self->given_));
      self->changed();
    });
  }
  Loop& loop_;
  std::string there_;
  int given_ = 0;
};

// Takes three bytes at a time, and rests for a turn of the loop.
class Taker final : public ByteSink {
 public:
  explicit Taker(Loop& loop) : loop_(loop) {}
  std::size_t room() const override { return room_; }
  bool closed() const override { return seen.written.size() >= 9; }
  void write(std::string_view bytes) override {
    seen.written += bytes;
    room_ -= bytes.size();
    if (room_ > 0) return;
    boost::asio::post(loop_, [self = boost::intrusive_ptr<Taker>(this)] {
      self->room_ = 3;
      self->changed();
    });
  }
  void end(task::LetGo how) override { seen.how = how; }

 private:
  Loop& loop_;
  std::size_t room_ = 3;
};

// Three things, the last after a turn of the loop.
class Things final : public ItemSource<Own<Thing>> {
 public:
  explicit Things(Loop& loop) : loop_(loop) {}
  bool ready() const override { return given_ != 2; }
  std::optional<Own<Thing>> next() override {
    if (late_ != nullptr) return std::move(late_);
    if (given_ == 3) return std::nullopt;
    if (++given_ == 2) {
      boost::asio::post(loop_, [self = boost::intrusive_ptr<Things>(this)] {
        ++self->given_;
        self->late_ = std::make_unique<Thing>();
        self->changed();
      });
    }
    return std::make_unique<Thing>();
  }
  void cancel() override { seen.how = task::LetGo::dropped; }

 private:
  Loop& loop_;
  int given_ = 0;
  Own<Thing> late_;
};

Stream<Own<Thing>> things(Host host) {
  return Stream<Own<Thing>>(ItemSource<Own<Thing>>::Ref(new Things(host.context().loop())));
}
Stream<std::uint8_t> numbers(Host host) {
  return Stream<std::uint8_t>(ByteSource::Ref(new Numbers(host.context().loop())));
}
void take(Host host, Stream<std::uint8_t> bytes) {
  std::move(bytes).read_with(ByteSink::Ref(new Taker(host.context().loop())));
}
Stream<std::uint8_t> bytes_back(Host, Stream<std::uint8_t> bytes) {
  return bytes;
}
Future<std::string> later(Host host) {
  const Settable<std::string>::Ref made(new Settable<std::string>());
  boost::asio::post(host.context().loop(), [made] { made->set("later"); });
  return Future<std::string>(made);
}
struct Told final : FutureSink<std::uint32_t> {
  void arrived(std::uint32_t value) override { seen.written = std::to_string(value); }
  void lost() override { seen.how = task::LetGo::lost; }
};
void tell(Host, Future<std::uint32_t> what) {
  std::move(what).read_with(FutureSink<std::uint32_t>::Ref(new Told()));
}

class AsyncHost : public ::testing::Test {
 protected:
  AsyncHost() {
    seen = {};
    registry_.interface("test:it/host@1.0.0")
        .resource<Thing>()
        .async_func<&add>("add")
        .async_func<&greet>("greet")
        .async_func<&seven>("seven")
        .async_func<&fail>("fail")
        .func<&make>("make")
        .async_func<&use>("use")
        .async_func<&plain>("plain")
        .func<&things>("things")
        .func<&numbers>("numbers")
        .func<&take>("take")
        .func<&later>("later")
        .func<&tell>("tell")
        .func<&bytes_back>("bytes-back");
  }
  std::string run(std::string_view body) {
    auto plan = component::test::plan_of(component_of(body));
    if (!plan) return plan.error().message();
    auto linked = component::test::link(*std::move(plan), component::NotYet::refuse, registry_);
    if (!linked) return linked.error().message();
    guest_.emplace(*std::move(linked));
    return guest_->call("run");
  }
  // Everything that is left to do on the loop.
  void finish() {
    guest_->end();
    guest_->loop().restart();
    guest_->loop().run();
  }

  Registry registry_;
  std::optional<Guest> guest_;
};

// ---- calls ----

TEST_F(AsyncHost, ASynchronousCallWaits) {
  EXPECT_EQ(run("(call $add (i32.const 2) (i32.const 3))"), "5");
  EXPECT_EQ(seen.ended, 1);
}

TEST_F(AsyncHost, WhatIsReadyAtOnceNeedsNoSubtask) {
  EXPECT_EQ(run(R"((call $add-async (i32.const 0) (i32.const 3) (i32.const 64))
    (i32.mul (i32.const 100)) (i32.add (i32.load (i32.const 64))))"),
            "203");
}

TEST_F(AsyncHost, ACoroutineThatDoesNotWaitIsASubtaskAllTheSame) {
  EXPECT_EQ(run(R"((drop (call $payload-of (i32.shr_u (call $seven-async (i32.const 64)) (i32.const 4))))
    (i32.load (i32.const 64)))"),
            "7");
}

TEST_F(AsyncHost, WhatIsNotIsASubtaskWithAnEvent) {
  // Started (1), then returned (2).
  EXPECT_EQ(run(R"((local.set $i (call $add-async (i32.const 2) (i32.const 3) (i32.const 64)))
    (i32.mul (i32.const 1000) (i32.and (local.get $i) (i32.const 15)))
    (i32.mul (i32.const 100) (call $payload-of (i32.shr_u (local.get $i) (i32.const 4))))
    (call $subtask-drop (i32.shr_u (local.get $i) (i32.const 4)))
    (i32.add) (i32.add (i32.load (i32.const 64))))"),
            "1205");
}

TEST_F(AsyncHost, AResultThatNeedsReallocIsLoweredWhenItsEventIsTaken) {
  EXPECT_EQ(run(R"((i32.store8 (i32.const 32) (i32.const 0x78))
    (local.set $i (call $greet-async (i32.const 32) (i32.const 1) (i32.const 64)))
    (drop (call $payload-of (i32.shr_u (local.get $i) (i32.const 4))))
    ;; The length, and the last letter.
    (i32.mul (i32.const 1000) (i32.load (i32.const 68)))
    (i32.add (i32.load8_u (i32.add (i32.load (i32.const 64)) (i32.const 6)))))"),
            "7120");
}

TEST_F(AsyncHost, AFunctionOfAsynchronousTypeMayAnswerAtOnceAndTakeItsArgumentsFromMemory) {
  EXPECT_EQ(run(R"((i32.store (i32.const 32) (i32.const 1)) (i32.store (i32.const 36) (i32.const 2))
    (i32.store (i32.const 40) (i32.const 3)) (i32.store (i32.const 44) (i32.const 4))
    (i32.store (i32.const 48) (i32.const 5))
    (call $plain-async (i32.const 32) (i32.const 64))
    (i32.mul (i32.const 100)) (i32.add (i32.load (i32.const 64))))"),
            "215");
}

TEST_F(AsyncHost, ACancelledCallIsOverAtOnceAndItsWorkIsToldToEnd) {
  // Cancelled before returned: 4.
  EXPECT_EQ(run(R"((local.set $i (call $add-async (i32.const 2) (i32.const 3) (i32.const 64)))
    (call $subtask-cancel (i32.shr_u (local.get $i) (i32.const 4)))
    (call $subtask-drop (i32.shr_u (local.get $i) (i32.const 4))))"),
            "4");
  finish();
  EXPECT_EQ(seen.cancelled, 1);
  EXPECT_EQ(seen.ended, 0);
}

TEST_F(AsyncHost, AFailureIsTheGuestsTrap) {
  EXPECT_EQ(run("(call $fail) (i32.const 0)"), "trap: on purpose");
  EXPECT_EQ(run("(call $payload-of (i32.shr_u (call $fail-async) (i32.const 4)))"), "trap: on purpose");
}

TEST_F(AsyncHost, ABorrowIsLentUntilTheCallIsOver) {
  EXPECT_THAT(run(R"((local.set $i (call $make))
    (drop (call $use-async (local.get $i) (i32.const 64)))
    (call $drop-thing (local.get $i)) (i32.const 0))"),
              HasSubstr("while borrowed"));
  EXPECT_EQ(run(R"((local.set $i (call $make))
    (drop (call $payload-of (i32.shr_u (call $use-async (local.get $i) (i32.const 64)) (i32.const 4))))
    (call $drop-thing (local.get $i)) (i32.load (i32.const 64)))"),
            "2");
}

TEST_F(AsyncHost, AnInstanceThatEndsCancelsWhatIsUnderWay) {
  EXPECT_EQ(run(R"((drop (call $add-async (i32.const 2) (i32.const 3) (i32.const 64))) (i32.const 1))"), "1");
  EXPECT_EQ(seen.begun, 1);
  finish();
  EXPECT_EQ(seen.cancelled, 1);
}

TEST_F(AsyncHost, AGuestThatWaitsForItselfIsStuck) {
  EXPECT_EQ(run(R"((local.set $k (call $number-new))
    (call $number-read-sync (i32.wrap_i64 (local.get $k)) (i32.const 64)))"),
            "trap: stuck");
}

// ---- streams and futures ----

TEST_F(AsyncHost, BytesOfTheHostComeAsTheyAreThere) {
  // Two of four, then the rest and that there are no more (1).
  EXPECT_EQ(run(R"((local.set $i (call $numbers))
    (i32.mul (i32.const 1000) (call $stream-read-sync (local.get $i) (i32.const 64) (i32.const 100)))
    (local.set $j (call $stream-read-sync (local.get $i) (i32.const 66) (i32.const 100)))
    (call $stream-drop-readable (local.get $i))
    (i32.add (local.get $j))
    (i32.add (i32.mul (i32.const 1000000) (i32.load8_u (i32.const 67)))))"),
            std::to_string(4'000'000 + 2 * 16 * 1000 + (2 * 16 + 1)));
}

TEST_F(AsyncHost, ObjectsOfTheHostComeAsTheyAreThere) {
  // Two that are there, then one, then the end (1). Each is the guest's to drop.
  EXPECT_EQ(run(R"((local.set $i (call $things))
    (i32.mul (i32.const 1000000) (call $things-read-sync (local.get $i) (i32.const 64) (i32.const 10)))
    (i32.mul (i32.const 1000) (call $things-read-sync (local.get $i) (i32.const 72) (i32.const 1)))
    (local.set $j (call $things-read-sync (local.get $i) (i32.const 76) (i32.const 10)))
    (call $drop-thing (i32.load (i32.const 64)))
    (call $drop-thing (i32.load (i32.const 68)))
    (call $drop-thing (i32.load (i32.const 72)))
    (i32.add) (i32.add (local.get $j)))"),
            std::to_string(32'000'000 + 16'000 + 1));
}

TEST_F(AsyncHost, AReadOfNothingWaitsUntilThereIsSomething) {
  EXPECT_EQ(run(R"((local.set $i (call $numbers))
    (i32.mul (i32.const 1000) (call $stream-read-sync (local.get $i) (i32.const 64) (i32.const 0)))
    (i32.add (call $stream-read (local.get $i) (i32.const 64) (i32.const 1))))"),
            "16");
}

TEST_F(AsyncHost, ACancelledReadTakesNothing) {
  // Blocked, then cancelled (2) with nothing.
  EXPECT_EQ(run(R"((local.set $i (call $numbers))
    (drop (call $stream-read (local.get $i) (i32.const 64) (i32.const 100)))
    (i32.mul (i32.const 1000) (call $stream-cancel-read (local.get $i)))
    (i32.add (call $stream-read-sync (local.get $i) (i32.const 64) (i32.const 100))))"),
            "2032");
}

TEST_F(AsyncHost, AStreamThatIsNotReadIsCancelled) {
  EXPECT_EQ(run("(call $stream-drop-readable (call $numbers)) (i32.const 1)"), "1");
  EXPECT_EQ(seen.how, task::LetGo::dropped);
}

TEST_F(AsyncHost, AStreamThatIsLostWithItsInstanceIsCancelled) {
  EXPECT_EQ(run("(drop (call $numbers)) (i32.const 1)"), "1");
  EXPECT_FALSE(seen.how);
  finish();
  EXPECT_EQ(seen.how, task::LetGo::dropped);
}

constexpr std::string_view new_stream_taken = R"((local.set $k (call $stream-new))
    (call $take (i32.wrap_i64 (local.get $k)))
    (local.set $i (i32.wrap_i64 (i64.shr_u (local.get $k) (i64.const 32))))
    (i64.store (i32.const 64) (i64.const 0x6867666564636261)) )";

TEST_F(AsyncHost, BytesOfTheGuestGoAsFarAsThereIsRoom) {
  // Three at once; three more after a turn of the loop.
  EXPECT_EQ(run(std::string(new_stream_taken) + R"(
    (i32.mul (i32.const 1000) (call $stream-write (local.get $i) (i32.const 64) (i32.const 8)))
    (local.set $j (call $stream-write-sync (local.get $i) (i32.const 67) (i32.const 5)))
    (call $stream-drop-writable (local.get $i))
    (i32.add (local.get $j)))"),
            "48048");
  EXPECT_EQ(seen.written, "abcdef");
  EXPECT_EQ(seen.how, task::LetGo::dropped);
}

TEST_F(AsyncHost, AWriterLearnsThatNobodyTakesMore) {
  // The taker is full after nine bytes: the third write says dropped (1) with its three.
  EXPECT_EQ(run(std::string(new_stream_taken) + R"(
    (drop (call $stream-write-sync (local.get $i) (i32.const 64) (i32.const 3)))
    (drop (call $stream-write-sync (local.get $i) (i32.const 64) (i32.const 3)))
    (call $stream-write-sync (local.get $i) (i32.const 64) (i32.const 8)))"),
            "49");
  EXPECT_EQ(seen.written, "abcabcabc");
}

TEST_F(AsyncHost, AStreamThatIsNotFinishedIsLost) {
  EXPECT_EQ(run(std::string(new_stream_taken) + "(call $stream-write (local.get $i) (i32.const 64) (i32.const 2))"),
            "32");
  EXPECT_FALSE(seen.how);
  finish();
  EXPECT_EQ(seen.how, task::LetGo::lost);
}

TEST_F(AsyncHost, WhatTheHostWritesAndReadsPassesTheGuestByAndOutlivesIt) {
  EXPECT_EQ(run("(call $take (call $numbers)) (i32.const 1)"), "1");
  finish();
  EXPECT_EQ(seen.written, "\1\2\3\4");
  EXPECT_EQ(seen.how, task::LetGo::dropped);
}

TEST_F(AsyncHost, AStreamMayBePassedBack) {
  EXPECT_EQ(run(R"((call $stream-read-sync (call $bytes-back (call $numbers)) (i32.const 64) (i32.const 100)))"), "32");
  EXPECT_EQ(run(R"((local.set $k (call $stream-new))
    (local.set $i (call $bytes-back (i32.wrap_i64 (local.get $k))))
    (drop (call $stream-read (local.get $i) (i32.const 64) (i32.const 8)))
    (call $stream-write-sync (i32.wrap_i64 (i64.shr_u (local.get $k) (i64.const 32))) (i32.const 32) (i32.const 8)))"),
            "128");
}

TEST_F(AsyncHost, AFutureOfTheHostIsLoweredWhenItIsTaken) {
  EXPECT_EQ(run(R"((drop (call $text-read-sync (call $later) (i32.const 64)))
    (i32.mul (i32.const 1000) (i32.load (i32.const 68)))
    (i32.add (i32.load8_u (i32.load (i32.const 64)))))"),
            "5108");
}

TEST_F(AsyncHost, AFutureOfTheGuestArrives) {
  EXPECT_EQ(run(R"((local.set $k (call $number-new))
    (call $tell (i32.wrap_i64 (local.get $k)))
    (i32.store (i32.const 64) (i32.const 42))
    (call $number-write-sync (i32.wrap_i64 (i64.shr_u (local.get $k) (i64.const 32))) (i32.const 64)))"),
            "0");
  EXPECT_EQ(seen.written, "42");
}

TEST_F(AsyncHost, AFutureThatIsNeverWrittenIsLost) {
  EXPECT_EQ(run("(call $tell (i32.wrap_i64 (call $number-new))) (i32.const 1)"), "1");
  finish();
  EXPECT_EQ(seen.how, task::LetGo::lost);
}

}  // namespace
}  // namespace weft::bind
