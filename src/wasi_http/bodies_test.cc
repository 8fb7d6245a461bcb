// Incoming and outgoing bodies, and trailers.
#include <gtest/gtest.h>

#include "abi/trap.h"
#include "wasi_http/incoming_body.h"
#include "wasi_http/outgoing_body.h"

namespace weft::wasi_http {
namespace {

template <class E, class V>
bool is(const V& variant) {
  return std::holds_alternative<E>(variant);
}

std::string text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

struct CountingWaker final : host::Waker {
  int woken = 0;
  void wake() noexcept override { ++woken; }
};

// The code that a failed operation of a stream carries.
template <class T>
std::optional<ErrorCode> code_of(const wasi::StreamResult<T>& result) {
  if (result || !is<wasi::LastOperationFailed>(result.error())) return std::nullopt;
  return http_error_code(*std::get<wasi::LastOperationFailed>(result.error()).value);
}

// ---- incoming ----

class Incoming : public ::testing::Test {
 protected:
  std::shared_ptr<http::BodyPipe> pipe = std::make_shared<http::BodyPipe>();
  std::unique_ptr<IncomingBody> body =
      std::make_unique<IncomingBody>(std::make_shared<BodyReader>(pipe, Message::response));
};

TEST_F(Incoming, TheStreamCanBeHadOnce) {
  EXPECT_NE(body->stream(), nullptr);
  EXPECT_EQ(body->stream(), nullptr);
}

TEST_F(Incoming, BytesAreReadAsTheyCome) {
  const auto stream = body->stream();
  EXPECT_FALSE(stream->readiness()->ready());
  EXPECT_EQ(stream->read(100)->size(), 0u);
  CountingWaker waker;
  host::Subscription subscription;
  subscription.subscribe(stream->readiness()->signal(), waker);
  pipe->write("hello");
  EXPECT_EQ(waker.woken, 1);
  EXPECT_TRUE(stream->readiness()->ready());
  EXPECT_EQ(text(*stream->read(2)), "he");
  EXPECT_EQ(text(*stream->read(100)), "llo");
  pipe->finish();
  const auto end = stream->read(1);
  ASSERT_FALSE(end);
  EXPECT_TRUE(is<wasi::Closed>(end.error()));
}

TEST_F(Incoming, OneReadIsBounded) {
  pipe->fill(std::string(1 << 20, 'x'));
  EXPECT_EQ(body->stream()->read(UINT64_MAX)->size(), wasi::max_read_bytes);
}

TEST_F(Incoming, AFailureIsToldOnceWithItsCode) {
  const auto stream = body->stream();
  pipe->write("a");
  pipe->abort("cut", http::BodyFault::cut_short);
  EXPECT_EQ(text(*stream->read(100)), "a");
  const auto code = code_of(stream->read(100));
  ASSERT_TRUE(code);
  EXPECT_TRUE(is<error::HttpResponseIncomplete>(*code));
  const auto again = stream->read(100);
  ASSERT_FALSE(again);
  EXPECT_TRUE(is<wasi::Closed>(again.error()));
}

TEST_F(Incoming, EachFaultHasItsCode) {
  const auto code = [](http::BodyFault fault, Message message) {
    http::BodyPipe failed;
    failed.abort("", fault);
    return std::string(to_string(to_error_code(failed, message)));
  };
  EXPECT_EQ(code(http::BodyFault::cut_short, Message::request), "connection-terminated");
  EXPECT_EQ(code(http::BodyFault::malformed, Message::response), "HTTP-protocol-error");
  EXPECT_EQ(code(http::BodyFault::timed_out, Message::response), "connection-read-timeout");
  EXPECT_EQ(code(http::BodyFault::trailers_too_large, Message::response), "HTTP-response-trailer-section-size");
  EXPECT_EQ(code(http::BodyFault::trailers_too_large, Message::request), "HTTP-request-trailer-section-size");
  EXPECT_EQ(code(http::BodyFault::too_large, Message::request), "HTTP-request-body-size");
}

TEST_F(Incoming, AnErrorOfAnotherServiceHasNoCode) {
  EXPECT_FALSE(http_error_code(wasi::IoError("disk full")));
}

TEST_F(Incoming, FinishTrapsWhileTheStreamIsAlive) {
  auto stream = body->stream();
  EXPECT_THROW(FutureTrailers{body->reader()}, abi::Trap);
  stream.reset();
  EXPECT_NO_THROW(FutureTrailers{body->reader()});
}

TEST_F(Incoming, TrailersComeAfterABodyThatNobodyReads) {
  pipe->write("unread");
  FutureTrailers future(body->reader());
  body.reset();
  const auto ready = future.readiness();
  EXPECT_FALSE(ready->ready());
  EXPECT_FALSE(future.get());
  pipe->write(std::string(http::body_pipe_capacity, 'x'));
  // Bytes are not what it waits for.
  EXPECT_FALSE(ready->ready());
  EXPECT_EQ(pipe->writable(), http::body_pipe_capacity);
  http::Fields trailers;
  trailers.append("X-Sum", "1");
  trailers.append("Transfer-Encoding", "chunked");
  pipe->finish(std::move(trailers));
  EXPECT_TRUE(ready->ready());
  auto first = future.get();
  ASSERT_TRUE(first && *first && **first && ***first);
  FieldsResource& fields = *first->value().value().value();
  EXPECT_TRUE(fields.is_immutable());
  EXPECT_EQ(fields.fields().get("x-sum"), "1");
  EXPECT_FALSE(fields.fields().has("transfer-encoding"));
  const auto second = future.get();
  ASSERT_TRUE(second);
  EXPECT_FALSE(*second);
}

TEST_F(Incoming, ABodyWithoutTrailersSaysSo) {
  pipe->fill("all");
  const auto got = FutureTrailers(body->reader()).get();
  ASSERT_TRUE(got && *got && **got);
  EXPECT_FALSE(***got);
}

TEST_F(Incoming, ACutBodyHasAnErrorInPlaceOfTrailers) {
  pipe->abort("late", http::BodyFault::timed_out);
  const auto got = FutureTrailers(body->reader()).get();
  ASSERT_TRUE(got && *got);
  ASSERT_FALSE(**got);
  EXPECT_TRUE(is<error::ConnectionReadTimeout>((*got)->error()));
}

TEST_F(Incoming, WhatNobodyReadsIsCancelled) {
  body.reset();
  EXPECT_TRUE(pipe->cancelled());
}

// ---- outgoing ----

// A sink that notes what it was told.
struct Told {
  std::optional<std::string> whole;
  std::shared_ptr<http::BodyPipe> pipe;
  bool given_up = false;
};
class NotingSink final : public BodySink {
 public:
  explicit NotingSink(Told& told) : told_(told) {}
  void send_whole(std::string body) override { told_.whole = std::move(body); }
  std::shared_ptr<http::BodyPipe> start_streaming() override { return told_.pipe = std::make_shared<http::BodyPipe>(); }
  void give_up() override { told_.given_up = true; }

 private:
  Told& told_;
};

class Outgoing : public ::testing::Test {
 protected:
  Loop loop;
  Told told;
  std::shared_ptr<Budget> budget = std::make_shared<Budget>();
  std::shared_ptr<BodyWriter> writer;
  std::unique_ptr<OutgoingBody> body;

  void make(std::optional<std::uint64_t> length = std::nullopt, Message message = Message::request) {
    writer = std::make_shared<BodyWriter>(loop, message, length, budget);
    body = std::make_unique<OutgoingBody>(writer);
  }
  void attach() { writer->attach(std::make_unique<NotingSink>(told)); }
  // The guest waits, and the loop goes on.
  void pause() {
    loop.restart();
    loop.poll();
  }
  wasi::StreamResult<void> write(std::string_view text) {
    const auto stream = body->stream();
    return stream->write(bytes(text));
  }
};

TEST_F(Outgoing, ABodyWrittenInOneStretchIsSentWhole) {
  make();
  attach();
  ASSERT_TRUE(write("hello"));
  ASSERT_TRUE(body->finish({}));
  pause();
  EXPECT_EQ(told.whole, "hello");
  EXPECT_EQ(told.pipe, nullptr);
}

TEST_F(Outgoing, SoIsOneThatWasFinishedBeforeItHadSomewhereToGo) {
  make(5);
  ASSERT_TRUE(write("hello"));
  EXPECT_GE(budget->used(), 5u);
  ASSERT_TRUE(body->finish({}));
  attach();
  EXPECT_EQ(told.whole, "hello");
  EXPECT_EQ(budget->used(), 0u);
}

TEST_F(Outgoing, AGuestThatPausesStreams) {
  make();
  attach();
  ASSERT_TRUE(write("hel"));
  EXPECT_EQ(told.pipe, nullptr);
  pause();
  ASSERT_NE(told.pipe, nullptr);
  EXPECT_EQ(told.pipe->take_all(), "hel");
  ASSERT_TRUE(writer->write("lo"));
  EXPECT_EQ(told.pipe->take_all(), "lo");
  ASSERT_TRUE(body->finish({}));
  EXPECT_TRUE(told.pipe->at_end());
}

TEST_F(Outgoing, TheHeadLeavesEvenIfNothingIsWrittenBeforeThePause) {
  make();
  attach();
  pause();
  EXPECT_NE(told.pipe, nullptr);
}

TEST_F(Outgoing, AFullBufferStreamsAndThenHoldsTheGuestBack) {
  make();
  attach();
  const auto stream = body->stream();
  EXPECT_EQ(stream->check_write(), http::body_pipe_capacity);
  ASSERT_TRUE(stream->write(bytes(std::string(http::body_pipe_capacity, 'x'))));
  ASSERT_NE(told.pipe, nullptr);
  EXPECT_EQ(stream->check_write(), 0u);
  EXPECT_FALSE(stream->readiness()->ready());
  CountingWaker waker;
  host::Subscription subscription;
  subscription.subscribe(stream->readiness()->signal(), waker);
  told.pipe->consume(10);
  EXPECT_EQ(waker.woken, 1);
  EXPECT_EQ(stream->check_write(), 10u);
}

TEST_F(Outgoing, ABodyThatGoesNowhereYetIsBounded) {
  make();
  ASSERT_TRUE(write(std::string(http::body_pipe_capacity, 'x')));
  EXPECT_EQ(writer->writable(), 0u);
  EXPECT_GE(budget->used(), http::body_pipe_capacity);
}

TEST_F(Outgoing, TrailersAreStreamed) {
  make();
  attach();
  ASSERT_TRUE(write("a"));
  http::Fields trailers;
  trailers.append("x-sum", "1");
  ASSERT_TRUE(body->finish(std::move(trailers)));
  ASSERT_NE(told.pipe, nullptr);
  EXPECT_EQ(told.pipe->take_all(), "a");
  EXPECT_TRUE(told.pipe->at_end());
  EXPECT_EQ(told.pipe->trailers()->get("x-sum"), "1");
}

TEST_F(Outgoing, TooFewBytesAreAnErrorOfFinish) {
  make(11);
  ASSERT_TRUE(write("msg"));
  const auto finished = body->finish({});
  ASSERT_FALSE(finished);
  EXPECT_EQ(std::get<error::HttpRequestBodySize>(finished.error()).value, 3u);
  attach();
  EXPECT_TRUE(told.given_up);
  EXPECT_FALSE(told.whole);
}

TEST_F(Outgoing, TooManyBytesAreAnErrorOfTheWriteAndOfFinish) {
  make(11);
  attach();
  {
    const auto stream = body->stream();
    const auto code = code_of(stream->write(bytes("more than 11 bytes")));
    ASSERT_TRUE(code);
    EXPECT_EQ(std::get<error::HttpRequestBodySize>(*code).value, 18u);
    const auto after = stream->check_write();
    ASSERT_FALSE(after);
    EXPECT_TRUE(is<wasi::Closed>(after.error()));
  }
  const auto finished = body->finish({});
  ASSERT_FALSE(finished);
  EXPECT_EQ(std::get<error::HttpRequestBodySize>(finished.error()).value, 18u);
  EXPECT_TRUE(told.given_up);
}

TEST_F(Outgoing, AResponsesBodyHasItsOwnCode) {
  make(1, Message::response);
  const auto finished = body->finish({});
  ASSERT_FALSE(finished);
  EXPECT_EQ(std::get<error::HttpResponseBodySize>(finished.error()).value, 0u);
}

TEST_F(Outgoing, TooManyBytesOfAStreamCutItOff) {
  make(4);
  attach();
  ASSERT_TRUE(write("abc"));
  pause();
  ASSERT_NE(told.pipe, nullptr);
  EXPECT_FALSE(writer->write("de"));
  EXPECT_FALSE(body->finish({}));
  EXPECT_EQ(told.pipe->take_all(), "abc");
  EXPECT_TRUE(told.pipe->failed());
}

TEST_F(Outgoing, ADroppedBodyIsGivenUp) {
  make();
  attach();
  ASSERT_TRUE(write("part"));
  body.reset();
  EXPECT_TRUE(told.given_up);
  pause();
  EXPECT_EQ(told.pipe, nullptr);
}

TEST_F(Outgoing, ADroppedStreamIsCutOff) {
  make();
  attach();
  ASSERT_TRUE(write("part"));
  pause();
  body.reset();
  ASSERT_NE(told.pipe, nullptr);
  EXPECT_EQ(told.pipe->take_all(), "part");
  EXPECT_TRUE(told.pipe->failed());
}

TEST_F(Outgoing, ABodyDroppedBeforeItHadSomewhereToGoIsGivenUpThere) {
  make();
  body.reset();
  attach();
  EXPECT_TRUE(told.given_up);
}

TEST_F(Outgoing, FinishTrapsWhileTheStreamIsAlive) {
  make();
  auto stream = body->stream();
  EXPECT_EQ(body->stream(), nullptr);
  EXPECT_THROW(static_cast<void>(body->finish({})), abi::Trap);
  stream.reset();
  EXPECT_TRUE(body->finish({}));
}

TEST_F(Outgoing, AReceiverThatLeavesClosesTheStream) {
  make();
  attach();
  const auto stream = body->stream();
  pause();
  told.pipe->cancel();
  EXPECT_TRUE(stream->readiness()->ready());
  const auto permit = stream->check_write();
  ASSERT_FALSE(permit);
  EXPECT_TRUE(is<wasi::Closed>(permit.error()));
  EXPECT_FALSE(stream->write(bytes("x")));
  EXPECT_FALSE(stream->flush());
}

TEST_F(Outgoing, TheWriterMayBeGoneBeforeItsPipe) {
  make();
  attach();
  pause();
  body.reset();
  writer.reset();
  told.pipe->consume(0);
}

}  // namespace
}  // namespace weft::wasi_http
