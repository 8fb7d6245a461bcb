#include "http/body.h"

#include <gtest/gtest.h>

namespace weft::http {
namespace {

TEST(BodyPipe, GivesWhatWasWrittenInOrder) {
  BodyPipe pipe;
  pipe.write("hel");
  pipe.write("lo");
  EXPECT_EQ(pipe.front(), "hello");
  pipe.consume(2);
  pipe.write("!");
  EXPECT_EQ(pipe.take_all(), "llo!");
  EXPECT_FALSE(pipe.at_end());
  pipe.finish();
  EXPECT_TRUE(pipe.at_end());
}

TEST(BodyPipe, IsAtItsEndOnlyWhenAllWasTaken) {
  BodyPipe pipe;
  pipe.write("a");
  pipe.finish();
  EXPECT_TRUE(pipe.finished());
  EXPECT_FALSE(pipe.at_end());
  pipe.consume(1);
  EXPECT_TRUE(pipe.at_end());
  pipe.write("ignored");
  EXPECT_EQ(pipe.size(), 0u);
}

TEST(BodyPipe, TakesNoMoreThanItsCapacity) {
  BodyPipe pipe;
  EXPECT_EQ(pipe.writable(), body_pipe_capacity);
  pipe.write(std::string(body_pipe_capacity - 1, 'a'));
  EXPECT_EQ(pipe.writable(), 1u);
  pipe.write("a");
  EXPECT_EQ(pipe.writable(), 0u);
  pipe.consume(10);
  EXPECT_EQ(pipe.writable(), 10u);
}

TEST(BodyPipe, ManyPiecesDoNotPileUpMemory) {
  BodyPipe pipe;
  std::string expected, got;
  for (int i = 0; i < 5000; ++i) {
    const std::string piece = std::to_string(i) + std::string(100, 'x');
    pipe.write(piece);
    expected += piece;
    if (i % 3 == 0) continue;
    const std::size_t count = std::min<std::size_t>(pipe.size(), 160);
    got += pipe.front().substr(0, count);
    pipe.consume(count);
    ASSERT_LE(pipe.size(), body_pipe_capacity);
  }
  got += pipe.take_all();
  EXPECT_EQ(got, expected);
}

TEST(BodyPipe, ExchangesItsMemoryForWhatIsThere) {
  BodyPipe pipe;
  std::string taken = "old";
  pipe.write("first");
  pipe.consume(1);
  pipe.take_all(taken);
  EXPECT_EQ(taken, "irst");
  pipe.write("second");
  pipe.take_all(taken);
  EXPECT_EQ(taken, "second");
  pipe.take_all(taken);
  EXPECT_EQ(taken, "");
}

TEST(BodyPipe, AFilledPipeIsWholeAtOnce) {
  BodyPipe pipe;
  pipe.fill(std::string(3 * body_pipe_capacity, 'a'));
  EXPECT_TRUE(pipe.finished());
  EXPECT_EQ(pipe.writable(), 0u);
  EXPECT_EQ(pipe.take_all().size(), 3 * body_pipe_capacity);
  EXPECT_TRUE(pipe.at_end());
}

TEST(BodyPipe, TellsTheConsumerOfBytesAndOfTheEnd) {
  BodyPipe pipe;
  int told = 0;
  pipe.on_readable = [&] { ++told; };
  pipe.write("");
  EXPECT_EQ(told, 0);
  pipe.write("a");
  EXPECT_EQ(told, 1);
  pipe.finish();
  EXPECT_EQ(told, 2);
  pipe.finish();
  pipe.abort("late");
  EXPECT_EQ(told, 2);
  EXPECT_FALSE(pipe.failed());
}

TEST(BodyPipe, TellsTheProducerOfRoomAndOfCancellation) {
  BodyPipe pipe;
  int told = 0;
  pipe.on_writable = [&] { ++told; };
  pipe.write("abc");
  EXPECT_EQ(told, 0);
  pipe.consume(1);
  pipe.take_all();
  EXPECT_EQ(told, 2);
  pipe.cancel();
  pipe.cancel();
  EXPECT_EQ(told, 3);
  EXPECT_EQ(pipe.writable(), 0u);
  pipe.write("ignored");
  EXPECT_EQ(pipe.size(), 0u);
}

TEST(BodyPipe, AnAbortComesAfterWhatWasWritten) {
  BodyPipe pipe;
  pipe.write("a");
  pipe.abort("why", BodyFault::malformed);
  EXPECT_FALSE(pipe.failed());
  EXPECT_EQ(pipe.take_all(), "a");
  EXPECT_TRUE(pipe.failed());
  EXPECT_FALSE(pipe.at_end());
  EXPECT_EQ(pipe.abort_reason(), "why");
  EXPECT_EQ(pipe.fault(), BodyFault::malformed);
}

TEST(BodyPipe, IsAsNewAfterReset) {
  BodyPipe pipe;
  pipe.on_readable = pipe.on_writable = [] { ADD_FAILURE(); };
  pipe.reset();
  pipe.write("left over");
  pipe.cancel();
  Fields trailers;
  trailers.append("a", "b");
  pipe.finish(std::move(trailers));
  pipe.reset();
  EXPECT_EQ(pipe.size(), 0u);
  EXPECT_EQ(pipe.writable(), body_pipe_capacity);
  EXPECT_FALSE(pipe.ended());
  EXPECT_FALSE(pipe.trailers());
  pipe.write("new");
  pipe.abort("x");
  pipe.reset();
  EXPECT_FALSE(pipe.failed());
  EXPECT_EQ(pipe.abort_reason(), "");
}

}  // namespace
}  // namespace weft::http
