#include "wasi/cli.h"

#include "wasi/wasi.h"

namespace weft::wasi::cli {

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

std::optional<bind::Own<TerminalInput>> no_terminal_input(bind::Host) {
  return std::nullopt;
}
std::optional<bind::Own<TerminalOutput>> no_terminal_output(bind::Host) {
  return std::nullopt;
}

}  // namespace weft::wasi::cli
