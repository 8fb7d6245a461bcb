#include "wasi/cli.h"

#include "wasi/standard_files.h"
#include "wasi/wasi.h"

namespace weft::wasi::cli {
namespace {

template <class Terminal, auto File>
std::optional<bind::Own<Terminal>> terminal(bind::Host host) {
  const StandardFiles* files = host.state<WasiState>().files();
  if (files == nullptr || !(files->*File)->is_terminal()) return std::nullopt;
  return std::make_unique<Terminal>();
}

}  // namespace

std::vector<std::tuple<std::string, std::string>> get_environment(bind::Host host) {
  std::vector<std::tuple<std::string, std::string>> out;
  for (const auto& [name, value] : host.state<WasiState>().setup().environment) out.emplace_back(name, value);
  return out;
}
std::vector<std::string> get_arguments(bind::Host host) {
  return host.state<WasiState>().setup().arguments;
}
std::optional<std::string> initial_cwd(bind::Host) {
  return std::nullopt;
}

void exit(bind::Host, std::expected<void, std::monostate> status) {
  throw GuestExit(status ? 0 : 1);
}
void exit_with_code(bind::Host, std::uint8_t code) {
  throw GuestExit(code);
}

std::optional<bind::Own<TerminalInput>> terminal_stdin(bind::Host host) {
  return terminal<TerminalInput, &StandardFiles::input>(host);
}
std::optional<bind::Own<TerminalOutput>> terminal_stdout(bind::Host host) {
  return terminal<TerminalOutput, &StandardFiles::output>(host);
}
std::optional<bind::Own<TerminalOutput>> terminal_stderr(bind::Host host) {
  return terminal<TerminalOutput, &StandardFiles::error>(host);
}

}  // namespace weft::wasi::cli
