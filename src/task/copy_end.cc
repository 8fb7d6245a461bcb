#include "task/copy_end.h"

#include "abi/trap.h"

namespace weft::task {
namespace {

using abi::CopyEvent;
using abi::EndKind;

// Within one component only what needs no realloc, and no handles, may pass.
bool none_or_number(abi::TypeRef element) {
  if (element == nullptr) return true;
  switch (element->kind) {
    case abi::Kind::u8:
    case abi::Kind::u16:
    case abi::Kind::u32:
    case abi::Kind::u64:
    case abi::Kind::s8:
    case abi::Kind::s16:
    case abi::Kind::s32:
    case abi::Kind::s64:
    case abi::Kind::f32:
    case abi::Kind::f64:
      return true;
    default:
      return false;
  }
}

EndKind readable_kind(abi::TypeRef type) {
  return type->kind == abi::Kind::stream ? EndKind::readable_stream : EndKind::readable_future;
}

EventCode event_of(EndKind kind) {
  switch (kind) {
    case EndKind::readable_stream:
      return EventCode::stream_read;
    case EndKind::writable_stream:
      return EventCode::stream_write;
    case EndKind::readable_future:
      return EventCode::future_read;
    case EndKind::writable_future:
      break;
  }
  return EventCode::future_write;
}

}  // namespace

std::pair<CopyEnd::Ref, CopyEnd::Ref> CopyEnd::make(abi::TypeRef type) {
  const bool stream = type->kind == abi::Kind::stream;
  Ref readable(new CopyEnd(readable_kind(type), type));
  Ref writable(new CopyEnd(stream ? EndKind::writable_stream : EndKind::writable_future, type));
  readable->other_ = writable.get();
  writable->other_ = readable.get();
  return {std::move(readable), std::move(writable)};
}

CopyEnd::~CopyEnd() {
  detach(LetGo::lost);
}

void CopyEnd::detach(LetGo how) {
  if (CopyEnd* other = std::exchange(other_, nullptr)) other->other_ = nullptr;
  if (const HostEnd::Ref host = cut_host()) host->let_go(how);
}

abi::CopyState CopyEnd::check(CopyEvent event) const {
  const auto step = abi::step(kind, state_, event);
  if (step.trap != nullptr) throw abi::Trap(step.trap);
  return step.next;
}

void CopyEnd::check_cancel() const {
  if (has_sync_waiter) throw abi::Trap("no copy is in progress that could be cancelled");
  check(CopyEvent::cancel);
}

void CopyEnd::done(CopyResult result) {
  set_waits_for_host(false);
  waits_ = false;
  result_ = result;
  set_pending_event();
}

// Its buffer stays open to the other end until the guest has taken the event.
void CopyEnd::copied() {
  result_ = CopyResult::completed;
  set_pending_event();
}

void CopyEnd::copy(const Buffer& buffer) {
  advance(CopyEvent::copy);
  buffer_ = buffer;
  if (host_ != nullptr) {
    waits_ = true;
    return host_changed();
  }
  if (other_ == nullptr) return done(CopyResult::dropped);
  if (!other_->waits_) {
    waits_ = true;
    return;
  }
  if (other_->buffer_.instance() == buffer_.instance() && !none_or_number(type->element)) {
    throw abi::Trap(is_stream() ? "cannot read from and write to intra-component stream"
                                : "cannot read from and write to intra-component future");
  }
  meet(*other_);
}

void CopyEnd::meet(CopyEnd& other) {
  Buffer& from = is_readable() ? other.buffer_ : buffer_;
  Buffer& to = is_readable() ? buffer_ : other.buffer_;
  if (!is_stream()) {
    Buffer::copy(from, to);
    other.done(CopyResult::completed);
    return done(CopyResult::completed);
  }
  if (other.buffer_.remain() > 0) {
    if (buffer_.remain() > 0) {
      Buffer::copy(from, to);
      other.copied();
    }
    return done(CopyResult::completed);
  }
  // A write of nothing finds out whether somebody reads: it is done when one of nothing does.
  if (!is_readable() && buffer_.is_zero_length() && other.buffer_.is_zero_length()) return done(CopyResult::completed);
  other.done(CopyResult::completed);
  waits_ = true;
}

void CopyEnd::cancel() {
  check_cancel();
  advance(CopyEvent::cancel);
  if (!has_pending_event()) done(CopyResult::cancelled);
}

void CopyEnd::drop() {
  advance(CopyEvent::drop);
  if (other_ != nullptr && other_->waits_) other_->done(CopyResult::dropped);
  detach(LetGo::dropped);
  join(nullptr);
}

void CopyEnd::check_lift() const {
  check(CopyEvent::lift);
  if (in_waitable_set()) {
    throw abi::Trap(is_stream() ? "cannot lift stream while it's in a waitable set"
                                : "cannot lift future while it's in a waitable set");
  }
}

Event CopyEnd::deliver() {
  if (std::exchange(copies_late_, false)) {
    copy_with_host();
    clear_pending_event();
  }
  waits_ = false;
  CopyResult result = result_;
  // What the guest is told is as new as it can be: that the other end is gone, and that it has cancelled itself, matter
  // more than that the copy went well, which it sees by how much was copied.
  if (is_stream() && result == CopyResult::completed) {
    if (other_ == nullptr && host_ == nullptr)
      result = CopyResult::dropped;
    else if (state_ == abi::CopyState::cancelling_copy)
      result = CopyResult::cancelled;
  }
  advance(result == CopyResult::completed ? CopyEvent::completed
          : result == CopyResult::dropped ? CopyEvent::dropped
                                          : CopyEvent::cancelled);
  const auto code = static_cast<std::uint32_t>(result);
  return {event_of(kind), index, is_stream() ? code | (buffer_.progress() << 4) : code};
}

// ---- ends of the host ----

CopyEnd::Ref CopyEnd::make_written_by(HostEnd::Ref writer, abi::TypeRef type, boost::intrusive_ptr<HostEvents> events) {
  Ref readable(new CopyEnd(readable_kind(type), type));
  readable->attach(std::move(writer), std::move(events));
  return readable;
}

void CopyEnd::read_by(const HostEnd::Ref& reader, boost::intrusive_ptr<HostEvents> events) {
  CopyEnd* const writer = std::exchange(other_, nullptr);
  if (writer == nullptr) return reader->let_go(LetGo::dropped);
  writer->other_ = nullptr;
  writer->attach(reader, std::move(events));
  if (writer->waits_) writer->host_changed();
}

HostEnd::Ref CopyEnd::take_host() {
  return cut_host();
}

void CopyEnd::attach(HostEnd::Ref host, boost::intrusive_ptr<HostEvents> events) {
  host_ = std::move(host);
  host_->guest_ = this;
  host_->events_ = std::move(events);
}

HostEnd::Ref CopyEnd::cut_host() {
  set_waits_for_host(false);
  if (host_ != nullptr) {
    host_->guest_ = nullptr;
    host_->events_ = nullptr;
  }
  return std::exchange(host_, nullptr);
}

void CopyEnd::set_waits_for_host(bool waits) {
  if (std::exchange(waits_for_host_, waits) == waits) return;
  if (waits)
    host_->events_->begin_operation();
  else
    host_->events_->end_operation();
}

void CopyEnd::host_changed() {
  if (!waits_ || copies_late_) return;
  if (!host_->ready()) {
    if (!has_pending_event()) set_waits_for_host(true);
    return;
  }
  set_waits_for_host(false);
  if (host_->copies_ == HostEnd::Copies::anywhere) return copy_with_host();
  copies_late_ = true;
  set_pending_event();
}

void CopyEnd::copy_with_host() {
  // What was copied and not taken yet leaves no room.
  if (has_pending_event() && buffer_.remain() == 0) return;
  // Copying may tell it of more, and end it, within the call.
  const HostEnd::Ref host = host_;
  const bool more = host->copy(buffer_);
  if (is_stream() && more) return copied();
  cut_host();
  done(is_stream() ? CopyResult::dropped : CopyResult::completed);
}

void HostEnd::changed() {
  const Ref alive(this);
  if (guest_ != nullptr)
    guest_->host_changed();
  else
    changed_alone();
}

ErrorContext::ErrorContext(DebugMessages& messages, std::string text)
    : debug_message(std::move(text)), messages_(messages) {
  if (debug_message.size() > max_debug_message_bytes - messages_.bytes)
    throw abi::Trap("error contexts have debug messages of more than " + std::to_string(max_debug_message_bytes >> 20) +
                    " MiB together");
  messages_.bytes += debug_message.size();
}

}  // namespace weft::task
