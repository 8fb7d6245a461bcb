// outgoing-body of wasi:http/types: the writing end of an http::BodyPipe as guests see it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bind/registry.h"
#include "host/signal.h"
#include "http/body.h"
#include "util/async.h"
#include "wasi/streams.h"
#include "wasi_http/errors.h"
#include "wasi_http/fields.h"

namespace weft::wasi_http {

// Where an outgoing body goes. At most one of the functions is called, once, on the loop.
class BodySink : Pinned {
 public:
  virtual ~BodySink() = default;
  // The whole body is known before anything was sent.
  virtual void send_whole(std::string body) = 0;
  // The body is sent as it comes, through the returned pipe.
  virtual std::shared_ptr<http::BodyPipe> start_streaming() = 0;
  // The body will never be complete, and nothing of the message was sent.
  virtual void give_up() = 0;
};

// The producer's end, shared by the outgoing-body and its stream. Nothing is sent until the guest pauses (waits, or
// returns) or fills the buffer, so that a body written in one stretch leaves together with its head.
class BodyWriter final : public host::Pollable, public std::enable_shared_from_this<BodyWriter> {
 public:
  // `content_length`: what the message's head promises, if it does.
  BodyWriter(Loop& loop, Message message, std::optional<std::uint64_t> content_length,
             const std::shared_ptr<Budget>& budget)
      : loop_(loop), message_(message), content_length_(content_length), unsent_(budget) {}
  ~BodyWriter() override;

  // From now on there is somewhere to send to. Called at most once.
  void attach(std::unique_ptr<BodySink> sink);
  std::size_t writable() const;
  // REQUIRES: bytes.size() <= writable().
  wasi::StreamResult<void> write(std::string_view bytes);
  // Sends what there is once the guest pauses.
  void flush();
  // Sends what there is, the head at least.
  void send_now();
  // An error: fewer or more bytes than were promised; its receiver is told that the body is bad.
  std::expected<void, ErrorCode> finish(std::optional<http::Fields> trailers);
  // The body was dropped unfinished: its receiver is told.
  void abandon();
  Message message() const { return message_; }
  // Nothing more is taken.
  bool closed() const;

  bool ready() override { return closed() || writable() > 0; }
  host::Signal& signal() override { return signal_; }

  bool has_stream = false;  // an output-stream of it is alive

 private:
  void start();
  void deliver();

  Loop& loop_;
  Message message_;
  std::optional<std::uint64_t> content_length_;
  Charge unsent_;
  std::unique_ptr<BodySink> sink_;  // null before attach()
  std::shared_ptr<http::BodyPipe> pipe_;
  std::string buffer_;  // while there is no pipe
  std::optional<http::Fields> trailers_;
  std::uint64_t written_ = 0;
  bool finished_ = false;
  bool failed_ = false;  // more bytes than promised
  bool abandoned_ = false;
  bool flush_posted_ = false;
  host::Signal signal_;
};

// The fields as the trailers of a body: without what would frame it.
http::Fields as_trailers(http::Fields fields);

// resource outgoing-body
class OutgoingBody : public host::Resource {
 public:
  static constexpr const char* resource_name = "outgoing-body";
  explicit OutgoingBody(std::shared_ptr<BodyWriter> writer) : writer_(std::move(writer)) {}
  ~OutgoingBody() override;
  // The stream, once; then null.
  bind::Own<wasi::OutputStream> stream();
  // Traps when the stream is still alive.
  std::expected<void, ErrorCode> finish(std::optional<http::Fields> trailers);

 private:
  std::shared_ptr<BodyWriter> writer_;
  bool taken_ = false;
};

void add_outgoing_bodies(bind::Registry& registry, std::string_view version);

}  // namespace weft::wasi_http
