// incoming-body and future-trailers of wasi:http/types: the reading end of an http::BodyPipe as guests see it.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "bind/registry.h"
#include "host/signal.h"
#include "http/body.h"
#include "wasi/streams.h"
#include "wasi_http/errors.h"
#include "wasi_http/fields.h"

namespace weft::wasi_http {

// The consumer's end of a pipe, shared by the body, its stream and its trailers. Keeps alive what owns the pipe.
class BodyReader final : public host::Pollable {
 public:
  BodyReader(std::shared_ptr<http::BodyPipe> pipe, Message message);
  // Nobody wants the rest.
  ~BodyReader() override;

  // At most `max` bytes, as InputStream::read().
  wasi::StreamResult<std::vector<std::byte>> read(std::uint64_t max);
  // Takes bytes that pipe() has in front.
  void consume(std::size_t bytes) { pipe_->consume(bytes); }
  // Throws away what is there; true once the body has ended.
  bool discard();
  // The trailers, if there are any. REQUIRES: the body has ended.
  using Trailers = std::expected<std::optional<bind::Own<FieldsResource>>, ErrorCode>;
  Trailers trailers() const;
  const http::BodyPipe& pipe() const { return *pipe_; }
  // REQUIRES: pipe().failed().
  ErrorCode error() const { return to_error_code(*pipe_, message_); }

  bool ready() override { return pipe_->size() > 0 || pipe_->ended(); }
  host::Signal& signal() override { return signal_; }

  bool has_stream = false;  // an input-stream of it is alive

 private:
  std::shared_ptr<http::BodyPipe> pipe_;
  Message message_;
  bool error_told_ = false;
  host::Signal signal_;
};

// resource incoming-body
class IncomingBody : public host::Resource {
 public:
  static constexpr const char* resource_name = "incoming-body";
  explicit IncomingBody(std::shared_ptr<BodyReader> reader) : reader_(std::move(reader)) {}
  // The stream, once; then null.
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
  // Traps when the body's stream is still alive. What the guest did not read of the body is thrown away.
  explicit FutureTrailers(std::shared_ptr<BodyReader> reader);
  // Ready when get() has an answer.
  std::shared_ptr<host::Pollable> readiness();
  using Trailers = BodyReader::Trailers;
  // None: not known yet. An error inside: taken before.
  std::optional<std::expected<Trailers, std::monostate>> get();
  // The same, once: traps when they were taken before.
  std::optional<Trailers> take();

 private:
  std::shared_ptr<BodyReader> reader_;
  bool taken_ = false;
};

void add_incoming_bodies(bind::Registry& registry, std::string_view version);

}  // namespace weft::wasi_http
