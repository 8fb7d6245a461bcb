// A command of the program: what it takes from the command line, and what it does.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>

namespace weft::cli {

// Exit codes of every command; `up` ends with 130 after a second signal.
inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;  // an error was printed
inline constexpr int exit_usage = 2;   // the command line is not understood

// Ends the help of every command.
inline constexpr const char* exit_codes_help =
    "\n\nExit codes:\n  0  done\n  1  failed; standard error says why\n  2  the command line is not understood";

struct Command {
  CLI::App* app = nullptr;
  std::function<int()> run;  // returns the exit code; the options belong to it
};

// What the program was called: "weft", or "spin" when started by that name.
std::string program_name(const char* argv0);
// A text of help, in which "%weft" stands for what the program was called.
std::string with_program_name(std::string help, std::string_view name);

}  // namespace weft::cli
