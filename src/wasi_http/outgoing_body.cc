#include "wasi_http/outgoing_body.h"

#include <boost/asio/post.hpp>

#include "abi/trap.h"
#include "wasi/p2.h"

namespace weft::wasi_http {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using wasi::StreamResult;

class BodyOutputStream final : public wasi::OutputStream {
 public:
  explicit BodyOutputStream(std::shared_ptr<BodyWriter> writer) : writer_(std::move(writer)) {
    writer_->has_stream = true;
  }
  ~BodyOutputStream() override { writer_->has_stream = false; }

  StreamResult<std::uint64_t> check_write() override {
    if (writer_->closed()) return std::unexpected(wasi::Closed{});
    return writer_->writable();
  }
  StreamResult<void> write(std::span<const std::byte> bytes) override {
    return writer_->write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
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

std::expected<Own<wasi::OutputStream>, std::monostate> write(Host, Borrow<OutgoingBody> self) {
  auto made = self->stream();
  if (made == nullptr) return std::unexpected(std::monostate());
  return made;
}

std::expected<void, ErrorCode> finish(Host, Own<OutgoingBody> self, std::optional<Own<FieldsResource>> trailers) {
  std::optional<http::Fields> fields;
  if (trailers) fields = as_trailers((*trailers)->fields());
  return self->finish(std::move(fields));
}

}  // namespace

// Trailers that were once somebody's head may have it (RFC 9110, 6.5.1).
http::Fields as_trailers(http::Fields fields) {
  remove_forbidden(fields);
  trim_values(fields);
  fields.remove("content-length");
  return fields;
}

BodyWriter::~BodyWriter() {
  if (pipe_ != nullptr) pipe_->on_writable = nullptr;
}

void BodyWriter::attach(std::unique_ptr<BodySink> sink) {
  sink_ = std::move(sink);
  unsent_.set(0);
  if (abandoned_)
    sink_->give_up();
  else if (finished_)
    deliver();
  else
    flush();  // the head leaves even if the guest writes nothing before it waits
}

std::size_t BodyWriter::writable() const {
  if (pipe_ != nullptr) return pipe_->writable();
  return buffer_.size() >= http::body_pipe_capacity ? 0 : http::body_pipe_capacity - buffer_.size();
}

bool BodyWriter::closed() const {
  return failed_ || finished_ || abandoned_ || (pipe_ != nullptr && pipe_->cancelled());
}

StreamResult<void> BodyWriter::write(std::string_view bytes) {
  if (closed()) return std::unexpected(wasi::Closed{});
  written_ += bytes.size();
  if (content_length_ && written_ > *content_length_) {
    failed_ = true;
    return std::unexpected(stream_failed(body_size_error(message_, written_), "more bytes than its Content-Length"));
  }
  if (pipe_ != nullptr) {
    pipe_->write(bytes);
    return {};
  }
  if (sink_ == nullptr) unsent_.set(buffer_.size() + bytes.size());
  buffer_.append(bytes);
  if (buffer_.size() >= http::body_pipe_capacity && sink_ != nullptr) start();
  return {};
}

void BodyWriter::flush() {
  if (pipe_ != nullptr || sink_ == nullptr || flush_posted_) return;
  flush_posted_ = true;
  // Runs when the guest's present stretch is over; a body that is finished by then goes out whole.
  boost::asio::post(loop_, [self = shared_from_this()] {
    self->flush_posted_ = false;
    self->send_now();
  });
}

void BodyWriter::send_now() {
  if (sink_ != nullptr && !finished_ && !failed_ && !abandoned_) start();
}

void BodyWriter::start() {
  if (pipe_ != nullptr) return;
  pipe_ = sink_->start_streaming();
  pipe_->on_writable = [this] { signal_.notify(); };
  if (!buffer_.empty()) pipe_->write(buffer_);
  buffer_ = {};
  signal_.notify();
}

void BodyWriter::deliver() {
  if (pipe_ == nullptr && !trailers_) {
    sink_->send_whole(std::move(buffer_));
    return;
  }
  start();
  pipe_->finish(std::move(trailers_));
}

std::expected<void, ErrorCode> BodyWriter::finish(std::optional<http::Fields> trailers) {
  if (failed_ || (content_length_ && written_ != *content_length_)) {
    abandon();
    return std::unexpected(body_size_error(message_, written_));
  }
  finished_ = true;
  if (trailers && !trailers->empty()) trailers_ = std::move(trailers);
  if (sink_ != nullptr) deliver();
  return {};
}

void BodyWriter::abandon() {
  if (finished_ || abandoned_) return;
  abandoned_ = true;
  if (pipe_ != nullptr)
    pipe_->abort("the body was not finished");
  else if (sink_ != nullptr)
    sink_->give_up();
}

OutgoingBody::~OutgoingBody() {
  if (writer_ != nullptr) writer_->abandon();
}

Own<wasi::OutputStream> OutgoingBody::stream() {
  if (std::exchange(taken_, true)) return nullptr;
  return std::make_unique<BodyOutputStream>(writer_);
}

std::expected<void, ErrorCode> OutgoingBody::finish(std::optional<http::Fields> trailers) {
  if (writer_->has_stream) throw abi::Trap("outgoing-body.finish while its output-stream is alive");
  return std::exchange(writer_, nullptr)->finish(std::move(trailers));
}

void add_outgoing_bodies(bind::Registry& registry, std::string_view version) {
  auto& types = registry.interface(wasi::p2::versioned("wasi:http/types", version));
  types.resource<OutgoingBody>().func<&write>("[method]outgoing-body.write");
  if (version != wasi::p2_october) types.func<&finish>("[static]outgoing-body.finish");
}

}  // namespace weft::wasi_http
