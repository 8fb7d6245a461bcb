#include "bind/ends.h"

#include <algorithm>
#include <cstring>

#include "component/table_objects.h"

namespace weft::bind {

using task::LetGo;

bool ByteSource::copy(task::Buffer& guest) {
  const std::span<std::byte> room = guest.bytes();
  const std::string_view bytes = front().substr(0, room.size());
  if (!bytes.empty()) {
    std::memcpy(room.data(), bytes.data(), bytes.size());
    const std::size_t size = bytes.size();
    guest.advance(static_cast<std::uint32_t>(size));
    consume(size);
  }
  return !ended() || !front().empty();
}

void ByteSource::pump_to(boost::intrusive_ptr<ByteSink> sink) {
  to_ = std::move(sink);
  to_->from_ = this;
  pump();
}

void ByteSource::pump() {
  // Taking bytes may bring more of them, and writing may make room, within the call.
  if (to_ == nullptr || std::exchange(pumping_, true)) return;
  const Ref alive(this);
  const ByteSink::Ref sink = to_;
  const auto unlink = [&] {
    to_ = nullptr;
    sink->from_ = nullptr;
  };
  for (;;) {
    if (sink->closed()) {
      unlink();
      cancel();
      break;
    }
    const std::string_view bytes = front().substr(0, sink->room());
    if (bytes.empty()) break;
    const std::size_t size = bytes.size();
    sink->write(bytes);
    consume(size);
  }
  if (to_ != nullptr && ended() && front().empty()) {
    unlink();
    sink->end(LetGo::dropped);
  }
  pumping_ = false;
}

void ByteSink::changed_alone() {
  if (const ByteSource::Ref from = from_) from->pump();
}

bool ByteSink::copy(task::Buffer& guest) {
  const std::span<std::byte> bytes = guest.bytes();
  if (const std::size_t size = std::min(bytes.size(), closed() ? 0 : room()); size > 0) {
    guest.advance(static_cast<std::uint32_t>(size));
    write({reinterpret_cast<const char*>(bytes.data()), size});
  }
  return !closed();
}

ReadableEnd ReadableEnd::lift(Lift& lift, std::uint32_t index, TypeRef type) {
  auto& passed = static_cast<component::PassedObjects&>(*lift.cx.async_values);
  auto* object = static_cast<task::TableObject*>(passed.lift(*lift.cx.inst, type, index));
  return {task::CopyEnd::Ref(static_cast<task::CopyEnd*>(object), false), passed.events()};
}

std::uint32_t ReadableEnd::lower(Lower& lower, TypeRef type) && {
  auto& passed = static_cast<component::PassedObjects&>(*lower.cx.async_values);
  if (writer_ != nullptr) end_ = task::CopyEnd::make_written_by(std::move(writer_), type, passed.events());
  return passed.lower(*lower.cx.inst, type, static_cast<task::TableObject*>(end_.detach()));
}

task::HostEnd::Ref ReadableEnd::connect(const task::HostEnd::Ref& reader) {
  if (writer_ != nullptr) return std::move(writer_);
  const task::CopyEnd::Ref end = std::move(end_);
  if (auto writer = end->take_host()) return writer;
  end->read_by(reader, std::move(events_));
  return nullptr;
}

void ReadableEnd::drop() noexcept {
  if (writer_ != nullptr) std::exchange(writer_, nullptr)->let_go(LetGo::dropped);
  if (end_ == nullptr) return;
  // One that may be passed on may be dropped.
  end_->drop();
  end_ = nullptr;
  if (events_ != nullptr) events_->wake();
}

host::ResourceTable& resources_of(abi::AsyncValues& passed) {
  return static_cast<component::PassedObjects&>(passed).resources();
}

}  // namespace weft::bind
