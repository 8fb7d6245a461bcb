// Bodies of wasi:http/types: http::BodyPipe as guests see it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bind/registry.h"
#include "host/signal.h"
#include "http/body.h"
#include "util/async.h"
#include "wasi/streams.h"
#include "wasi_http/fields.h"

namespace weft::wasi_http {

// The consumer's end of a pipe, shared by the body, its stream and its trailers. Keeps alive what owns the pipe.
class BodyReader final : public host::Pollable, public std::enable_shared_from_this<BodyReader> {
 public:
  static std::shared_ptr<BodyReader> create(std::shared_ptr<http::BodyPipe> pipe);
  // Nobody wants the rest.
  ~BodyReader() override;

  http::BodyPipe& pipe() { return *pipe_; }
  bool ready() override { return pipe_->size() > 0 || pipe_->ended(); }
  host::Signal& signal() override { return signal_; }

 private:
  explicit BodyReader(std::shared_ptr<http::BodyPipe> pipe) : pipe_(std::move(pipe)) {}
  std::shared_ptr<http::BodyPipe> pipe_;
  host::Signal signal_;
};

// resource incoming-body
class IncomingBody : public host::Resource {
 public:
  static constexpr const char* resource_name = "incoming-body";
  explicit IncomingBody(std::shared_ptr<BodyReader> reader) : reader_(std::move(reader)) {}
  // The stream, once.
  bind::Own<wasi::InputStream> stream();
  const std::shared_ptr<BodyReader>& reader() const { return reader_; }

 private:
  std::shared_ptr<BodyReader> reader_;
  bool taken_ = false;
};

// resource future-trailers
class FutureTrailers : public host::Resource {
 public:
  static constexpr const char* resource_name = "future-trailers";
  explicit FutureTrailers(std::shared_ptr<BodyReader> reader);
  std::shared_ptr<host::Pollable> readiness();
  using Trailers = std::expected<std::optional<bind::Own<FieldsResource>>, ErrorCode>;
  // None: not known yet. An error inside: taken before.
  std::optional<std::expected<Trailers, std::monostate>> get();

 private:
  std::shared_ptr<BodyReader> reader_;
  bool taken_ = false;
};

// Where an outgoing body goes. Called on the loop, at most one of the two, once.
struct BodySink {
  // The whole body is known before anything was sent.
  std::function<void(std::string body)> send_whole;
  // The body is sent as it comes; it lasts as long as the returned pipe.
  std::function<std::shared_ptr<http::BodyPipe>()> start_streaming;
};

// The producer's end, shared by the outgoing-body and its stream. Until the guest pauses (waits, or returns) or fills
// the buffer nothing is sent, so that a body written in one stretch leaves together with its head.
class BodyWriter final : public host::Pollable, public std::enable_shared_from_this<BodyWriter> {
 public:
  explicit BodyWriter(Loop& loop) : loop_(loop) {}
  ~BodyWriter() override;

  // From now on there is somewhere to send to. `content_length`: what the head promises, if it does.
  void attach(BodySink sink, std::optional<std::uint64_t> content_length);
  std::size_t writable() const;
  // REQUIRES: bytes.size() <= writable(). False: the body goes beyond its Content-Length.
  bool write(std::string_view bytes);
  // Sends what there is once the guest pauses.
  void flush();
  // False: fewer bytes than its Content-Length.
  bool finish(std::optional<http::Fields> trailers);
  // The body was dropped unfinished: its receiver is told.
  void abandon();
  bool closed() const;
  std::uint64_t written() const { return written_; }

  bool ready() override { return closed() || writable() > 0; }
  host::Signal& signal() override { return signal_; }

 private:
  void start();

  Loop& loop_;
  BodySink sink_;
  std::optional<std::uint64_t> content_length_;
  std::string buffer_;
  std::shared_ptr<http::BodyPipe> pipe_;
  std::uint64_t written_ = 0;
  bool attached_ = false;
  bool finished_ = false;
  bool failed_ = false;
  bool flush_posted_ = false;
  std::optional<http::Fields> trailers_;
  host::Signal signal_;
};

// resource outgoing-body
class OutgoingBody : public host::Resource {
 public:
  static constexpr const char* resource_name = "outgoing-body";
  explicit OutgoingBody(std::shared_ptr<BodyWriter> writer) : writer_(std::move(writer)) {}
  ~OutgoingBody() override;
  // The stream, once.
  bind::Own<wasi::OutputStream> stream();
  const std::shared_ptr<BodyWriter>& writer() const { return writer_; }
  void set_finished() { finished_ = true; }

 private:
  std::shared_ptr<BodyWriter> writer_;
  bool taken_ = false;
  bool finished_ = false;
};

void add_bodies(bind::Registry& registry);

}  // namespace weft::wasi_http
