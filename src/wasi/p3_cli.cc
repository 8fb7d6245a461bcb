// wasi:cli 0.3: environment, exit, the standard streams and terminals.
#include "bind/ends.h"
#include "wasi/cli.h"
#include "wasi/p3.h"
#include "wasi/standard_ends.h"
#include "wasi/wasi.h"

namespace weft::wasi {
namespace {

using bind::Future;
using bind::Host;
using Bytes = bind::Stream<std::uint8_t>;

enum class CliError : std::uint8_t { io, illegal_byte_sequence, pipe };
constexpr auto weft_labels(CliError) {
  return bind::labels("io", "illegal-byte-sequence", "pipe");
}
using Outcome = std::expected<void, CliError>;

// Standard input: at its end.
class Nothing final : public bind::ByteSource {
 public:
  std::string_view front() const override { return {}; }
  bool ended() const override { return true; }
  void consume(std::size_t) override {}
  void cancel() override {}
};

// What a guest prints. It may be written by the host, to the end of the instance and beyond: `lines` then takes no
// more.
class Printed final : public bind::ByteSink {
 public:
  Printed(std::weak_ptr<LineBuffer> lines, bind::Settable<Outcome>::Ref outcome)
      : lines_(std::move(lines)), outcome_(std::move(outcome)) {}

  std::size_t room() const override { return SIZE_MAX; }
  bool closed() const override { return lines_.expired(); }
  void write(std::string_view bytes) override {
    if (const auto lines = lines_.lock()) lines->write(bytes);
  }
  void end(task::LetGo) override { outcome_->set({}); }

 private:
  const std::weak_ptr<LineBuffer> lines_;
  const bind::Settable<Outcome>::Ref outcome_;
};

Future<Outcome> print(std::weak_ptr<LineBuffer> lines, Bytes data) {
  const bind::Settable<Outcome>::Ref outcome(new bind::Settable<Outcome>());
  std::move(data).read_with(bind::ByteSink::Ref(new Printed(std::move(lines), outcome)));
  return Future<Outcome>(outcome);
}

// Tells the guest how one of the process's files ended.
WhenEnded tell(bind::Settable<Outcome>::Ref outcome) {
  return [outcome = std::move(outcome)](const StreamError* error) {
    if (error == nullptr) return outcome->set({});
    outcome->set(std::unexpected(std::holds_alternative<Closed>(*error) ? CliError::pipe : CliError::io));
  };
}

std::tuple<Bytes, Future<Outcome>> read_stdin(Host host) {
  const bind::Settable<Outcome>::Ref outcome(new bind::Settable<Outcome>());
  if (const StandardFiles* files = host.state<WasiState>().files())
    return {Bytes(read_from(files->input, tell(outcome))), Future<Outcome>(outcome)};
  outcome->set({});
  return {Bytes(bind::ByteSource::Ref(new Nothing())), Future<Outcome>(outcome)};
}

template <StandardStream stream, auto File>
Future<Outcome> write_via_stream(Host host, Bytes data) {
  auto& state = host.state<WasiState>();
  if (state.files() == nullptr) return print(state.share_output(stream), std::move(data));
  const bind::Settable<Outcome>::Ref outcome(new bind::Settable<Outcome>());
  std::move(data).read_with(write_to(state.files()->*File, tell(outcome)));
  return Future<Outcome>(outcome);
}

}  // namespace

void p3::add_cli(bind::Registry& registry, std::string_view version) {
  using namespace cli;
  const auto interface = [&](std::string_view name) -> bind::Interface& {
    return registry.interface("wasi:cli/" + std::string(name) + "@" + std::string(version));
  };
  interface("environment")
      .func<&get_environment>("get-environment")
      .func<&get_arguments>("get-arguments")
      .func<&initial_cwd>("get-initial-cwd");
  interface("exit").func<&cli::exit>("exit").func<&exit_with_code>("exit-with-code");
  interface("stdin").func<&read_stdin>("read-via-stream");
  interface("stdout").func<&write_via_stream<StandardStream::output, &StandardFiles::output>>("write-via-stream");
  interface("stderr").func<&write_via_stream<StandardStream::error, &StandardFiles::error>>("write-via-stream");
  interface("terminal-input").resource<TerminalInput>();
  interface("terminal-output").resource<TerminalOutput>();
  interface("terminal-stdin").func<&terminal_stdin>("get-terminal-stdin");
  interface("terminal-stdout").func<&terminal_stdout>("get-terminal-stdout");
  interface("terminal-stderr").func<&terminal_stderr>("get-terminal-stderr");
}

}  // namespace weft::wasi
