// Streams and futures in host function signatures: Stream<std::uint8_t> is stream<u8>, Future<T> is future<T>.
//
// As a parameter it is what a guest writes, or handed on: read_with() has it read by the host. As a result it is
// written by the host (a source), or is a parameter that is passed on. What the host both writes and reads does not
// pass through the guest. Sources and sinks belong to the loop; they may outlive the instance.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "bind/abi.h"
#include "task/copy_end.h"

namespace weft::bind {

class ByteSink;

// A stream of bytes that the host writes.
class ByteSource : public task::HostEnd {
 public:
  using Ref = boost::intrusive_ptr<ByteSource>;
  ByteSource() : HostEnd(Copies::anywhere) {}
  // What is there, valid until the next call; and more will come unless it has ended. changed() when either changes.
  virtual std::string_view front() const = 0;
  virtual bool ended() const = 0;
  virtual void consume(std::size_t bytes) = 0;
  // Nobody reads it any more.
  virtual void cancel() = 0;

  bool ready() const final { return ended() || !front().empty(); }
  bool copy(task::Buffer& guest) final;
  void let_go(task::LetGo) final { cancel(); }
  // Everything goes to `sink`, also when the instance has ended.
  void pump_to(boost::intrusive_ptr<ByteSink> sink);

 private:
  friend class ByteSink;
  void changed_alone() final { pump(); }
  void pump();
  boost::intrusive_ptr<ByteSink> to_;
  bool pumping_ = false;
};

// One that the host reads.
class ByteSink : public task::HostEnd {
 public:
  using Ref = boost::intrusive_ptr<ByteSink>;
  ByteSink() : HostEnd(Copies::anywhere) {}
  // Bytes write() takes now. changed() when it grows, or closed() becomes true.
  virtual std::size_t room() const = 0;
  virtual bool closed() const = 0;
  virtual void write(std::string_view bytes) = 0;
  // No more bytes come. Not called once it is closed.
  virtual void end(task::LetGo how) = 0;

  bool ready() const final { return closed() || room() > 0; }
  bool copy(task::Buffer& guest) final;
  void let_go(task::LetGo how) final {
    if (!closed()) end(how);
  }

 private:
  friend class ByteSource;
  void changed_alone() final;
  ByteSource::Ref from_;
};

template <class T>
class FutureSink;

// A future that the host writes.
template <class T>
class FutureSource : public task::HostEnd {
 public:
  using Ref = boost::intrusive_ptr<FutureSource>;
  FutureSource() : HostEnd(Copies::on_fiber) {}
  // The value, once ready(). changed() when it is.
  virtual T take() = 0;
  // Nobody wants it any more.
  virtual void cancel() {}

  bool copy(task::Buffer& guest) final;
  void let_go(task::LetGo) final { cancel(); }
  // The value goes to `sink`, also when the instance has ended.
  void pass_to(boost::intrusive_ptr<FutureSink<T>> sink) {
    if (this->ready()) return sink->arrived(take());
    to_ = std::move(sink);
    self_ = this;
  }

 private:
  void changed_alone() final {
    if (to_ == nullptr || !this->ready()) return;
    const Ref alive = std::move(self_);
    std::exchange(to_, nullptr)->arrived(take());
  }
  boost::intrusive_ptr<FutureSink<T>> to_;
  Ref self_;  // while it has something to pass on
};

// One that the host reads.
template <class T>
class FutureSink : public task::HostEnd {
 public:
  using Ref = boost::intrusive_ptr<FutureSink>;
  FutureSink() : HostEnd(Copies::anywhere) {}
  // One of them is called, once.
  virtual void arrived(T value) = 0;
  virtual void lost() = 0;

  bool ready() const final { return true; }
  bool copy(task::Buffer& guest) final;
  void let_go(task::LetGo) final { lost(); }
};

// A value that the host sets when it has it.
template <class T>
class Settable final : public FutureSource<T> {
 public:
  using Ref = boost::intrusive_ptr<Settable>;
  // Once.
  void set(T value) {
    value_.emplace(std::move(value));
    this->changed();
  }
  bool is_set() const { return was_set_ || value_; }
  bool ready() const override { return value_.has_value(); }
  T take() override {
    was_set_ = true;
    return *std::exchange(value_, std::nullopt);
  }

 private:
  std::optional<T> value_;
  bool was_set_ = false;
};

// The readable end, wherever the other one is. Dropped unless it is read or passed on.
class ReadableEnd {
 public:
  ReadableEnd() = default;
  explicit ReadableEnd(task::HostEnd::Ref writer) : writer_(std::move(writer)) {}
  ReadableEnd(task::CopyEnd::Ref end, boost::intrusive_ptr<task::HostEvents> events)
      : end_(std::move(end)), events_(std::move(events)) {}
  ReadableEnd(ReadableEnd&&) noexcept = default;
  ReadableEnd& operator=(ReadableEnd&& other) noexcept {
    drop();
    end_ = std::move(other.end_);
    events_ = std::move(other.events_);
    writer_ = std::move(other.writer_);
    return *this;
  }
  ~ReadableEnd() { drop(); }

  // For Abi.
  static ReadableEnd lift(Lift& lift, std::uint32_t index, TypeRef type);
  std::uint32_t lower(Lower& lower, TypeRef type) &&;

 protected:
  // Has it read by the host, and returns null; or returns the host's own end that writes it.
  task::HostEnd::Ref connect(const task::HostEnd::Ref& reader);

 private:
  void drop() noexcept;

  task::CopyEnd::Ref end_;
  boost::intrusive_ptr<task::HostEvents> events_;
  task::HostEnd::Ref writer_;
};

template <class T>
class Stream;

template <>
class Stream<std::uint8_t> : public ReadableEnd {
 public:
  Stream() = default;
  explicit Stream(ReadableEnd end) : ReadableEnd(std::move(end)) {}
  explicit Stream(ByteSource::Ref writer) : ReadableEnd(std::move(writer)) {}
  void read_with(const ByteSink::Ref& reader) && {
    // Its type says what kind of source it is.
    if (const auto writer = connect(reader)) static_cast<ByteSource&>(*writer).pump_to(reader);
  }
};

template <class T>
class Future : public ReadableEnd {
 public:
  Future() = default;
  explicit Future(ReadableEnd end) : ReadableEnd(std::move(end)) {}
  explicit Future(FutureSource<T>::Ref writer) : ReadableEnd(std::move(writer)) {}
  void read_with(const FutureSink<T>::Ref& reader) && {
    if (const auto writer = connect(reader)) static_cast<FutureSource<T>&>(*writer).pass_to(reader);
  }
};

template <>
struct Abi<Stream<std::uint8_t>> {
  static std::string wit() { return "stream<u8>"; }
  static bool check(TypeRef type, const ResourceTypes&) {
    return type->kind == abi::Kind::stream && type->element != nullptr && type->element->kind == abi::Kind::u8;
  }
  static Stream<std::uint8_t> lift(Lift& lift, auto from, TypeRef type) {
    return Stream<std::uint8_t>(ReadableEnd::lift(lift, from.template read<std::uint32_t>(), type));
  }
  static void lower(Lower& lower, auto to, Stream<std::uint8_t> value, TypeRef type) {
    to.write(std::move(value).lower(lower, type));
  }
};

template <class T>
struct Abi<Future<T>> {
  static std::string wit() { return "future<" + Abi<T>::wit() + ">"; }
  static bool check(TypeRef type, const ResourceTypes& resources) {
    return type->kind == abi::Kind::future && type->element != nullptr && Abi<T>::check(type->element, resources);
  }
  static Future<T> lift(Lift& lift, auto from, TypeRef type) {
    return Future<T>(ReadableEnd::lift(lift, from.template read<std::uint32_t>(), type));
  }
  static void lower(Lower& lower, auto to, Future<T> value, TypeRef type) {
    to.write(std::move(value).lower(lower, type));
  }
};

// The instance's table of what guests have handles to.
host::ResourceTable& resources_of(abi::AsyncValues& passed);

template <class T>
bool FutureSource<T>::copy(task::Buffer& guest) {
  abi::LowerContext cx = guest.lower_context();
  Lower to{cx, resources_of(*cx.async_values)};
  Abi<T>::lower(to, abi::MemorySink{cx.memory, guest.ptr()}, take(), guest.element());
  guest.advance(1);
  return false;
}

template <class T>
bool FutureSink<T>::copy(task::Buffer& guest) {
  abi::LiftContext cx = guest.lift_context();
  Lift from{cx, resources_of(*cx.async_values)};
  T value = Abi<T>::lift(from, abi::MemorySource{cx.memory, guest.ptr()}, guest.element());
  guest.advance(1);
  arrived(std::move(value));
  return false;
}

}  // namespace weft::bind
