// wasi:io 0.2: error, poll, streams.
#include <algorithm>

#include "wasi/p2.h"
#include "wasi/streams.h"
#include "wasi/turn.h"

namespace weft::wasi {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using Bytes = std::vector<std::byte>;
using Contents = std::span<const std::byte>;

// Pollables in one poll call.
constexpr std::size_t max_polled = 10'000;
// What blocking-write-and-flush accepts (the interface's own number).
constexpr std::size_t max_blocking_write = 4096;

// ---- error ----

std::string to_debug_string(Host, Borrow<IoError> self) {
  return self->debug_string();
}

// ---- poll ----

bool pollable_ready(Host, Borrow<PollableResource> self) {
  return self->pollable().ready();
}

void pollable_block(Host host, Borrow<PollableResource> self) {
  host.wait_for(self->pollable());
}

std::vector<std::uint32_t> poll(Host host, std::vector<Borrow<PollableResource>> in) {
  if (in.empty()) throw abi::Trap("poll of an empty list");
  if (in.size() > max_polled) throw abi::Trap("poll of more than 10000 pollables");
  std::vector<host::Pollable*> pollables;
  pollables.reserve(in.size());
  for (Borrow<PollableResource>& pollable : in) pollables.push_back(&pollable->pollable());
  host.wait_for(pollables);
  std::vector<std::uint32_t> ready;
  for (std::size_t i = 0; i < pollables.size(); ++i) {
    if (pollables[i]->ready()) ready.push_back(static_cast<std::uint32_t>(i));
  }
  return ready;
}

// Of October.
void poll_one(Host host, Borrow<PollableResource> in) {
  host.wait_for(in->pollable());
}

// ---- input-stream ----

StreamResult<Bytes> read(Host, Borrow<InputStream> self, std::uint64_t len) {
  return self->read(len);
}

StreamResult<Bytes> blocking_read(Host host, Borrow<InputStream> self, std::uint64_t len) {
  for (;;) {
    auto bytes = self->read(len);
    if (!bytes || !bytes->empty() || len == 0) return bytes;
    const auto readiness = self->readiness();
    host.wait_for(*readiness);
  }
}

StreamResult<std::uint64_t> counted(StreamResult<Bytes> bytes) {
  if (!bytes) return std::unexpected(std::move(bytes).error());
  return bytes->size();
}

StreamResult<std::uint64_t> skip(Host host, Borrow<InputStream> self, std::uint64_t len) {
  return counted(read(host, self, len));
}

StreamResult<std::uint64_t> blocking_skip(Host host, Borrow<InputStream> self, std::uint64_t len) {
  return counted(blocking_read(host, self, len));
}

Own<PollableResource> input_subscribe(Host, Borrow<InputStream> self) {
  return std::make_unique<PollableResource>(self->readiness());
}

// ---- output-stream ----

StreamResult<std::uint64_t> check_write(Host, Borrow<OutputStream> self) {
  return self->check_write();
}

StreamResult<void> write_permitted(OutputStream& stream, Contents bytes) {
  auto permit = stream.check_write();
  if (!permit) return std::unexpected(std::move(permit).error());
  if (bytes.size() > *permit) throw abi::Trap("write of more bytes than check-write permitted");
  return stream.write(bytes);
}

StreamResult<void> write(Host, Borrow<OutputStream> self, Contents bytes) {
  return write_permitted(*self, bytes);
}

// Waits until the stream takes bytes again, so that what was flushed is on its way.
StreamResult<std::uint64_t> wait_writable(Host host, OutputStream& stream) {
  for (;;) {
    auto permit = stream.check_write();
    if (!permit || *permit > 0) return permit;
    const auto readiness = stream.readiness();
    host.wait_for(*readiness);
  }
}

// `bytes` may be guest memory only if the stream takes all of them without a wait; so they are copied first when not.
StreamResult<void> write_all(Host host, OutputStream& stream, Contents bytes) {
  auto permit = stream.check_write();
  if (!permit) return std::unexpected(std::move(permit).error());
  if (bytes.size() <= *permit) return stream.write(bytes);
  const Bytes copy(bytes.begin(), bytes.end());
  Contents rest(copy);
  while (!rest.empty()) {
    permit = wait_writable(host, stream);
    if (!permit) return std::unexpected(std::move(permit).error());
    const auto part = rest.first(static_cast<std::size_t>(std::min<std::uint64_t>(*permit, rest.size())));
    if (auto done = stream.write(part); !done) return done;
    rest = rest.subspan(part.size());
  }
  return {};
}

StreamResult<void> flush_all(Host host, OutputStream& stream) {
  if (auto done = stream.flush(); !done) return done;
  auto permit = wait_writable(host, stream);
  if (!permit) return std::unexpected(std::move(permit).error());
  return {};
}

StreamResult<void> blocking_write_and_flush(Host host, Borrow<OutputStream> self, Contents bytes) {
  if (bytes.size() > max_blocking_write) throw abi::Trap("blocking-write-and-flush of more than 4096 bytes");
  if (auto done = write_all(host, *self, bytes); !done) return done;
  return flush_all(host, *self);
}

StreamResult<void> flush(Host, Borrow<OutputStream> self) {
  return self->flush();
}

StreamResult<void> blocking_flush(Host host, Borrow<OutputStream> self) {
  return flush_all(host, *self);
}

Own<PollableResource> output_subscribe(Host, Borrow<OutputStream> self) {
  return std::make_unique<PollableResource>(self->readiness());
}

StreamResult<void> write_zeroes(Host, Borrow<OutputStream> self, std::uint64_t len) {
  if (len > max_write_permit) throw abi::Trap("write-zeroes of more bytes than check-write permitted");
  return write_permitted(*self, Bytes(static_cast<std::size_t>(len)));
}

StreamResult<void> blocking_write_zeroes_and_flush(Host host, Borrow<OutputStream> self, std::uint64_t len) {
  if (len > max_blocking_write) throw abi::Trap("blocking-write-zeroes-and-flush of more than 4096 bytes");
  if (auto done = write_all(host, *self, Bytes(static_cast<std::size_t>(len))); !done) return done;
  return flush_all(host, *self);
}

StreamResult<std::uint64_t> splice(Host, Borrow<OutputStream> self, Borrow<InputStream> from, std::uint64_t len) {
  auto permit = self->check_write();
  if (!permit) return permit;
  const std::uint64_t most = std::min(*permit, len);
  if (most == 0) return 0;
  auto bytes = from->read(most);
  if (!bytes) return std::unexpected(std::move(bytes).error());
  if (auto done = self->write(*bytes); !done) return std::unexpected(std::move(done).error());
  return bytes->size();
}

StreamResult<std::uint64_t> blocking_splice(Host host, Borrow<OutputStream> self, Borrow<InputStream> from,
                                            std::uint64_t len) {
  if (len == 0) return 0;
  for (;;) {
    // Both must be ready at the same time; while one was waited for, the other may have become busy again.
    auto permit = wait_writable(host, *self);
    if (!permit) return permit;
    auto moved = splice(host, self, from, len);
    if (!moved || *moved > 0) return moved;
    const auto readiness = from->readiness();
    host.wait_for(*readiness);
  }
}

// Of October, which gave the source away.
StreamResult<std::uint64_t> splice_owned(Host host, Borrow<OutputStream> self, Own<InputStream> from,
                                         std::uint64_t len) {
  return splice(host, self, Borrow<InputStream>(*from), len);
}
StreamResult<std::uint64_t> blocking_splice_owned(Host host, Borrow<OutputStream> self, Own<InputStream> from,
                                                  std::uint64_t len) {
  return blocking_splice(host, self, Borrow<InputStream>(*from), len);
}
// All that the source has, up to its end.
StreamResult<std::uint64_t> forward(Host host, Borrow<OutputStream> self, Own<InputStream> from) {
  std::uint64_t moved = 0;
  for (;;) {
    auto permit = wait_writable(host, *self);
    if (!permit) return permit;
    auto bytes = from->read(*permit);
    if (!bytes && std::holds_alternative<Closed>(bytes.error())) return moved;
    if (!bytes) return std::unexpected(std::move(bytes).error());
    if (bytes->empty()) {
      const auto readiness = from->readiness();
      host.wait_for(*readiness);
      continue;
    }
    if (auto done = self->write(*bytes); !done) return std::unexpected(std::move(done).error());
    moved += bytes->size();
    let_others_run(host);
  }
}

class AlwaysReady final : public host::Pollable {
 public:
  bool ready() override { return true; }
  host::Signal& signal() override { return signal_; }

 private:
  host::Signal signal_;
};

}  // namespace

std::shared_ptr<host::Pollable> always_ready() {
  return std::make_shared<AlwaysReady>();
}

void p2::add_io(bind::Registry& registry, std::string_view version) {
  auto& poll_interface = registry.interface(versioned("wasi:io/poll", version)).resource<PollableResource>();
  auto& streams = registry.interface(versioned("wasi:io/streams", version))
                      .resource<InputStream>()
                      .resource<OutputStream>()
                      .func<&read>("[method]input-stream.read")
                      .func<&blocking_read>("[method]input-stream.blocking-read")
                      .func<&skip>("[method]input-stream.skip")
                      .func<&blocking_skip>("[method]input-stream.blocking-skip")
                      .func<&input_subscribe>("[method]input-stream.subscribe")
                      .func<&check_write>("[method]output-stream.check-write")
                      .func<&write>("[method]output-stream.write")
                      .func<&blocking_write_and_flush>("[method]output-stream.blocking-write-and-flush")
                      .func<&flush>("[method]output-stream.flush")
                      .func<&blocking_flush>("[method]output-stream.blocking-flush")
                      .func<&output_subscribe>("[method]output-stream.subscribe")
                      .func<&write_zeroes>("[method]output-stream.write-zeroes")
                      .func<&blocking_write_zeroes_and_flush>("[method]output-stream.blocking-write-zeroes-and-flush");
  if (version == p2_october) {
    poll_interface.func<&poll>("poll-list").func<&poll_one>("poll-one");
    streams.resource<IoError>()
        .func<&to_debug_string>("[method]error.to-debug-string")
        .func<&splice_owned>("[method]output-stream.splice")
        .func<&blocking_splice_owned>("[method]output-stream.blocking-splice")
        .func<&forward>("[method]output-stream.forward");
    return;
  }
  registry.interface(versioned("wasi:io/error", version))
      .resource<IoError>()
      .func<&to_debug_string>("[method]error.to-debug-string");
  poll_interface.func<&pollable_ready>("[method]pollable.ready")
      .func<&pollable_block>("[method]pollable.block")
      .func<&poll>("poll");
  streams.func<&splice>("[method]output-stream.splice").func<&blocking_splice>("[method]output-stream.blocking-splice");
}

}  // namespace weft::wasi
