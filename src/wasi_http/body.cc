#include "wasi_http/body.h"

#include <boost/asio/post.hpp>

#include "abi/trap.h"

namespace weft::wasi_http {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using wasi::StreamResult;

class BodyInputStream final : public wasi::InputStream {
 public:
  explicit BodyInputStream(std::shared_ptr<BodyReader> reader) : reader_(std::move(reader)) {}

  StreamResult<std::vector<std::byte>> read(std::uint64_t max) override {
    http::BodyPipe& pipe = reader_->pipe();
    const std::string_view front = pipe.front().substr(0, static_cast<std::size_t>(std::min(max, wasi::max_read_bytes)));
    if (!front.empty()) {
      const auto* begin = reinterpret_cast<const std::byte*>(front.data());
      std::vector<std::byte> bytes(begin, begin + front.size());
      pipe.consume(front.size());
      return bytes;
    }
    if (pipe.size() > 0) return {};
    if (pipe.at_end()) return std::unexpected(wasi::Closed{});
    if (pipe.failed()) return std::unexpected(wasi::stream_failed(pipe.abort_reason()));
    return {};
  }
  std::shared_ptr<host::Pollable> readiness() override { return reader_; }

 private:
  std::shared_ptr<BodyReader> reader_;
};

class BodyOutputStream final : public wasi::OutputStream {
 public:
  explicit BodyOutputStream(std::shared_ptr<BodyWriter> writer) : writer_(std::move(writer)) {}

  StreamResult<std::uint64_t> check_write() override {
    if (writer_->closed()) return std::unexpected(wasi::Closed{});
    return writer_->writable();
  }
  StreamResult<void> write(std::span<const std::byte> bytes) override {
    if (writer_->closed()) return std::unexpected(wasi::Closed{});
    if (!writer_->write({reinterpret_cast<const char*>(bytes.data()), bytes.size()})) {
      return std::unexpected(wasi::stream_failed("the body is longer than its Content-Length"));
    }
    return {};
  }
  StreamResult<void> flush() override {
    if (writer_->closed()) return std::unexpected(wasi::Closed{});
    writer_->flush();
    return {};
  }
  std::shared_ptr<host::Pollable> readiness() override { return writer_; }

 private:
  std::shared_ptr<BodyWriter> writer_;
};

std::expected<Own<wasi::InputStream>, std::monostate> incoming_stream(Host, Borrow<IncomingBody> self) {
  auto stream = self->stream();
  if (stream == nullptr) return std::unexpected(std::monostate());
  return stream;
}

Own<FutureTrailers> incoming_finish(Host, Own<IncomingBody> self) {
  return std::make_unique<FutureTrailers>(self->reader());
}

Own<wasi::PollableResource> trailers_subscribe(Host, Borrow<FutureTrailers> self) {
  return std::make_unique<wasi::PollableResource>(self->readiness());
}

std::optional<std::expected<FutureTrailers::Trailers, std::monostate>> trailers_get(Host, Borrow<FutureTrailers> self) {
  return self->get();
}

std::expected<Own<wasi::OutputStream>, std::monostate> outgoing_write(Host, Borrow<OutgoingBody> self) {
  auto stream = self->stream();
  if (stream == nullptr) return std::unexpected(std::monostate());
  return stream;
}

std::expected<void, ErrorCode> outgoing_finish(Host, Own<OutgoingBody> self,
                                               std::optional<Own<FieldsResource>> trailers) {
  std::optional<http::Fields> fields;
  if (trailers) fields = *(*trailers)->take();
  self->set_finished();
  if (!self->writer()->finish(std::move(fields))) {
    return std::unexpected(error::HttpRequestBodySize{self->writer()->written()});
  }
  return {};
}

}  // namespace

std::shared_ptr<BodyReader> BodyReader::create(std::shared_ptr<http::BodyPipe> pipe) {
  std::shared_ptr<BodyReader> reader(new BodyReader(std::move(pipe)));
  reader->pipe_->on_readable = [at = reader.get()] { at->signal_.notify(); };
  return reader;
}

BodyReader::~BodyReader() {
  pipe_->on_readable = nullptr;
  if (!pipe_->ended()) pipe_->cancel();
}

Own<wasi::InputStream> IncomingBody::stream() {
  if (std::exchange(taken_, true)) return nullptr;
  return std::make_unique<BodyInputStream>(reader_);
}

FutureTrailers::FutureTrailers(std::shared_ptr<BodyReader> reader) : reader_(std::move(reader)) {
  // What the guest did not read is of no interest; only the trailers are.
  if (reader_->pipe().size() > 0) reader_->pipe().take_all();
}

std::shared_ptr<host::Pollable> FutureTrailers::readiness() { return reader_; }

std::optional<std::expected<FutureTrailers::Trailers, std::monostate>> FutureTrailers::get() {
  http::BodyPipe& pipe = reader_->pipe();
  if (pipe.size() > 0) pipe.take_all();
  if (!pipe.ended()) return std::nullopt;
  if (std::exchange(taken_, true)) return std::unexpected(std::monostate());
  if (pipe.failed()) return Trailers(std::unexpected(error::ConnectionTerminated{}));
  if (!pipe.trailers()) return Trailers(std::nullopt);
  return Trailers(FieldsResource::immutable(std::make_shared<http::Fields>(*pipe.trailers())));
}

BodyWriter::~BodyWriter() {
  if (pipe_ != nullptr) pipe_->on_writable = nullptr;
}

void BodyWriter::attach(BodySink sink, std::optional<std::uint64_t> content_length) {
  sink_ = std::move(sink);
  content_length_ = content_length;
  attached_ = true;
  if (content_length_ && written_ > *content_length_) failed_ = true;
  if (finished_) {
    const bool whole = !trailers_ && (!content_length_ || written_ == *content_length_);
    if (whole) {
      sink_.send_whole(std::move(buffer_));
    } else {
      start();
      if (pipe_ != nullptr && content_length_ && written_ != *content_length_) pipe_->abort("the body is incomplete");
      else if (pipe_ != nullptr) pipe_->finish(std::move(trailers_));
    }
    return;
  }
  if (!buffer_.empty()) flush();
}

std::size_t BodyWriter::writable() const {
  if (pipe_ != nullptr) return pipe_->writable();
  return buffer_.size() >= http::body_pipe_capacity ? 0 : http::body_pipe_capacity - buffer_.size();
}

bool BodyWriter::closed() const { return failed_ || finished_ || (pipe_ != nullptr && pipe_->cancelled()); }

bool BodyWriter::write(std::string_view bytes) {
  written_ += bytes.size();
  if (content_length_ && written_ > *content_length_) {
    failed_ = true;
    return false;
  }
  if (pipe_ != nullptr) {
    pipe_->write(bytes);
    return true;
  }
  buffer_.append(bytes);
  if (buffer_.size() >= http::body_pipe_capacity && attached_) start();
  return true;
}

void BodyWriter::flush() {
  if (pipe_ != nullptr || !attached_ || flush_posted_) return;
  flush_posted_ = true;
  // Runs when the guest's present stretch is over; a body that is finished by then goes out whole.
  boost::asio::post(loop_, [self = shared_from_this()] {
    self->flush_posted_ = false;
    if (!self->finished_) self->start();
  });
}

void BodyWriter::start() {
  if (pipe_ != nullptr) return;
  pipe_ = sink_.start_streaming();
  if (pipe_ == nullptr) {
    failed_ = true;
    signal_.notify();
    return;
  }
  pipe_->on_writable = [this] { signal_.notify(); };
  if (!buffer_.empty()) pipe_->write(buffer_);
  buffer_ = {};
  signal_.notify();
}

bool BodyWriter::finish(std::optional<http::Fields> trailers) {
  if (finished_ || failed_) return !failed_;
  if (content_length_ && written_ != *content_length_) {
    abandon();
    return false;
  }
  finished_ = true;
  if (pipe_ != nullptr) {
    pipe_->finish(std::move(trailers));
  } else if (!attached_) {
    trailers_ = std::move(trailers);
  } else if (trailers && !trailers->empty()) {
    start();
    if (pipe_ != nullptr) pipe_->finish(std::move(trailers));
  } else {
    sink_.send_whole(std::move(buffer_));
  }
  return true;
}

void BodyWriter::abandon() {
  if (finished_) return;
  finished_ = failed_ = true;
  if (attached_ && pipe_ == nullptr) start();
  if (pipe_ != nullptr) pipe_->abort("the body was not finished");
}

OutgoingBody::~OutgoingBody() {
  if (!finished_) writer_->abandon();
}

Own<wasi::OutputStream> OutgoingBody::stream() {
  if (std::exchange(taken_, true)) return nullptr;
  return std::make_unique<BodyOutputStream>(writer_);
}

void add_bodies(bind::Registry& registry) {
  registry.interface("wasi:http/types@0.2.0")
      .resource<IncomingBody>()
      .resource<FutureTrailers>()
      .resource<OutgoingBody>()
      .func<&incoming_stream>("[method]incoming-body.stream")
      .func<&incoming_finish>("[static]incoming-body.finish")
      .func<&trailers_subscribe>("[method]future-trailers.subscribe")
      .func<&trailers_get>("[method]future-trailers.get")
      .func<&outgoing_write>("[method]outgoing-body.write")
      .func<&outgoing_finish>("[static]outgoing-body.finish");
}

}  // namespace weft::wasi_http
