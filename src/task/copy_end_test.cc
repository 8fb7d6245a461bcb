#include "task/copy_end.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace weft::task
