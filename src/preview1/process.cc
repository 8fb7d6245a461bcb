// Arguments, environment, clocks, randomness, exit; and sockets, of which a program is given none.
#include <algorithm>

#include "host/request_context.h"
#include "preview1/functions.h"
#include "wasi/clocks.h"
#include "wasi/turn.h"
#include "wasi/wasi.h"

namespace weft::preview1 {
namespace {

using bind::Host;

// Random bytes between two turns of the loop: half a millisecond of work.
constexpr std::uint64_t random_piece_bytes = 256 << 10;

// Strings as C programs are given them: pointers at `list`, and what they point to, each ended by NUL, at `buffer`.
class Strings {
 public:
  Strings(GuestPtr list, GuestPtr buffer) : list_(list), buffer_(buffer) {}
  void add(std::initializer_list<std::string_view> parts) {
    list_.write(buffer_.address());
    list_ = list_ + sizeof(std::uint32_t);
    for (const std::string_view part : parts) put(part);
    put({"", 1});
  }

 private:
  void put(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    std::ranges::copy(bytes, buffer_.bytes(bytes.size()).begin());
    buffer_ = buffer_ + bytes.size();
  }
  GuestPtr list_, buffer_;
};

Status write_sizes(std::size_t count, std::uint64_t bytes, GuestPtr count_at, GuestPtr bytes_at) {
  if (bytes > UINT32_MAX) return Errno::overflow;
  count_at.write(static_cast<std::uint32_t>(count));
  bytes_at.write(static_cast<std::uint32_t>(bytes));
  return {};
}

Status args_get(Host host, GuestPtr argv, GuestPtr buffer) {
  Strings strings(argv, buffer);
  for (const std::string& argument : host.state<wasi::WasiState>().setup().arguments) strings.add({argument});
  return {};
}

Status args_sizes_get(Host host, GuestPtr count, GuestPtr size) {
  const auto& arguments = host.state<wasi::WasiState>().setup().arguments;
  std::uint64_t bytes = 0;
  for (const std::string& argument : arguments) bytes += argument.size() + 1;
  return write_sizes(arguments.size(), bytes, count, size);
}

Status environ_get(Host host, GuestPtr environment, GuestPtr buffer) {
  Strings strings(environment, buffer);
  for (const auto& [name, value] : host.state<wasi::WasiState>().setup().environment) strings.add({name, "=", value});
  return {};
}

Status environ_sizes_get(Host host, GuestPtr count, GuestPtr size) {
  const auto& environment = host.state<wasi::WasiState>().setup().environment;
  std::uint64_t bytes = 0;
  for (const auto& [name, value] : environment) bytes += name.size() + value.size() + 2;
  return write_sizes(environment.size(), bytes, count, size);
}

// realtime and monotonic; those of processor time are not supported, which the interface has as inval.
constexpr std::uint32_t realtime = 0, monotonic = 1;

Status clock_res_get(Host host, std::uint32_t id, GuestPtr resolution) {
  if (id > monotonic) return Errno::inval;
  resolution.write(wasi::clocks::monotonic_resolution(host));
  return {};
}

Status clock_time_get(Host host, std::uint32_t id, std::uint64_t, GuestPtr time) {
  if (id > monotonic) return Errno::inval;
  host::Clocks& clocks = *host.context().clocks;
  time.write(id == realtime ? clocks.wall_now() : clocks.monotonic_now());
  return {};
}

Status random_get(Host host, GuestPtr buffer, std::uint32_t length) {
  buffer.check(length, 1, 1);
  for (std::uint32_t done = 0; done < length;) {
    const std::uint64_t piece = std::min<std::uint64_t>(length - done, random_piece_bytes);
    host.context().randomness->fill((buffer + done).bytes(piece));
    done += static_cast<std::uint32_t>(piece);
    if (done < length) wasi::let_others_run(host);
  }
  return {};
}

void proc_exit(Host, std::uint32_t status) {
  // As processes of the system end: eight bits of it are told.
  throw wasi::GuestExit(static_cast<int>(status & 0xff));
}

// The one process there is has no signals.
Status proc_raise(Host, std::uint32_t) {
  return Errno::notsup;
}

Status sched_yield(Host host) {
  wasi::let_others_run(host);
  return {};
}

// No descriptor is a socket.
Status no_socket(Host host, Fd fd) {
  CHECK_OK(Descriptors::of(host).get(fd));
  return Errno::notsock;
}
Status sock_accept(Host host, Fd fd, std::uint32_t, GuestPtr) {
  return no_socket(host, fd);
}
Status sock_recv(Host host, Fd fd, GuestPtr, std::uint32_t, std::uint32_t, GuestPtr, GuestPtr) {
  return no_socket(host, fd);
}
Status sock_send(Host host, Fd fd, GuestPtr, std::uint32_t, std::uint32_t, GuestPtr) {
  return no_socket(host, fd);
}
Status sock_shutdown(Host host, Fd fd, std::uint32_t) {
  return no_socket(host, fd);
}

}  // namespace

void add_process(bind::Interface& interface) {
  interface.func<&args_get>("args-get")
      .func<&args_sizes_get>("args-sizes-get")
      .func<&environ_get>("environ-get")
      .func<&environ_sizes_get>("environ-sizes-get")
      .func<&clock_res_get>("clock-res-get")
      .func<&clock_time_get>("clock-time-get")
      .func<&random_get>("random-get")
      .func<&proc_exit>("proc-exit")
      .func<&proc_raise>("proc-raise")
      .func<&sched_yield>("sched-yield")
      .func<&sock_accept>("sock-accept")
      .func<&sock_recv>("sock-recv")
      .func<&sock_send>("sock-send")
      .func<&sock_shutdown>("sock-shutdown");
}

}  // namespace weft::preview1
