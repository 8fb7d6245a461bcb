#include "wasi_http/incoming_body.h"

#include "abi/trap.h"
#include "wasi/p2.h"

namespace weft::wasi_http {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using wasi::StreamResult;

class BodyInputStream final : public wasi::InputStream {
 public:
  explicit BodyInputStream(std::shared_ptr<BodyReader> reader) : reader_(std::move(reader)) {
    reader_->has_stream = true;
  }
  ~BodyInputStream() override { reader_->has_stream = false; }
  StreamResult<std::vector<std::byte>> read(std::uint64_t max) override { return reader_->read(max); }
  std::shared_ptr<host::Pollable> readiness() override { return reader_; }

 private:
  std::shared_ptr<BodyReader> reader_;
};

class TrailersReadiness final : public host::Pollable {
 public:
  explicit TrailersReadiness(std::shared_ptr<BodyReader> reader) : reader_(std::move(reader)) {}
  bool ready() override { return reader_->discard(); }
  host::Signal& signal() override { return reader_->signal(); }

 private:
  std::shared_ptr<BodyReader> reader_;
};

std::expected<Own<wasi::InputStream>, std::monostate> stream(Host, Borrow<IncomingBody> self) {
  auto made = self->stream();
  if (made == nullptr) return std::unexpected(std::monostate());
  return made;
}

Own<FutureTrailers> finish(Host, Own<IncomingBody> self) {
  return std::make_unique<FutureTrailers>(self->reader());
}

Own<wasi::PollableResource> subscribe(Host, Borrow<FutureTrailers> self) {
  return std::make_unique<wasi::PollableResource>(self->readiness());
}

std::optional<std::expected<FutureTrailers::Trailers, std::monostate>> get(Host, Borrow<FutureTrailers> self) {
  return self->get();
}

// Of November: what was taken before has no answer.
std::optional<FutureTrailers::Trailers> get_once(Host, Borrow<FutureTrailers> self) {
  return self->take();
}

}  // namespace

BodyReader::BodyReader(std::shared_ptr<http::BodyPipe> pipe, Message message)
    : pipe_(std::move(pipe)), message_(message) {
  pipe_->on_readable = [this] { signal_.notify(); };
}

BodyReader::~BodyReader() {
  pipe_->on_readable = nullptr;
  if (!pipe_->ended()) pipe_->cancel();
}

StreamResult<std::vector<std::byte>> BodyReader::read(std::uint64_t max) {
  const std::uint64_t most = std::min(max, wasi::max_read_bytes);
  const std::string_view front = pipe_->front().substr(0, static_cast<std::size_t>(most));
  if (!front.empty()) {
    const auto* begin = reinterpret_cast<const std::byte*>(front.data());
    std::vector<std::byte> bytes(begin, begin + front.size());
    pipe_->consume(front.size());
    return bytes;
  }
  if (pipe_->at_end()) return std::unexpected(wasi::Closed{});
  if (pipe_->failed()) {
    // The error is told once; after it the stream is closed.
    if (std::exchange(error_told_, true)) return std::unexpected(wasi::Closed{});
    return std::unexpected(stream_failed(error(), pipe_->abort_reason()));
  }
  return {};
}

bool BodyReader::discard() {
  if (pipe_->size() > 0) pipe_->take_all();
  return pipe_->ended();
}

BodyReader::Trailers BodyReader::trailers() const {
  if (pipe_->failed()) return std::unexpected(error());
  if (!pipe_->trailers()) return std::nullopt;
  auto trailers = std::make_shared<http::Fields>(*pipe_->trailers());
  remove_forbidden(*trailers);
  return FieldsResource::immutable(std::move(trailers));
}

Own<wasi::InputStream> IncomingBody::stream() {
  if (std::exchange(taken_, true)) return nullptr;
  return std::make_unique<BodyInputStream>(reader_);
}

FutureTrailers::FutureTrailers(std::shared_ptr<BodyReader> reader) : reader_(std::move(reader)) {
  if (reader_->has_stream) throw abi::Trap("incoming-body.finish while its input-stream is alive");
  reader_->discard();
}

std::shared_ptr<host::Pollable> FutureTrailers::readiness() {
  return std::make_shared<TrailersReadiness>(reader_);
}

std::optional<std::expected<FutureTrailers::Trailers, std::monostate>> FutureTrailers::get() {
  if (!reader_->discard()) return std::nullopt;
  if (std::exchange(taken_, true)) return std::unexpected(std::monostate());
  return reader_->trailers();
}

std::optional<FutureTrailers::Trailers> FutureTrailers::take() {
  auto got = get();
  if (!got) return std::nullopt;
  if (!*got) throw abi::Trap("future-trailers.get of trailers that were taken before");
  return **std::move(got);
}

void add_incoming_bodies(bind::Registry& registry, std::string_view version) {
  auto& types = registry.interface(wasi::p2::versioned("wasi:http/types", version));
  types.resource<IncomingBody>()
      .resource<FutureTrailers>()
      .func<&stream>("[method]incoming-body.stream")
      .func<&finish>("[static]incoming-body.finish")
      .func<&subscribe>("[method]future-trailers.subscribe");
  if (version == wasi::p2_november)
    types.func<&get_once>("[method]future-trailers.get");
  else if (version != wasi::p2_october)
    types.func<&get>("[method]future-trailers.get");
}

}  // namespace weft::wasi_http
