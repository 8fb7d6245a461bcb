// wasi:cli as every version has it: environment, exit, terminals.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bind/registry.h"

namespace weft::wasi::cli {

class TerminalInput : public host::Resource {
 public:
  static constexpr const char* resource_name = "terminal-input";
};
class TerminalOutput : public host::Resource {
 public:
  static constexpr const char* resource_name = "terminal-output";
};

std::vector<std::tuple<std::string, std::string>> get_environment(bind::Host host);
std::vector<std::string> get_arguments(bind::Host host);
std::optional<std::string> initial_cwd(bind::Host host);
void exit(bind::Host host, std::expected<void, std::monostate> status);
void exit_with_code(bind::Host host, std::uint8_t code);
// No standard stream is a terminal.
std::optional<bind::Own<TerminalInput>> no_terminal_input(bind::Host host);
std::optional<bind::Own<TerminalOutput>> no_terminal_output(bind::Host host);

}  // namespace weft::wasi::cli
