// Reading, writing and seeking.
#include <algorithm>

#include "preview1/functions.h"

namespace weft::preview1 {
namespace {

using bind::Host;

// Buffers of one call, as Linux has it.
constexpr std::uint32_t max_buffers = 1024;
// Bytes of a file that one call moves; more is a short read or write. The disk is used on the loop's thread.
constexpr std::uint64_t max_transfer_bytes = 4 << 20;

// The buffers of one call, which are the guest's: looked at again for each piece, since the guest's memory may move
// while a call waits.
class Buffers {
 public:
  // inval: too many, or too many bytes in all.
  static Outcome<Buffers> of(GuestPtr list, std::uint32_t count) {
    if (count > max_buffers) return failed(Errno::inval);
    list.check(count, sizeof(Iovec), alignof(Iovec));
    Buffers buffers(list, count);
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto buffer = buffers.at(i);
      GuestPtr(list.memory(), buffer.buf).check(buffer.len, 1, 1);
      buffers.total_ += buffer.len;
    }
    if (buffers.total_ > INT32_MAX) return failed(Errno::inval);
    return buffers;
  }

  std::uint64_t total() const { return total_; }
  std::uint64_t done() const { return done_; }
  // What is left of the buffer that is next; empty: nothing is left of any.
  std::span<std::byte> piece() {
    for (; index_ < count_; ++index_, within_ = 0) {
      const Iovec buffer = at(index_);
      // The guest cannot have changed it meanwhile, but what it said is not trusted twice.
      if (within_ < buffer.len) return (GuestPtr(list_.memory(), buffer.buf) + within_).bytes(buffer.len - within_);
    }
    return {};
  }
  // So many bytes of the piece are done.
  void advance(std::uint64_t bytes) {
    within_ += bytes;
    done_ += bytes;
  }

 private:
  Buffers(GuestPtr list, std::uint32_t count) : list_(list), count_(count) {}
  Iovec at(std::uint32_t i) const { return (list_ + std::uint64_t{i} * sizeof(Iovec)).read<Iovec>(); }

  GuestPtr list_;
  std::uint32_t count_;
  std::uint32_t index_ = 0;
  std::uint64_t within_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t done_ = 0;
};

// Fills or empties the buffers by `move(piece)`, which returns the bytes it moved: 0 is the end. An error after some
// bytes is the next call's.
template <class Move>
Outcome<void> transfer(Buffers& buffers, Move move) {
  while (buffers.done() < max_transfer_bytes) {
    const auto piece = buffers.piece();
    if (piece.empty()) break;
    const wasi::FileResult<std::size_t> moved = move(piece);
    if (!moved && buffers.done() == 0) return failed(errno_of(moved.error()));
    if (!moved || *moved == 0) break;
    buffers.advance(*moved);
  }
  return {};
}

Outcome<void> read_file(const Open& open, Buffers& buffers, std::uint64_t offset) {
  return transfer(buffers, [&](auto piece) { return open.file->read_into(piece, offset + buffers.done()); });
}

Outcome<void> write_file(const Open& open, Buffers& buffers, std::uint64_t offset) {
  return transfer(buffers, [&](auto piece) -> wasi::FileResult<std::size_t> {
    return open.file->write(piece, offset + buffers.done());
  });
}

Outcome<void> read_stream(Host host, Open& open, Buffers& buffers) {
  if (buffers.total() == 0) return {};
  for (;;) {
    auto bytes = open.input->read(buffers.total());
    if (!bytes && std::holds_alternative<wasi::Closed>(bytes.error())) return {};  // the end
    if (!bytes) return failed(errno_of(bytes.error()));
    if (bytes->empty()) {
      if ((open.flags & fdflag::nonblock) != 0) return failed(Errno::again);
      const auto readiness = open.input->readiness();
      host.wait_for(*readiness);
      continue;
    }
    for (std::span<const std::byte> rest = *bytes; !rest.empty();) {
      const auto piece = buffers.piece();
      const std::size_t size = std::min(piece.size(), rest.size());
      std::ranges::copy(rest.first(size), piece.begin());
      buffers.advance(size);
      rest = rest.subspan(size);
    }
    return {};
  }
}

Outcome<void> write_stream(Host host, Open& open, Buffers& buffers) {
  for (auto piece = buffers.piece(); !piece.empty(); piece = buffers.piece()) {
    auto permit = open.output->check_write();
    if (permit && *permit == 0) {
      if ((open.flags & fdflag::nonblock) != 0) {
        if (buffers.done() != 0) return {};
        return failed(Errno::again);
      }
      const auto readiness = open.output->readiness();
      host.wait_for(*readiness);
      continue;
    }
    const auto part = permit ? piece.first(static_cast<std::size_t>(std::min<std::uint64_t>(*permit, piece.size())))
                             : std::span<std::byte>();
    const auto written =
        permit ? open.output->write(part) : wasi::StreamResult<void>(std::unexpected(std::move(permit).error()));
    if (!written) {
      if (buffers.done() != 0) return {};
      return failed(errno_of(written.error()));
    }
    buffers.advance(part.size());
  }
  return {};
}

// What is read from or written to where it stands: no directory, and no stream that only goes the other way.
template <class Stream>
Outcome<Open*> movable(Host host, Fd fd, std::unique_ptr<Stream> Open::* other_way, Rights needed) {
  auto& descriptors = Descriptors::of(host);
  TRY(const Open* open, descriptors.get(fd));
  if (open->*other_way != nullptr) return failed(Errno::badf);
  if (open->is_directory()) return failed(Errno::isdir);
  return descriptors.get(fd, needed);
}

Status tell_count(Outcome<void> done, const Buffers& buffers, GuestPtr count) {
  CHECK_OK(done);
  count.write(static_cast<std::uint32_t>(buffers.done()));
  return {};
}

Status fd_read(Host host, Fd fd, GuestPtr list, std::uint32_t n, GuestPtr count) {
  TRY(Buffers buffers, Buffers::of(list, n));
  TRY(Open * open, movable(host, fd, &Open::output, right::fd_read));
  if (open->input != nullptr) return tell_count(read_stream(host, *open, buffers), buffers, count);
  CHECK_OK(read_file(*open, buffers, open->position));
  open->position += buffers.done();
  return tell_count({}, buffers, count);
}

Status fd_pread(Host host, Fd fd, GuestPtr list, std::uint32_t n, std::uint64_t offset, GuestPtr count) {
  TRY(Buffers buffers, Buffers::of(list, n));
  TRY(Open * open, Descriptors::of(host).file(fd, right::fd_read | right::fd_seek));
  if (offset > INT64_MAX) return Errno::inval;
  return tell_count(read_file(*open, buffers, offset), buffers, count);
}

Status fd_write(Host host, Fd fd, GuestPtr list, std::uint32_t n, GuestPtr count) {
  TRY(Buffers buffers, Buffers::of(list, n));
  TRY(Open * open, movable(host, fd, &Open::input, right::fd_write));
  if (open->output != nullptr) return tell_count(write_stream(host, *open, buffers), buffers, count);
  if ((open->flags & fdflag::append) != 0) {
    CHECK_OK(transfer(buffers, [&](auto piece) { return open->file->append(piece); }));
    TRY(const struct stat status, open->file->status());
    if (buffers.done() != 0) open->position = static_cast<std::uint64_t>(status.st_size);
  } else {
    CHECK_OK(write_file(*open, buffers, open->position));
    open->position += buffers.done();
  }
  return tell_count({}, buffers, count);
}

Status fd_pwrite(Host host, Fd fd, GuestPtr list, std::uint32_t n, std::uint64_t offset, GuestPtr count) {
  TRY(Buffers buffers, Buffers::of(list, n));
  TRY(Open * open, Descriptors::of(host).file(fd, right::fd_write | right::fd_seek));
  if (offset > INT64_MAX) return Errno::inval;
  return tell_count(write_file(*open, buffers, offset), buffers, count);
}

// From the start, from where it is, from the end.
enum Whence : std::uint32_t { whence_set, whence_cur, whence_end };

Status fd_seek(Host host, Fd fd, std::uint64_t delta, std::uint32_t whence, GuestPtr result) {
  const auto offset = static_cast<std::int64_t>(delta);
  // To ask where it is takes no more than fd_tell does.
  const Rights needed = whence == whence_cur && offset == 0 ? right::fd_tell : right::fd_seek;
  TRY(Open * open, Descriptors::of(host).file(fd, needed));
  std::uint64_t from = 0;
  switch (whence) {
    case whence_set:
      break;
    case whence_cur:
      from = open->position;
      break;
    case whence_end: {
      TRY(const struct stat status, open->file->status());
      from = static_cast<std::uint64_t>(status.st_size);
      break;
    }
    default:
      return Errno::inval;
  }
  // Both are below 2^63, so nothing wraps unnoticed.
  const std::uint64_t to = from + static_cast<std::uint64_t>(offset);
  if (to > INT64_MAX) return Errno::inval;
  open->position = to;
  result.write(to);
  return {};
}

Status fd_tell(Host host, Fd fd, GuestPtr result) {
  TRY(const Open* open, Descriptors::of(host).file(fd, right::fd_tell));
  result.write(open->position);
  return {};
}

Status fd_advise(Host host, Fd fd, std::uint64_t offset, std::uint64_t length, std::uint32_t advice) {
  TRY(const Open* open, Descriptors::of(host).file(fd, right::fd_advise));
  if (advice > static_cast<std::uint32_t>(wasi::Advice::no_reuse)) return Errno::inval;
  return open->file->advise(offset, length, static_cast<wasi::Advice>(advice));
}

// Makes the file at least so long; the disk has room for it when it is written.
Status fd_allocate(Host host, Fd fd, std::uint64_t offset, std::uint64_t length) {
  TRY(const Open* open, Descriptors::of(host).file(fd, right::fd_allocate));
  if (length == 0 || offset > INT64_MAX || length > INT64_MAX) return Errno::inval;
  if (offset + length > INT64_MAX) return Errno::fbig;
  TRY(const struct stat status, open->file->status());
  if (static_cast<std::uint64_t>(status.st_size) >= offset + length) return {};
  return open->file->set_size(offset + length);
}

Status fd_datasync(Host host, Fd fd) {
  TRY(const Open* open, Descriptors::of(host).get(fd, right::fd_datasync));
  return open->file->sync_data();
}

Status fd_sync(Host host, Fd fd) {
  TRY(const Open* open, Descriptors::of(host).get(fd, right::fd_sync));
  return open->file->sync();
}

}  // namespace

void add_streams(bind::Interface& interface) {
  interface.func<&fd_read>("fd-read")
      .func<&fd_pread>("fd-pread")
      .func<&fd_write>("fd-write")
      .func<&fd_pwrite>("fd-pwrite")
      .func<&fd_seek>("fd-seek")
      .func<&fd_tell>("fd-tell")
      .func<&fd_advise>("fd-advise")
      .func<&fd_allocate>("fd-allocate")
      .func<&fd_datasync>("fd-datasync")
      .func<&fd_sync>("fd-sync");
}

}  // namespace weft::preview1
