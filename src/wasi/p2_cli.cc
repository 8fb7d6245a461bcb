// wasi:cli 0.2: environment, exit, the standard streams and terminals.
#include "wasi/cli.h"
#include "wasi/lent_streams.h"
#include "wasi/p2.h"
#include "wasi/streams.h"
#include "wasi/wasi.h"

namespace weft::wasi {
namespace {

using bind::Host;
using bind::Own;

class EmptyInput final : public InputStream {
 public:
  StreamResult<std::vector<std::byte>> read(std::uint64_t) override { return std::unexpected(Closed{}); }
  std::shared_ptr<host::Pollable> readiness() override { return always_ready(); }
};

// The instance's own buffer outlives every stream it has.
class LineOutput final : public OutputStream {
 public:
  explicit LineOutput(LineBuffer& lines) : lines_(lines) {}
  StreamResult<std::uint64_t> check_write() override { return max_write_permit; }
  StreamResult<void> write(std::span<const std::byte> bytes) override {
    lines_.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return {};
  }
  StreamResult<void> flush() override { return {}; }
  std::shared_ptr<host::Pollable> readiness() override { return always_ready(); }

 private:
  LineBuffer& lines_;
};

class StandardInputStream final : public InputStream {
 public:
  explicit StandardInputStream(std::shared_ptr<StandardInput> file) : file_(std::move(file)) {}
  StreamResult<std::vector<std::byte>> read(std::uint64_t max) override { return file_->read(max); }
  std::shared_ptr<host::Pollable> readiness() override { return file_; }

 private:
  std::shared_ptr<StandardInput> file_;
};

class StandardOutputStream final : public OutputStream {
 public:
  explicit StandardOutputStream(std::shared_ptr<StandardOutput> file) : file_(std::move(file)) {}
  StreamResult<std::uint64_t> check_write() override { return file_->permit(); }
  StreamResult<void> write(std::span<const std::byte> bytes) override { return file_->write(bytes); }
  StreamResult<void> flush() override { return {}; }
  std::shared_ptr<host::Pollable> readiness() override { return file_; }

 private:
  std::shared_ptr<StandardOutput> file_;
};

}  // namespace

namespace cli {

Own<InputStream> get_stdin(Host host) {
  if (LentStreams* lent = host.state<StreamsState>().streams) return lent->input();
  auto& state = host.state<WasiState>();
  if (state.files() != nullptr) return std::make_unique<StandardInputStream>(state.files()->input);
  return std::make_unique<EmptyInput>();
}
Own<OutputStream> get_stdout(Host host) {
  if (LentStreams* lent = host.state<StreamsState>().streams) return lent->output();
  auto& state = host.state<WasiState>();
  if (state.files() != nullptr) return std::make_unique<StandardOutputStream>(state.files()->output);
  return std::make_unique<LineOutput>(state.standard_output());
}
Own<OutputStream> get_stderr(Host host) {
  auto& state = host.state<WasiState>();
  if (state.files() != nullptr) return std::make_unique<StandardOutputStream>(state.files()->error);
  return std::make_unique<LineOutput>(state.standard_error());
}

}  // namespace cli

void p2::add_cli(bind::Registry& registry, std::string_view version) {
  using namespace cli;
  registry.interface(versioned("wasi:cli/environment", version))
      .func<&get_environment>("get-environment")
      .func<&get_arguments>("get-arguments")
      .func<&initial_cwd>("initial-cwd");
  registry.interface(versioned("wasi:cli/exit", version)).func<&exit>("exit").func<&exit_with_code>("exit-with-code");
  registry.interface(versioned("wasi:cli/stdin", version)).func<&get_stdin>("get-stdin");
  registry.interface(versioned("wasi:cli/stdout", version)).func<&get_stdout>("get-stdout");
  registry.interface(versioned("wasi:cli/stderr", version)).func<&get_stderr>("get-stderr");
  registry.interface(versioned("wasi:cli/terminal-input", version)).resource<TerminalInput>();
  registry.interface(versioned("wasi:cli/terminal-output", version)).resource<TerminalOutput>();
  registry.interface(versioned("wasi:cli/terminal-stdin", version)).func<&terminal_stdin>("get-terminal-stdin");
  registry.interface(versioned("wasi:cli/terminal-stdout", version)).func<&terminal_stdout>("get-terminal-stdout");
  registry.interface(versioned("wasi:cli/terminal-stderr", version)).func<&terminal_stderr>("get-terminal-stderr");
}

}  // namespace weft::wasi
