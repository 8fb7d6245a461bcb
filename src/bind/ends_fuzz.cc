// Any order of what guests and services do with streams of bytes: what may not be done traps and changes nothing, every
// byte arrives once and in order, everybody is told of the end once, and the store knows what it waits for.
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "abi/testing/guest.h"
#include "abi/trap.h"
#include "abi/type_table.h"
#include "bind/ends.h"
#include "util/testing/require.h"

using namespace weft;
using abi::testing::Guest;
using task::CopyEnd;
using task::CopyResult;
using weft::testing::require;

namespace {

constexpr std::uint32_t buffer_at = 1024;
constexpr std::size_t max_streams = 4;

// Byte n of every stream: whoever has one knows which it is.
char byte_at(std::uint64_t n) {
  return static_cast<char>(n * 7 + (n >> 8));
}

struct Events final : task::HostEvents {
  void wake() noexcept override {}
};

// The service's end that writes. `within` bytes come while others are taken.
struct Source final : bind::ByteSource {
  std::string_view front() const override { return std::string_view(bytes).substr(0, chunk); }
  bool ended() const override { return over; }
  void consume(std::size_t count) override {
    require(count > 0 && count <= front().size() && !cancelled);
    bytes.erase(0, count);
    if (const std::size_t more = std::exchange(within, 0); more > 0) produce(more);
  }
  void cancel() override {
    require(!std::exchange(cancelled, true));
    bytes.clear();
  }
  void produce(std::size_t count) {
    if (over || cancelled) return;
    while (count-- > 0) bytes.push_back(byte_at(produced++));
    changed();
  }
  void end() {
    over = true;
    changed();
  }

  std::string bytes;
  std::size_t chunk = 1;
  std::size_t within = 0;
  std::uint64_t produced = 0;
  bool over = false;
  bool cancelled = false;
};

// The one that reads.
struct Sink final : bind::ByteSink {
  std::size_t room() const override { return space; }
  bool closed() const override { return shut; }
  void write(std::string_view bytes) override {
    require(!shut && !ended && !bytes.empty() && bytes.size() <= space);
    space -= bytes.size();
    for (const char byte : bytes) require(byte == byte_at(first + taken++));
    if (const std::size_t more = std::exchange(within, 0); more > 0) make_room(more);
  }
  void end(task::LetGo) override { require(!shut && !std::exchange(ended, true)); }
  void make_room(std::size_t count) {
    space += count;
    changed();
  }
  void close() {
    shut = true;
    changed();
  }

  std::uint64_t first = 0;  // the byte of the stream that it begins with
  std::size_t space = 0;
  std::size_t within = 0;
  std::uint64_t taken = 0;
  bool shut = false;
  bool ended = false;
};

// What the specification says of a guest's end, beside the one of weft.
struct End {
  enum class State { idle, copying, cancelling, done };
  CopyEnd::Ref end;
  State state = State::idle;
  std::uint64_t moved = 0;   // bytes that its guest knows of
  std::uint32_t length = 0;  // of its buffer
  Guest guest;

  bool is_there() const { return end != nullptr; }
  bool is_busy() const { return state == State::copying || state == State::cancelling; }
  bool has_event() const { return is_there() && end->has_pending_event(); }
};

// Whether it trapped.
template <class Operation>
bool traps(Operation operation) {
  try {
    operation();
    return false;
  } catch (const abi::Trap&) {
    return true;
  }
}

class Stream {
 public:
  Stream(unsigned kind, abi::TypeTable& types, const boost::intrusive_ptr<Events>& events)
      : byte_(types.primitive(abi::Kind::u8)), type_(types.stream(byte_)), events_(events) {
    if (kind == 0) {
      source_ = new Source();
      reader_.end = CopyEnd::make_written_by(source_, type_, events_);
    } else {
      std::tie(reader_.end, writer_.end) = CopyEnd::make(type_);
      if (kind == 1) hand_to_host();
    }
  }

  void act(unsigned operation, std::uint32_t count) {
    End& end = operation % 2 == 0 ? reader_ : writer_;
    switch (operation / 2) {
      case 0:
        return copy(end, count);
      case 1:
        return cancel(end);
      case 2:
        return drop(end);
      case 3:
      case 4:
        return take(end);
      case 5:
        if (source_ == nullptr) return;
        if (operation % 2 == 0)
          source_->produce(count);
        else
          source_->within = count;
        source_->chunk = 1 + count / 2;
        return;
      case 6:
        if (sink_ == nullptr) return;
        if (operation % 2 == 0)
          sink_->make_room(count);
        else
          sink_->within = count;
        return;
      default:
        if (count % 8 == 0) return hand_to_host();
        if (count % 8 == 1 && source_ != nullptr) source_->end();
        if (count % 8 == 2 && sink_ != nullptr) sink_->close();
    }
  }

  // What the host is waited for, as the store counts it.
  std::uint32_t waits() const {
    const auto waits = [](const End& end) { return end.is_there() && end.is_busy() && !end.has_event(); };
    return (source_ != nullptr && waits(reader_)) + (sink_ != nullptr && waits(writer_));
  }

  // The instance ends: everybody is told.
  void finish() {
    take(reader_);
    take(writer_);
    if (reader_.is_there() && writer_.is_there()) require(reader_.moved <= writer_.moved);
    const bool guest_has_source = reader_.is_there();
    reader_.end = nullptr;
    writer_.end = nullptr;
    if (source_ != nullptr && guest_has_source) require(source_->cancelled || source_->over);
    if (sink_ != nullptr && source_ == nullptr) {
      require(sink_->ended || sink_->shut);
      require(sink_->first + sink_->taken <= writer_.moved || writer_.is_busy());
    }
    // What is passed on between services lives on without the guest.
    if (source_ != nullptr && sink_ != nullptr) {
      source_->produce(3);
      source_->end();
      for (int i = 0; i < 64 && !sink_->ended && !sink_->shut; ++i) sink_->make_room(1 + source_->bytes.size());
      require(sink_->ended || sink_->shut);
      require(sink_->shut ? source_->cancelled || sink_->ended : sink_->first + sink_->taken == source_->produced);
    }
  }

 private:
  void copy(End& end, std::uint32_t count) {
    if (!end.is_there()) return;
    if (&end == &writer_) {
      for (std::uint32_t i = 0; i < count && !end.is_busy(); ++i)
        *end.guest.at(buffer_at + i) = static_cast<std::byte>(byte_at(end.moved + i));
    }
    task::BufferContext context;
    context.instance = &end.guest.inst;
    context.memory = end.guest.lift().memory;
    const bool trapped = traps([&] { end.end->copy(task::Buffer(context, byte_, buffer_at, count)); });
    require(trapped == (end.state != End::State::idle));
    if (trapped) return;
    end.state = End::State::copying;
    end.length = count;
  }

  static void cancel(End& end) {
    if (!end.is_there()) return;
    const bool trapped = traps([&] { end.end->cancel(); });
    require(trapped == (end.state != End::State::copying));
    if (trapped) return;
    end.state = End::State::cancelling;
    require(end.has_event());
  }

  static void drop(End& end) {
    if (!end.is_there()) return;
    const bool trapped = traps([&] { end.end->drop(); });
    require(trapped == end.is_busy());
    if (!trapped) end.end = nullptr;
  }

  void take(End& end) {
    if (!end.has_event()) return;
    require(end.is_busy());
    const task::Event event = end.end->get_pending_event();
    const std::uint32_t count = event.payload >> 4;
    if (&end == &reader_) {
      for (std::uint32_t i = 0; i < count; ++i)
        require(*end.guest.at(buffer_at + i) == static_cast<std::byte>(byte_at(end.moved + i)));
    }
    end.moved += count;
    const auto result = static_cast<CopyResult>(event.payload & 15);
    require(result != CopyResult::completed || count > 0 || end.length == 0);
    require(result != CopyResult::cancelled || end.state == End::State::cancelling);
    require(result != CopyResult::dropped || other_is_gone(end));
    end.state = result == CopyResult::dropped ? End::State::done : End::State::idle;
  }

  bool other_is_gone(const End& end) const {
    if (&end == &reader_) return source_ != nullptr ? source_->over && source_->bytes.empty() : !writer_.is_there();
    return sink_ != nullptr ? sink_->shut : !reader_.is_there();
  }

  // The readable end is passed to a service, which reads it.
  void hand_to_host() {
    if (!reader_.is_there() || sink_ != nullptr) return;
    const bool trapped = traps([&] { reader_.end->check_lift(); });
    require(trapped == (reader_.state != End::State::idle));
    if (trapped) return;
    sink_ = new Sink();
    sink_->first = reader_.moved;
    if (const auto host = reader_.end->take_host()) {
      require(host == source_);
      source_->pump_to(sink_);
    } else {
      reader_.end->read_by(sink_, events_);
    }
    reader_.end = nullptr;
  }

  const abi::TypeRef byte_, type_;
  const boost::intrusive_ptr<Events> events_;
  boost::intrusive_ptr<Source> source_;
  boost::intrusive_ptr<Sink> sink_;
  End reader_, writer_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  abi::TypeTable types;
  const boost::intrusive_ptr<Events> events(new Events());
  std::vector<std::unique_ptr<Stream>> streams;
  const std::span<const std::uint8_t> bytes(data, size);
  if (bytes.empty()) return 0;
  const std::size_t count = 1 + bytes[0] % max_streams;
  for (std::size_t i = 0; i < count; ++i)
    streams.push_back(std::make_unique<Stream>((bytes[0] >> 2 >> i) % 3, types, events));
  for (std::size_t i = 1; i + 1 < bytes.size(); i += 2) {
    streams[bytes[i] % count]->act((bytes[i] / max_streams) % 16, bytes[i + 1]);
    std::uint32_t waits = 0;
    for (const auto& stream : streams) waits += stream->waits();
    require(events->operations() == waits);
  }
  for (const auto& stream : streams) stream->finish();
  require(events->operations() == 0);
  return 0;
}
