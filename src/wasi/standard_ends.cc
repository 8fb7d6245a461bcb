#include "wasi/standard_ends.h"

#include <utility>

namespace weft::wasi {
namespace {

class FileSource final : public bind::ByteSource, host::Waker {
 public:
  FileSource(std::shared_ptr<StandardInput> file, WhenEnded when_ended)
      : file_(std::move(file)), when_ended_(std::move(when_ended)) {
    fill();
  }

  std::string_view front() const override {
    return std::string_view(reinterpret_cast<const char*>(bytes_.data()), bytes_.size()).substr(taken_);
  }
  bool ended() const override { return file_ == nullptr; }
  void consume(std::size_t bytes) override {
    taken_ += bytes;
    if (taken_ == bytes_.size()) fill();
  }
  void cancel() override {
    if (file_ != nullptr) end(nullptr);
  }

 private:
  void wake() noexcept override {
    if (file_ == nullptr || !front().empty()) return;
    fill();
    changed();
  }
  // Asks for more, and is woken when there is some.
  void fill() {
    bytes_.clear();
    taken_ = 0;
    if (file_ == nullptr) return;
    auto read = file_->read(max_write_permit);
    if (!read) return end(std::holds_alternative<Closed>(read.error()) ? nullptr : &read.error());
    bytes_ = *std::move(read);
    if (bytes_.empty()) subscription_.subscribe(file_->signal(), *this);
  }
  void end(const StreamError* error) {
    subscription_.unsubscribe();
    file_ = nullptr;
    std::exchange(when_ended_, nullptr)(error);
  }

  std::shared_ptr<StandardInput> file_;  // null: it has ended
  WhenEnded when_ended_;
  std::vector<std::byte> bytes_;
  std::size_t taken_ = 0;  // of them
  host::Subscription subscription_;
};

class FileSink final : public bind::ByteSink, host::Waker {
 public:
  FileSink(std::shared_ptr<StandardOutput> file, WhenEnded when_ended)
      : file_(std::move(file)), when_ended_(std::move(when_ended)) {
    look();
  }

  std::size_t room() const override { return room_; }
  bool closed() const override { return file_ == nullptr; }
  void write(std::string_view bytes) override {
    if (auto written = file_->write(std::as_bytes(std::span(bytes))); !written) return finish(&written.error());
    look();
  }
  void end(task::LetGo) override { finish(nullptr); }

 private:
  void wake() noexcept override {
    if (file_ == nullptr) return;
    look();
    changed();
  }
  void look() {
    auto permit = file_->permit();
    if (!permit) return finish(&permit.error());
    room_ = *permit;
    if (room_ == 0) subscription_.subscribe(file_->signal(), *this);
  }
  void finish(const StreamError* error) {
    subscription_.unsubscribe();
    file_ = nullptr;
    room_ = 0;
    std::exchange(when_ended_, nullptr)(error);
  }

  std::shared_ptr<StandardOutput> file_;  // null: it is closed
  WhenEnded when_ended_;
  std::size_t room_ = 0;
  host::Subscription subscription_;
};

}  // namespace

bind::ByteSource::Ref read_from(std::shared_ptr<StandardInput> file, WhenEnded when_ended) {
  return bind::ByteSource::Ref(new FileSource(std::move(file), std::move(when_ended)));
}

bind::ByteSink::Ref write_to(std::shared_ptr<StandardOutput> file, WhenEnded when_ended) {
  return bind::ByteSink::Ref(new FileSink(std::move(file), std::move(when_ended)));
}

}  // namespace weft::wasi
