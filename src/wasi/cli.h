// wasi:cli as every version has it: environment, exit, standard streams, terminals.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bind/registry.h"
#include "wasi/streams.h"

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
// The standard streams of the instance (WasiState).
bind::Own<InputStream> get_stdin(bind::Host host);
bind::Own<OutputStream> get_stdout(bind::Host host);
bind::Own<OutputStream> get_stderr(bind::Host host);
// The terminal that one of the process's files is, if a command has them and it is one.
std::optional<bind::Own<TerminalInput>> terminal_stdin(bind::Host host);
std::optional<bind::Own<TerminalOutput>> terminal_stdout(bind::Host host);
std::optional<bind::Own<TerminalOutput>> terminal_stderr(bind::Host host);

}  // namespace weft::wasi::cli
