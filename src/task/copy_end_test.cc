#include "task/copy_end.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <string>

#include "abi/testing/guest.h"
#include "abi/type_table.h"
#include "task/subtask.h"

namespace weft::task {
namespace {

using abi::testing::Guest;

constexpr std::uint32_t at = 1024;  // where buffers are

// Two components, one of which writes to a stream or future that the other reads from.
class CopyTest : public ::testing::Test {
 protected:
  struct Ends {
    CopyEnd::Ref readable, writable;
  };
  Ends stream(abi::Kind kind = abi::Kind::u8) {
    auto [readable, writable] = CopyEnd::make(types.stream(types.primitive(kind)));
    readable->index = 1;
    writable->index = 2;
    return {readable, writable};
  }
  Ends future() {
    auto [readable, writable] = CopyEnd::make(types.future(types.primitive(abi::Kind::u8)));
    return {readable, writable};
  }
  Buffer buffer(Guest& guest, std::uint32_t length, abi::Kind kind = abi::Kind::u8) {
    return {context(guest), types.primitive(kind), at, length};
  }
  static BufferContext context(Guest& guest) {
    BufferContext context;
    context.instance = &guest.inst;
    context.memory = guest.lift().memory;
    return context;
  }
  // "completed 3", as the guest of `end` would be told.
  static std::string event(CopyEnd& end) {
    if (!end.has_pending_event()) return "blocked";
    const Event taken = end.get_pending_event();
    EXPECT_EQ(taken.index, end.index);
    static constexpr const char* names[] = {"completed", "dropped", "cancelled"};
    return std::string(names[taken.payload & 15]) + " " + std::to_string(taken.payload >> 4);
  }
  static std::string text(Guest& guest, std::size_t length) {
    return {reinterpret_cast<const char*>(guest.at(at)), length};
  }

  abi::TypeTable types;
  Guest writer, reader;
};

TEST_F(CopyTest, WhoComesSecondCopiesAndBothAreTold) {
  auto [readable, writable] = stream();
  writer.put(at, "abc");
  writable->copy(buffer(writer, 3));
  EXPECT_EQ(event(*writable), "blocked");
  readable->copy(buffer(reader, 10));
  EXPECT_EQ(event(*readable), "completed 3");
  EXPECT_EQ(event(*writable), "completed 3");
  EXPECT_EQ(text(reader, 3), "abc");
}

TEST_F(CopyTest, ABufferThatWaitsIsEmptiedByOneReadAfterTheOther) {
  auto [readable, writable] = stream();
  writer.put(at, "abcdef");
  writable->copy(buffer(writer, 6));
  for (const char* part : {"ab", "cd"}) {
    readable->copy(buffer(reader, 2));
    EXPECT_EQ(event(*readable), "completed 2");
    EXPECT_EQ(text(reader, 2), part);
  }
  EXPECT_EQ(event(*writable), "completed 4") << "told once, of all that was copied until then";
  readable->copy(buffer(reader, 2));
  EXPECT_EQ(event(*readable), "blocked") << "the writer has its buffer back";
}

TEST_F(CopyTest, AReadOfNothingWaitsForAWriteAndAWriteOfNothingForARead) {
  auto [readable, writable] = stream();
  readable->copy(buffer(reader, 0));
  writable->copy(buffer(writer, 0));
  EXPECT_EQ(event(*writable), "completed 0");
  EXPECT_EQ(event(*readable), "blocked");
  writer.put(at, "x");
  writable->copy(buffer(writer, 1));
  EXPECT_EQ(event(*readable), "completed 0");
  readable->copy(buffer(reader, 1));
  EXPECT_EQ(event(*readable), "completed 1");
  EXPECT_EQ(event(*writable), "completed 1");
}

TEST_F(CopyTest, AnEndIsToldAtOnceThatTheOtherIsGone) {
  auto [readable, writable] = stream();
  readable->copy(buffer(reader, 5));
  writable->drop();
  EXPECT_EQ(event(*readable), "dropped 0");
  EXPECT_THROW(readable->copy(buffer(reader, 5)), abi::Trap);

  auto [second, gone] = stream();
  writer.put(at, "abc");
  gone->copy(buffer(writer, 3));
  second->copy(buffer(reader, 2));
  EXPECT_EQ(event(*gone), "completed 2");
  gone->drop();
  EXPECT_EQ(event(*second), "dropped 2") << "with what was copied before";
}

TEST_F(CopyTest, ACancelledCopySaysHowFarItCame) {
  auto [readable, writable] = stream();
  readable->copy(buffer(reader, 5));
  readable->cancel();
  EXPECT_EQ(event(*readable), "cancelled 0");
  readable->copy(buffer(reader, 5));
  writer.put(at, "ab");
  writable->copy(buffer(writer, 2));
  EXPECT_EQ(event(*writable), "completed 2");
  readable->cancel();
  EXPECT_EQ(event(*readable), "cancelled 2");
  EXPECT_THROW(readable->cancel(), abi::Trap);
}

TEST_F(CopyTest, AnEndDoesOneThingAtATime) {
  auto [readable, writable] = stream();
  readable->copy(buffer(reader, 5));
  EXPECT_THROW(readable->copy(buffer(reader, 5)), abi::Trap);
  EXPECT_THROW(readable->drop(), abi::Trap);
  EXPECT_THROW(readable->check_lift(), abi::Trap);
  EXPECT_THROW(writable->check_lift(), abi::Trap) << "a writable end is never passed on";
}

TEST_F(CopyTest, AFutureCarriesOneValue) {
  auto [readable, writable] = future();
  EXPECT_THROW(writable->drop(), abi::Trap) << "without having written";
  writer.put(at, "x");
  writable->copy(buffer(writer, 1));
  readable->copy(buffer(reader, 1));
  EXPECT_EQ(event(*readable), "completed 0");
  EXPECT_EQ(event(*writable), "completed 0");
  EXPECT_EQ(text(reader, 1), "x");
  EXPECT_THROW(readable->copy(buffer(reader, 1)), abi::Trap);
  EXPECT_THROW(writable->copy(buffer(writer, 1)), abi::Trap);
  readable->drop();
  writable->drop();
}

TEST_F(CopyTest, AFutureThatNobodyReadsIsDroppedWhenItIsWritten) {
  auto [readable, writable] = future();
  readable->drop();
  writable->copy(buffer(writer, 1));
  EXPECT_EQ(event(*writable), "dropped 0");
  writable->drop();
}

TEST_F(CopyTest, WithinOneComponentOnlyNumbersPass) {
  auto [numbers, from] = stream(abi::Kind::u32);
  numbers->copy(buffer(reader, 1, abi::Kind::u32));
  EXPECT_NO_THROW(from->copy(buffer(reader, 1, abi::Kind::u32)));
  auto [characters, source] = stream(abi::Kind::boolean);
  characters->copy(buffer(reader, 1, abi::Kind::boolean));
  EXPECT_THROW(source->copy(buffer(reader, 1, abi::Kind::boolean)), abi::Trap);
}

TEST_F(CopyTest, ABufferMustLieInTheMemory) {
  EXPECT_THROW(buffer(reader, 1u << 28), abi::Trap);
  EXPECT_THROW(buffer(reader, static_cast<std::uint32_t>(reader.size())), abi::Trap);
  EXPECT_THROW(Buffer(context(reader), types.primitive(abi::Kind::u32), 1, 1), abi::Trap);
}

TEST_F(CopyTest, ASetTellsTheEventThatIsOldest) {
  WaitableSet set;
  auto [first, first_writer] = stream();
  auto [second, second_writer] = stream();
  second->index = 7;
  first->join(&set);
  second->join(&set);
  EXPECT_THROW(set.check_drop(), abi::Trap);
  first->copy(buffer(reader, 1));
  second->copy(buffer(reader, 1));
  EXPECT_FALSE(set.has_pending_event());
  second_writer->drop();
  first_writer->drop();
  EXPECT_EQ(set.get_pending_event().index, 7u);
  EXPECT_EQ(set.get_pending_event().index, 1u);
  EXPECT_FALSE(set.has_pending_event());
  first->drop();
  second->drop();
  EXPECT_TRUE(set.empty()) << "what is dropped leaves its set";
  EXPECT_NO_THROW(set.check_drop());
}

TEST(ErrorContexts, OfOneStoreKeepABoundedNumberOfBytes) {
  DebugMessages messages;
  const std::string half(max_debug_message_bytes / 2, 'x');
  boost::intrusive_ptr<ErrorContext> one(new ErrorContext(messages, half));
  const boost::intrusive_ptr<ErrorContext> other(new ErrorContext(messages, half));
  try {
    const boost::intrusive_ptr<ErrorContext> third(new ErrorContext(messages, "x"));
    ADD_FAILURE() << "it has no room";
  } catch (const abi::Trap& trap) {
    EXPECT_EQ(trap.message(), "error contexts have debug messages of more than 1 MiB together");
  }
  one.reset();
  EXPECT_EQ(messages.bytes, half.size());
  one.reset(new ErrorContext(messages, half));
  EXPECT_EQ(one->debug_message, half);
}

TEST_F(CopyTest, ASubtasksEventIsMadeWhenItIsTaken) {
  const boost::intrusive_ptr<Subtask> subtask(new Subtask(writer.inst));
  subtask->index = 3;
  subtask->make_waitable();
  subtask->start();
  subtask->returned();
  EXPECT_THROW(subtask->check_drop(), abi::Trap) << "its caller does not know yet";
  EXPECT_FALSE(subtask->request_cancel());
  const Event event = subtask->get_pending_event();
  EXPECT_EQ(event.index, 3u);
  EXPECT_EQ(event.payload, 2u) << "returned: that it started is old news";
  EXPECT_NO_THROW(subtask->check_drop());
}

// ---- ends of the host ----

// Counts what the store is told.
struct Events final : HostEvents {
  void wake() noexcept override { ++wakes; }
  int wakes = 0;
};

// The host's side of a stream of bytes: gives `bytes`, or takes as many as `room`.
struct Bytes final : HostEnd {
  explicit Bytes(Copies copies = Copies::anywhere) : HostEnd(copies) {}
  bool ready() const override { return over || (reads ? room > 0 : !bytes.empty()); }
  bool copy(Buffer& guest) override {
    const std::span<std::byte> there = guest.bytes();
    const std::size_t count = std::min(there.size(), reads ? room : bytes.size());
    if (reads) {
      bytes.append(reinterpret_cast<const char*>(there.data()), count);
      room -= count;
    } else {
      std::memcpy(there.data(), bytes.data(), count);
      bytes.erase(0, count);
    }
    guest.advance(static_cast<std::uint32_t>(count));
    return !over || (!reads && !bytes.empty());
  }
  void let_go(LetGo how) override { left = how; }

  bool reads = false;
  bool over = false;
  std::size_t room = 0;
  std::string bytes;
  std::optional<LetGo> left;
};

class HostEndTest : public CopyTest {
 protected:
  // The readable end of a stream that the host writes.
  CopyEnd::Ref written_by_host() {
    auto end = CopyEnd::make_written_by(host, types.stream(types.primitive(abi::Kind::u8)), events);
    end->index = 1;
    return end;
  }
  // The writable end of one that it reads.
  CopyEnd::Ref read_by_host() {
    auto [readable, writable] = stream();
    host->reads = true;
    readable->read_by(host, events);
    return writable;
  }

  boost::intrusive_ptr<Bytes> host{new Bytes()};
  boost::intrusive_ptr<Events> events{new Events()};
};

TEST_F(HostEndTest, AReadIsDoneAtOnceWhenTheHostHasBytes) {
  const auto end = written_by_host();
  host->bytes = "abcdef";
  end->copy(buffer(reader, 4));
  EXPECT_EQ(event(*end), "completed 4");
  EXPECT_EQ(text(reader, 4), "abcd");
  end->copy(buffer(reader, 4));
  EXPECT_EQ(event(*end), "completed 2");
  EXPECT_EQ(events->operations(), 0u);
}

TEST_F(HostEndTest, AReadThatWaitsCountsAsAnOperationUntilTheHostHasBytes) {
  const auto end = written_by_host();
  end->copy(buffer(reader, 4));
  EXPECT_EQ(event(*end), "blocked");
  EXPECT_EQ(events->operations(), 1u);
  host->bytes = "ab";
  host->changed();
  EXPECT_EQ(events->operations(), 0u);
  EXPECT_EQ(events->wakes, 1);
  host->bytes = "cdef";
  host->changed();
  EXPECT_EQ(event(*end), "completed 4") << "told once, of all that was copied until then";
  EXPECT_EQ(text(reader, 4), "abcd");
  EXPECT_EQ(host->bytes, "ef");
}

TEST_F(HostEndTest, TheLastBytesComeWithTheNewsThatThereAreNoMore) {
  const auto end = written_by_host();
  host->bytes = "ab";
  host->over = true;
  end->copy(buffer(reader, 1));
  EXPECT_EQ(event(*end), "completed 1");
  end->copy(buffer(reader, 8));
  EXPECT_EQ(event(*end), "dropped 1");
  EXPECT_THROW(end->copy(buffer(reader, 8)), abi::Trap);
  EXPECT_FALSE(host->left) << "it knows";
}

TEST_F(HostEndTest, AReadOfNothingTellsWhetherThereIsSomething) {
  const auto end = written_by_host();
  end->copy(buffer(reader, 0));
  EXPECT_EQ(event(*end), "blocked");
  host->bytes = "a";
  host->changed();
  EXPECT_EQ(event(*end), "completed 0");
  EXPECT_EQ(host->bytes, "a");
}

TEST_F(HostEndTest, WritesOfNothingLeaveNothingBehind) {
  const auto end = read_by_host();
  host->room = 8;
  for (int i = 0; i < 1000; ++i) {
    end->copy(buffer(writer, 0));
    EXPECT_EQ(event(*end), "completed 0");
  }
  EXPECT_EQ(host->bytes, "");
  EXPECT_EQ(host->room, 8u);
  EXPECT_EQ(events->operations(), 0u);
}

TEST_F(HostEndTest, AWriteIsDoneAsFarAsTheHostHasRoom) {
  const auto end = read_by_host();
  writer.put(at, "abcdef");
  host->room = 2;
  end->copy(buffer(writer, 6));
  EXPECT_EQ(event(*end), "completed 2");
  end->copy(buffer(writer, 3));
  EXPECT_EQ(event(*end), "blocked");
  host->room = 8;
  host->changed();
  EXPECT_EQ(event(*end), "completed 3");
  EXPECT_EQ(host->bytes, "ababc");
  host->over = true;
  host->changed();
  end->copy(buffer(writer, 3));
  EXPECT_EQ(event(*end), "dropped 3");
}

TEST_F(HostEndTest, WhatTheGuestHasCancelledTheHostDoesNotTouch) {
  const auto end = written_by_host();
  end->copy(buffer(reader, 4));
  end->cancel();
  EXPECT_EQ(event(*end), "cancelled 0");
  EXPECT_EQ(events->operations(), 0u);
  host->bytes = "ab";
  host->changed();
  EXPECT_EQ(host->bytes, "ab");
  end->copy(buffer(reader, 4));
  EXPECT_EQ(event(*end), "completed 2");
}

TEST_F(HostEndTest, TheHostIsToldWhetherAnEndWasDroppedOrLost) {
  auto end = written_by_host();
  end->drop();
  EXPECT_EQ(host->left, LetGo::dropped);
  host->changed();
  host.reset(new Bytes());
  end = read_by_host();
  end->copy(buffer(writer, 4));
  EXPECT_EQ(events->operations(), 1u);
  end.reset();
  EXPECT_EQ(host->left, LetGo::lost);
  EXPECT_EQ(events->operations(), 0u);
  host->room = 8;
  host->changed();
}

TEST_F(HostEndTest, AnEndThatIsReadAfterItsWriterHasGoneIsLetGoOfAtOnce) {
  auto [readable, writable] = stream();
  writable->drop();
  readable->read_by(host, events);
  EXPECT_EQ(host->left, LetGo::dropped);
}

TEST_F(HostEndTest, AWriteThatWaitedBeforeTheHostReadIsTaken) {
  auto [readable, writable] = stream();
  writer.put(at, "abc");
  writable->copy(buffer(writer, 3));
  host->reads = true;
  host->room = 8;
  readable->read_by(host, events);
  EXPECT_EQ(event(*writable), "completed 3");
  EXPECT_EQ(host->bytes, "abc");
}

TEST_F(HostEndTest, TheHostsOwnEndIsTakenOutOfOneThatComesBack) {
  const auto end = written_by_host();
  EXPECT_EQ(end->take_host(), host);
  EXPECT_EQ(end->take_host(), nullptr);
  host->changed();
}

TEST_F(HostEndTest, WhatNeedsTheGuestIsCopiedWhenItsEventIsTaken) {
  host.reset(new Bytes(HostEnd::Copies::on_fiber));
  const auto end = written_by_host();
  end->copy(buffer(reader, 4));
  host->bytes = "abc";
  host->changed();
  EXPECT_EQ(host->bytes, "abc");
  EXPECT_EQ(event(*end), "completed 3");
  EXPECT_EQ(text(reader, 3), "abc");
}

}  // namespace
}  // namespace weft::task
