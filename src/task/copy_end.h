// Streams and futures: two ends that point at each other (CanonicalABI.md "Stream State", "Future State").
//
// An end reads or writes one buffer at a time. Whoever comes first waits with its buffer; whoever comes second copies.
// What came of it is an event, and the end is busy until the guest has taken it.
#pragma once

#include <cstdint>
#include <utility>

#include "abi/task_state.h"
#include "abi/type.h"
#include "task/buffer.h"
#include "task/host_end.h"
#include "task/waitable.h"

namespace weft::task {

// The values that guests see.
enum class CopyResult : std::uint8_t { completed, dropped, cancelled };

class CopyEnd final : public Waitable {
 public:
  using Ref = boost::intrusive_ptr<CopyEnd>;
  // The readable and the writable end of a new stream or future.
  static std::pair<Ref, Ref> make(abi::TypeRef type);
  // The readable end of one that the host writes.
  static Ref make_written_by(HostEnd::Ref writer, abi::TypeRef type, boost::intrusive_ptr<HostEvents> events);
  // From now on the host reads what the other end writes. This one, a readable end that was lifted, is as if dropped.
  // REQUIRES: host() is null.
  void read_by(const HostEnd::Ref& reader, boost::intrusive_ptr<HostEvents> events);
  // Takes the host's end out of one that was lifted again; null: a guest has the other end, or nobody.
  HostEnd::Ref take_host();
  ~CopyEnd() override;

  const abi::EndKind kind;
  abi::TypeRef type;  // of the stream or future, as the component that has the end sees it

  bool is_stream() const { return kind == abi::EndKind::readable_stream || kind == abi::EndKind::writable_stream; }
  bool is_readable() const { return kind == abi::EndKind::readable_stream || kind == abi::EndKind::readable_future; }

  // Trap if copy() or cancel() would.
  void check_copy() const { check(abi::CopyEvent::copy); }
  void check_cancel() const;
  // Starts to read into or write from `buffer`. Has a pending event at once if the other end allows. Traps if a copy is
  // under way, or none may be any more.
  void copy(const Buffer& buffer);
  // Traps unless a copy is under way that nobody waits for synchronously. Its result is an event then.
  void cancel();
  // Traps while it is busy, and for a future's writable end that has written nothing.
  void drop();
  // Traps unless it is a readable end that may be passed on.
  void check_lift() const;

 private:
  CopyEnd(abi::EndKind end_kind, abi::TypeRef of) : kind(end_kind), type(of) {}
  abi::CopyState check(abi::CopyEvent event) const;
  void advance(abi::CopyEvent event) { state_ = check(event); }
  void done(CopyResult result);
  void copied();
  void detach(LetGo how);
  Event deliver() override;
  // The two ends met: this one came second.
  void meet(CopyEnd& other);

  friend class HostEnd;
  void attach(HostEnd::Ref host, boost::intrusive_ptr<HostEvents> events);
  HostEnd::Ref cut_host();
  void host_changed();
  void copy_with_host();
  void set_waits_for_host(bool waits);

  CopyEnd* other_ = nullptr;  // null: it was dropped, or is the host's
  HostEnd::Ref host_;
  abi::CopyState state_ = abi::CopyState::idle;
  Buffer buffer_;
  bool waits_ = false;           // its buffer is open to the other end
  bool waits_for_host_ = false;  // it counts as an operation of the host
  bool copies_late_ = false;     // its pending event is that the host has something to copy
  CopyResult result_ = CopyResult::completed;
};

// Of the debug messages of one store's error contexts, together.
inline constexpr std::size_t max_debug_message_bytes = std::size_t{1} << 20;

// Counts them; outlives the error contexts.
struct DebugMessages {
  std::size_t bytes = 0;
};

// canon error-context.new
class ErrorContext final : public TableObject {
 public:
  // Traps if all that `messages` counts are too large together.
  ErrorContext(DebugMessages& messages, std::string text);
  ~ErrorContext() override { messages_.bytes -= debug_message.size(); }
  const std::string debug_message;

 private:
  DebugMessages& messages_;
};

}  // namespace weft::task
