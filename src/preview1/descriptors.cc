#include "preview1/descriptors.h"

#include <algorithm>
#include <utility>

#include "wasi/cli.h"
#include "wasi/preopens.h"

namespace weft::preview1 {
namespace {

constexpr Rights of_stream = right::fd_filestat_get | right::fd_fdstat_set_flags | right::poll_fd_readwrite;

std::unique_ptr<Open> stream(bool is_terminal, Rights rights) {
  auto open = std::make_unique<Open>();
  open->is_terminal = is_terminal;
  // No seeking: by that programs know a terminal.
  open->base = of_stream | rights;
  open->inheriting = open->base;
  return open;
}

}  // namespace

Filetype filetype_of(wasi::DescriptorType type) {
  using Type = wasi::DescriptorType;
  switch (type) {
    case Type::block_device:
      return Filetype::block_device;
    case Type::character_device:
      return Filetype::character_device;
    case Type::directory:
      return Filetype::directory;
    case Type::symbolic_link:
      return Filetype::symbolic_link;
    case Type::regular_file:
      return Filetype::regular_file;
    case Type::socket:
      return Filetype::socket_stream;
    case Type::fifo:
    case Type::unknown:
      return Filetype::unknown;
  }
  return Filetype::unknown;
}

Filetype Open::filetype() const {
  if (file != nullptr) return filetype_of(file->type());
  return is_terminal ? Filetype::character_device : Filetype::unknown;
}

Descriptors& Descriptors::of(bind::Host host) {
  auto& descriptors = host.state<Descriptors>();
  if (!descriptors.opened_) descriptors.open_first(host);
  return descriptors;
}

void Descriptors::open_first(bind::Host host) {
  opened_ = true;
  using namespace wasi;
  auto input = stream(cli::terminal_stdin(host).has_value(), right::fd_read);
  input->input = cli::get_stdin(host);
  add(std::move(input));
  auto output = stream(cli::terminal_stdout(host).has_value(), right::fd_write);
  output->output = cli::get_stdout(host);
  add(std::move(output));
  auto error = stream(cli::terminal_stderr(host).has_value(), right::fd_write);
  error->output = cli::get_stderr(host);
  add(std::move(error));
  for (auto& [directory, place] : get_directories(host)) {
    auto open = std::make_unique<Open>();
    open->file = std::move(directory);
    open->preopened = std::move(place);
    open->base = right::of_directory;
    open->inheriting = right::of_directory | right::of_file;
    add(std::move(open));
  }
}

Outcome<Open*> Descriptors::get(Fd fd, Rights needed) {
  if (fd >= open_.size() || open_[fd] == nullptr) return failed(Errno::badf);
  Open* open = open_[fd].get();
  if ((open->base & needed) != needed) return failed(Errno::notcapable);
  return open;
}

Outcome<Open*> Descriptors::file(Fd fd, Rights needed) {
  TRY(Open * open, get(fd));
  if (open->file == nullptr) return failed(Errno::spipe);
  if (open->is_directory()) return failed(Errno::isdir);
  return get(fd, needed);
}

Outcome<Open*> Descriptors::directory(Fd fd, Rights needed) {
  TRY(Open * open, get(fd));
  if (open->file == nullptr) return failed(Errno::badf);
  if (!open->is_directory()) return failed(Errno::notdir);
  return get(fd, needed);
}

Fd Descriptors::add(std::unique_ptr<Open> open) {
  std::size_t fd = 0;
  while (fd < open_.size() && open_[fd] != nullptr) ++fd;
  if (fd == open_.size()) open_.emplace_back();
  open_[fd] = std::move(open);
  return static_cast<Fd>(fd);
}

Outcome<void> Descriptors::close(Fd fd) {
  CHECK_OK(get(fd));
  open_[fd].reset();
  return {};
}

Outcome<void> Descriptors::renumber(Fd from, Fd to) {
  CHECK_OK(get(from));
  CHECK_OK(get(to));
  if (from != to) open_[to] = std::move(open_[from]);
  return {};
}

}  // namespace weft::preview1
