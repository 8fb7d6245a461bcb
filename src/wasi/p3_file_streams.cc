#include "wasi/p3_file_streams.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace weft::wasi::p3 {
namespace {

using Settled = bind::Settable<FileOutcome>::Ref;

FileOutcome outcome_of(const StreamError& error) {
  const auto* failed = std::get_if<LastOperationFailed>(&error);
  if (failed == nullptr) return {};
  const auto* of_file = dynamic_cast<const FileError*>(failed->value.get());
  return std::unexpected(converted(of_file == nullptr ? ErrorCode::io : of_file->code()));
}

// Read a piece at a time, when somebody wants it.
class FileBytes final : public bind::ByteSource {
 public:
  FileBytes(bind::Own<InputStream> file, Settled outcome) : file_(std::move(file)), outcome_(std::move(outcome)) {}

  std::string_view front() const override {
    look();
    return {reinterpret_cast<const char*>(piece_.data()) + at_, piece_.size() - at_};
  }
  bool ended() const override {
    look();
    return file_ == nullptr;
  }
  void consume(std::size_t bytes) override { at_ += bytes; }
  void cancel() override {
    if (file_ != nullptr) end({});
  }

 private:
  void look() const {
    if (file_ == nullptr || at_ < piece_.size()) return;
    at_ = 0;
    piece_.clear();
    auto read = file_->read(max_read_bytes);
    if (read)
      piece_ = *std::move(read);
    else
      end(outcome_of(read.error()));
  }
  void end(FileOutcome outcome) const {
    file_ = nullptr;
    outcome_->set(std::move(outcome));
  }

  mutable bind::Own<InputStream> file_;  // null at its end
  const Settled outcome_;
  mutable std::vector<std::byte> piece_;
  mutable std::size_t at_ = 0;
};

// Bytes written before others on the loop have their turn, also when they come from another file.
constexpr std::size_t max_bytes_a_turn = 1 << 20;

class FileSink final : public bind::ByteSink {
 public:
  FileSink(Loop& loop, bind::Own<OutputStream> file, Settled outcome)
      : loop_(loop), file_(std::move(file)), outcome_(std::move(outcome)) {}

  std::size_t room() const override { return std::min<std::size_t>(max_write_permit, left_); }
  bool closed() const override { return file_ == nullptr; }
  void write(std::string_view bytes) override {
    auto written = file_->write(std::as_bytes(std::span(bytes)));
    if (!written) return finish(outcome_of(written.error()));
    left_ -= bytes.size();
    if (left_ > 0) return;
    boost::asio::post(loop_, [self = boost::intrusive_ptr<FileSink>(this)] {
      self->left_ = max_bytes_a_turn;
      self->changed();
    });
  }
  void end(task::LetGo) override { finish({}); }

 private:
  void finish(FileOutcome outcome) {
    file_ = nullptr;
    outcome_->set(std::move(outcome));
  }

  Loop& loop_;
  bind::Own<OutputStream> file_;  // null: no more is taken
  const Settled outcome_;
  std::size_t left_ = max_bytes_a_turn;
};

class Entries final : public bind::ItemSource<DirectoryEntry> {
 public:
  Entries(bind::Own<DirectoryEntryStream> folder, Settled outcome)
      : folder_(std::move(folder)), outcome_(std::move(outcome)) {}

  std::optional<DirectoryEntry> next() override {
    if (folder_ == nullptr) return std::nullopt;
    // An entry that cannot be told of ends nothing: the others are, and it is the outcome.
    for (;;) {
      auto entry = folder_->next();
      if (entry && *entry) return DirectoryEntry{.type = converted((*entry)->type), .name = std::move((*entry)->name)};
      if (entry) break;
      failure_ = converted(entry.error());
      if (entry.error() != ErrorCode::illegal_byte_sequence) break;
    }
    cancel();
    return std::nullopt;
  }
  void cancel() override {
    if (std::exchange(folder_, nullptr) == nullptr) return;
    if (failure_)
      outcome_->set(std::unexpected(*std::move(failure_)));
    else
      outcome_->set({});
  }

 private:
  bind::Own<DirectoryEntryStream> folder_;  // null at its end
  std::optional<FileErrorCode> failure_;
  const Settled outcome_;
};

}  // namespace

std::tuple<Bytes, bind::Future<FileOutcome>> read_file(wasi::FileResult<bind::Own<InputStream>> input) {
  const Settled outcome(new bind::Settable<FileOutcome>());
  if (!input) outcome->set(std::unexpected(converted(input.error())));
  return {Bytes(bind::ByteSource::Ref(new FileBytes(input ? *std::move(input) : nullptr, outcome))),
          bind::Future<FileOutcome>(outcome)};
}

bind::Future<FileOutcome> write_file(Loop& loop, wasi::FileResult<bind::Own<OutputStream>> output, Bytes data) {
  const Settled outcome(new bind::Settable<FileOutcome>());
  if (output)
    std::move(data).read_with(bind::ByteSink::Ref(new FileSink(loop, *std::move(output), outcome)));
  else
    outcome->set(std::unexpected(converted(output.error())));
  return bind::Future<FileOutcome>(outcome);
}

std::tuple<bind::Stream<DirectoryEntry>, bind::Future<FileOutcome>> list_directory(
    wasi::FileResult<bind::Own<DirectoryEntryStream>> entries) {
  const Settled outcome(new bind::Settable<FileOutcome>());
  if (!entries) outcome->set(std::unexpected(converted(entries.error())));
  using Source = bind::ItemSource<DirectoryEntry>::Ref;
  return {bind::Stream<DirectoryEntry>(Source(new Entries(entries ? *std::move(entries) : nullptr, outcome))),
          bind::Future<FileOutcome>(outcome)};
}

}  // namespace weft::wasi::p3
