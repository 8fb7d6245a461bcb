// wasi:io/streams over the standard streams, and their lines.
#include <gmock/gmock.h>

#include "wasi/streams.h"
#include "wasi/testing/guest.h"

namespace weft::wasi {
namespace {

using ::testing::ElementsAre;
using testing::guest;
using ::testing::HasSubstr;
using testing::Import;

const std::vector<Import> writing = {
    {"out", "$stdout \"get-stdout\"", "(result i32)"},
    {"err", "$stderr \"get-stderr\"", "(result i32)"},
    {"in", "$stdin \"get-stdin\"", "(result i32)"},
    {"permit", "$streams \"[method]output-stream.check-write\"", "(param i32 i32)"},
    {"write", "$streams \"[method]output-stream.write\"", "(param i32 i32 i32 i32)"},
    {"say", "$streams \"[method]output-stream.blocking-write-and-flush\"", "(param i32 i32 i32 i32)"},
    {"zeroes", "$streams \"[method]output-stream.write-zeroes\"", "(param i32 i64 i32)"},
    {"all-zeroes", "$streams \"[method]output-stream.blocking-write-zeroes-and-flush\"", "(param i32 i64 i32)"},
    {"flush", "$streams \"[method]output-stream.blocking-flush\"", "(param i32 i32)"},
    {"splice", "$streams \"[method]output-stream.splice\"", "(param i32 i32 i64 i32)"},
    {"blocking-splice", "$streams \"[method]output-stream.blocking-splice\"", "(param i32 i32 i64 i32)"},
    {"read", "$streams \"[method]input-stream.read\"", "(param i32 i64 i32)"},
    {"skip", "$streams \"[method]input-stream.blocking-skip\"", "(param i32 i64 i32)"},
    {"subscribe", "$streams \"[method]output-stream.subscribe\"", "(param i32) (result i32)"},
    {"subscribe-in", "$streams \"[method]input-stream.subscribe\"", "(param i32) (result i32)"},
    {"ready", "$poll \"[method]pollable.ready\"", "(param i32) (result i32)"},
    {"drop", "drop $output-stream", "(param i32)"},
    {"drop-in", "drop $input-stream", "(param i32)"},
};

class StandardStreams : public testing::GuestTest {
 protected:
  // `text` is in memory from 1024 on; results are written to 64.
  auto run_with(std::string_view text, std::string_view body) {
    return run(guest(writing, "(data (i32.const 1024) \"" + std::string(text) +
                                  "\") (func (export \"run\") (result i32) (local $a i32) (local $b i32) " +
                                  std::string(body) + ")"));
  }
};

std::string say(std::string_view stream, int from, int length) {
  return "(call $say " + std::string(stream) + " (i32.const " + std::to_string(1024 + from) + ") (i32.const " +
         std::to_string(length) + ") (i32.const 64))";
}

TEST_F(StandardStreams, WhatIsWrittenBecomesLines) {
  EXPECT_TRUE(
      run_with("one\\ntwo\\n\\nthree\\n", say("(call $out)", 0, 15) + say("(call $err)", 0, 4) + "(i32.const 0)"));
  EXPECT_THAT(lines_.seen, ElementsAre("one", "two", "", "three", "! one"));
}

TEST_F(StandardStreams, ALineMayComeInPiecesThroughAStreamOpenedForEach) {
  EXPECT_TRUE(run_with("hello, world\\n", "(local.set $a (call $err))" + say("(local.get $a)", 0, 3) +
                                              "(call $drop (local.get $a))" + say("(call $out)", 0, 5) +
                                              say("(call $err)", 3, 10) + "(i32.const 0)"));
  EXPECT_THAT(lines_.seen, ElementsAre("! hello, world", "hello")) << "what has no newline comes at the end";
}

TEST_F(StandardStreams, WhatWasWrittenBeforeATrapIsNotLost) {
  EXPECT_FALSE(run_with("last words", say("(call $err)", 0, 10) + "unreachable"));
  EXPECT_THAT(lines_.seen, ElementsAre("! last words"));
}

TEST_F(StandardStreams, LongLinesAreBroken) {
  EXPECT_TRUE(run_with("",
                       "(local.set $a (call $out))"
                       "(call $zeroes (local.get $a) (i64.const 65536) (i32.const 64))"
                       "(call $all-zeroes (local.get $a) (i64.const 4096) (i32.const 64))"
                       "(i32.const 0)"));
  EXPECT_THAT(lines_.seen, ElementsAre(std::string(max_output_line, '\0'), std::string(4096, '\0')));
}

TEST_F(StandardStreams, WithoutASinkOutputIsDiscardedNotKept) {
  LineBuffer lines;
  lines.write("nobody hears this\n");
  lines.write("nor this");
  lines.attach(&lines_, context_, StandardStream::output);
  lines.write("this\n");
  EXPECT_THAT(lines_.seen, ElementsAre("this"));
}

TEST_F(StandardStreams, WritesStayWithinWhatIsPermitted) {
  EXPECT_EQ(run_with("", "(call $permit (call $out) (i32.const 64)) (i32.wrap_i64 (i64.load (i32.const 72)))"),
            max_write_permit);
  EXPECT_THAT(
      run_with("", "(call $write (call $out) (i32.const 0) (i32.const 65537) (i32.const 64)) (i32.const 0)").error(),
      HasSubstr("more bytes than check-write permitted"));
  EXPECT_THAT(run_with("", "(call $zeroes (call $out) (i64.const 65537) (i32.const 64)) (i32.const 0)").error(),
              HasSubstr("more bytes than check-write permitted"));
  EXPECT_THAT(run_with("", "(call $zeroes (call $out) (i64.const -1) (i32.const 64)) (i32.const 0)").error(),
              HasSubstr("more bytes than check-write permitted"));
  EXPECT_THAT(run_with("", say("(call $out)", 0, 4097) + "(i32.const 0)").error(), HasSubstr("more than 4096 bytes"));
  EXPECT_THAT(run_with("", "(call $all-zeroes (call $out) (i64.const 4097) (i32.const 64)) (i32.const 0)").error(),
              HasSubstr("more than 4096 bytes"));
  EXPECT_FALSE(run_with("", "(call $write (call $out) (i32.const -1) (i32.const 16) (i32.const 64)) (i32.const 0)"))
      << "bytes outside the memory";
  EXPECT_EQ(run_with("",
                     "(call $write (call $out) (i32.const 0) (i32.const 0) (i32.const 64)) "
                     "(i32.load8_u (i32.const 64))"),
            0u);
}

TEST_F(StandardStreams, StandardInputIsAtItsEnd) {
  // 1: error; at 68, 1: closed.
  EXPECT_EQ(run_with("",
                     "(call $read (call $in) (i64.const 10) (i32.const 64)) "
                     "(i32.add (i32.load8_u (i32.const 64)) (i32.load8_u (i32.const 68)))"),
            2u);
  EXPECT_EQ(run_with("",
                     "(call $skip (call $in) (i64.const 10) (i32.const 64)) "
                     "(i32.add (i32.load8_u (i32.const 64)) (i32.load8_u (i32.const 72)))"),
            2u);
  EXPECT_EQ(run_with("", "(call $ready (call $subscribe-in (call $in)))"), 1u);
}

TEST_F(StandardStreams, SplicePassesTheEndOn) {
  for (const char* splice : {"$splice", "$blocking-splice"}) {
    EXPECT_EQ(run_with("", "(call " + std::string(splice) +
                               " (call $out) (call $in) (i64.const 10) (i32.const 64)) "
                               "(i32.add (i32.load8_u (i32.const 64)) (i32.load8_u (i32.const 72)))"),
              2u)
        << splice;
    EXPECT_EQ(run_with("", "(call " + std::string(splice) +
                               " (call $out) (call $in) (i64.const 0) (i32.const 64)) "
                               "(i32.load8_u (i32.const 64))"),
              0u)
        << splice;
  }
}

TEST_F(StandardStreams, APollableOutlivesItsStream) {
  EXPECT_EQ(run_with("",
                     "(local.set $a (call $out)) (local.set $b (call $subscribe (local.get $a)))"
                     "(call $drop (local.get $a)) (call $ready (local.get $b))"),
            1u);
  EXPECT_EQ(run_with("",
                     "(local.set $a (call $in)) (local.set $b (call $subscribe-in (local.get $a)))"
                     "(call $drop-in (local.get $a)) (call $ready (local.get $b))"),
            1u);
}

}  // namespace
}  // namespace weft::wasi
