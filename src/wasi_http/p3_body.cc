#include "wasi_http/p3_body.h"

#include <utility>

#include "util/recycled.h"

namespace weft::wasi_http::p3 {
namespace {

using bind::ByteSink;
using bind::ByteSource;
using task::LetGo;

// The bytes of a body from the network.
class IncomingBytes final : public ByteSource, host::Waker, public Recycled<IncomingBytes> {
 public:
  explicit IncomingBytes(std::shared_ptr<BodyReader> reader) : reader_(std::move(reader)) {
    reader_->has_stream = true;
    subscription_.subscribe(reader_->signal(), *this);
  }
  ~IncomingBytes() override { let_go_of_reader(); }

  std::string_view front() const override { return reader_ == nullptr ? std::string_view() : reader_->pipe().front(); }
  bool ended() const override { return reader_ == nullptr || reader_->pipe().ended(); }
  void consume(std::size_t bytes) override {
    const auto reader = reader_;
    reader->consume(bytes);
    if (reader->pipe().ended() && reader->pipe().size() == 0) let_go_of_reader();
  }
  void cancel() override { let_go_of_reader(); }

 private:
  void wake() noexcept override { changed(); }
  // The trailers may be known now.
  void let_go_of_reader() {
    if (reader_ == nullptr) return;
    subscription_.unsubscribe();
    const auto reader = std::exchange(reader_, nullptr);
    reader->has_stream = false;
    reader->signal().notify();
  }

  std::shared_ptr<BodyReader> reader_;
  host::Subscription subscription_;
};

// What came after them: known once they are read or not wanted any more.
class IncomingTrailers final : public bind::FutureSource<Trailers>, host::Waker, public Recycled<IncomingTrailers> {
 public:
  explicit IncomingTrailers(std::shared_ptr<BodyReader> reader) : reader_(std::move(reader)) {
    subscription_.subscribe(reader_->signal(), *this);
  }
  bool ready() const override {
    if (reader_ == nullptr) return false;
    if (reader_->has_stream) return reader_->pipe().ended() && reader_->pipe().size() == 0;
    return reader_->discard();
  }
  Trailers take() override { return reader_->trailers(); }
  void cancel() override {
    subscription_.unsubscribe();
    reader_ = nullptr;
  }

 private:
  void wake() noexcept override {
    if (reader_ != nullptr) changed();
  }

  std::shared_ptr<BodyReader> reader_;
  host::Subscription subscription_;
};

// A body on its way out: its bytes, then its trailers.
class Transmission final : public Sending, host::Waker, public Recycled<Transmission> {
 public:
  Transmission(std::shared_ptr<BodyWriter> writer, bind::Settable<Outcome>::Ref sent)
      : writer_(std::move(writer)), sent_(std::move(sent)) {
    subscription_.subscribe(writer_->signal(), *this);
  }

  std::size_t room() const override { return writer_->writable(); }
  bool closed() const override { return over_ || writer_->closed(); }
  void write(std::string_view bytes) override {
    written_ += bytes.size();
    if (!writer_->write(bytes)) give_up(body_size_error(writer_->message(), written_));
  }
  void end(LetGo how) override {
    if (how == LetGo::lost) return give_up(error::InternalError{"its component ended"});
    bytes_ended_ = true;
    finish();
  }

  void trailers(Trailers trailers) {
    if (!trailers) return give_up(std::move(trailers).error());
    trailers_ = std::move(trailers);
    finish();
  }
  void no_trailers() { give_up(error::InternalError{"its component ended"}); }
  // `sink` calls one of these; it keeps this until then.
  void expect_trailers(const task::HostEnd& sink) { trailers_sink_ = &sink; }
  void leave_alone() override {
    const bool guest_has_a_part = (!bytes_ended_ && attached()) || (!trailers_ && trailers_sink_->attached());
    if (!over_ && !guest_has_a_part) writer_->send_now();
  }

 private:
  void wake() noexcept override {
    // Whoever was to receive it has gone.
    if (!over_ && writer_->closed()) give_up(error::ConnectionTerminated{});
    changed();
  }
  void finish() {
    if (over_ || !bytes_ended_ || !trailers_) return;
    std::optional<http::Fields> fields;
    if (const auto& given = **trailers_) fields = as_trailers((*given)->fields());
    settle(writer_->finish(std::move(fields)));
  }
  void give_up(ErrorCode why) {
    if (over_) return;
    writer_->abandon();
    settle(std::unexpected(std::move(why)));
  }
  void settle(Outcome outcome) {
    over_ = true;
    subscription_.unsubscribe();
    if (sent_ != nullptr) std::exchange(sent_, nullptr)->set(std::move(outcome));
  }

  const std::shared_ptr<BodyWriter> writer_;
  bind::Settable<Outcome>::Ref sent_;
  host::Subscription subscription_;
  std::uint64_t written_ = 0;
  bool bytes_ended_ = false;
  bool over_ = false;
  const task::HostEnd* trailers_sink_ = nullptr;  // while it is not over and there are no trailers
  std::optional<Trailers> trailers_;
};

class TrailersSink final : public bind::FutureSink<Trailers>, public Recycled<TrailersSink> {
 public:
  explicit TrailersSink(boost::intrusive_ptr<Transmission> of) : of_(std::move(of)) {}
  void arrived(Trailers trailers) override { of_->trailers(std::move(trailers)); }
  void lost() override { of_->no_trailers(); }

 private:
  const boost::intrusive_ptr<Transmission> of_;
};

// Tells who made a body what its reader says.
class OutcomeSink final : public bind::FutureSink<Outcome> {
 public:
  explicit OutcomeSink(bind::Settable<Outcome>::Ref to) : to_(std::move(to)) {}
  void arrived(Outcome outcome) override { to_->set(std::move(outcome)); }
  void lost() override { to_->set({}); }

 private:
  const bind::Settable<Outcome>::Ref to_;
};

// No bytes.
class Empty final : public ByteSource {
 public:
  std::string_view front() const override { return {}; }
  bool ended() const override { return true; }
  void consume(std::size_t) override {}
  void cancel() override {}
};

}  // namespace

Body::Body(std::optional<Bytes> contents, bind::Future<Trailers> trailers, bind::Settable<Outcome>::Ref sent)
    : contents_(std::move(contents)), trailers_(std::move(trailers)), sent_(std::move(sent)) {}

Body::Body(std::shared_ptr<http::BodyPipe> pipe, Message message) {
  const auto reader = std::allocate_shared<BodyReader>(RecyclingAllocator<BodyReader>(), std::move(pipe), message);
  contents_.emplace(ByteSource::Ref(new IncomingBytes(reader)));
  trailers_ = bind::Future<Trailers>(bind::FutureSource<Trailers>::Ref(new IncomingTrailers(reader)));
}

Body::~Body() {
  if (sent_ != nullptr) sent_->set(std::unexpected(error::InternalError{"it was dropped and not sent"}));
}

std::tuple<Bytes, bind::Future<Trailers>> Body::consume(bind::Future<Outcome> done) && {
  if (sent_ != nullptr)
    std::move(done).read_with(bind::FutureSink<Outcome>::Ref(new OutcomeSink(std::exchange(sent_, nullptr))));
  return {contents(), std::move(trailers_)};
}

Bytes Body::contents() {
  return contents_ ? *std::move(contents_) : Bytes(ByteSource::Ref(new Empty()));
}

Sending::Ref Body::write_to(std::shared_ptr<BodyWriter> writer) && {
  const boost::intrusive_ptr<Transmission> out(new Transmission(std::move(writer), std::exchange(sent_, nullptr)));
  const bind::FutureSink<Trailers>::Ref trailers(new TrailersSink(out));
  out->expect_trailers(*trailers);
  std::move(trailers_).read_with(trailers);
  contents().read_with(out);
  return out;
}

void Body::settle(Outcome outcome) && {
  if (sent_ != nullptr) std::exchange(sent_, nullptr)->set(std::move(outcome));
}

}  // namespace weft::wasi_http::p3
