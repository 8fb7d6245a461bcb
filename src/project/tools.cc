#include "project/tools.h"

#include <algorithm>

#include "util/process.h"

namespace weft::project {
namespace {

struct Tool {
  std::string_view name;
  std::string_view install;
};

constexpr std::string_view rust =
    "https://rustup.rs and `rustup target add wasm32-wasip2`, or on Debian 12: apt install cargo-web rustc-web "
    "rust-web-src rust-web-llvm wasi-libc lld-19 gcc libc6-dev";
constexpr std::string_view node = "https://nodejs.org (20 or newer), or: apt install nodejs npm";
constexpr std::string_view python = "apt install python3 python3-venv";
constexpr std::string_view clang =
    "https://github.com/WebAssembly/wasi-sdk, or on Debian 12: apt install clang-19 lld-19 wasi-libc "
    "libclang-rt-19-dev-wasm32 libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 rust-web-llvm";

constexpr Tool tools[] = {
    {"bun", "https://bun.sh"},
    {"cargo", rust},
    {"cargo-component", "cargo install cargo-component"},
    {"clang", clang},
    {"clang++", clang},
    {"cmake", "apt install cmake"},
    {"componentize-py", "pip install componentize-py, in a virtual environment (python3 -m venv)"},
    {"deno", "https://deno.com"},
    {"dotnet", "https://dotnet.microsoft.com (8 or newer)"},
    {"go", "https://go.dev/dl (1.24 or newer; Debian 12's own is too old)"},
    {"jco", "npm install --global @bytecodealliance/jco"},
    {"make", "apt install make"},
    {"node", node},
    {"npm", node},
    {"npx", node},
    {"pip", python},
    {"pip3", python},
    {"pnpm", "npm install --global pnpm"},
    {"python3", python},
    {"rustc", rust},
    {"rustup", "https://rustup.rs"},
    {"tinygo", "https://tinygo.org/getting-started/install"},
    {"wasm-tools", "cargo install wasm-tools"},
    {"wit-bindgen", "cargo install wit-bindgen-cli"},
    {"yarn", "npm install --global yarn"},
    {"zig", "https://ziglang.org/download"},
};

bool is_assignment(std::string_view word) {
  const std::size_t equals = word.find('=');
  return equals != std::string_view::npos && equals > 0 && std::ranges::all_of(word.substr(0, equals), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

}  // namespace

std::string_view how_to_install(std::string_view program) {
  const auto* found = std::ranges::find(tools, program, &Tool::name);
  return found == std::end(tools) ? std::string_view() : found->install;
}

std::vector<std::string> missing_tools(std::string_view command) {
  std::vector<std::string> missing;
  bool at_command = true;  // the next word is a program
  while (!command.empty()) {
    const std::size_t end = command.find_first_of(" \t\n;&|(){}");
    const std::string word(command.substr(0, end));
    if (!word.empty() && at_command && !is_assignment(word)) {
      at_command = false;
      if (!how_to_install(word).empty() && find_program(word).empty() &&
          std::ranges::find(missing, word) == missing.end())
        missing.push_back(word);
    }
    if (end == std::string_view::npos) break;
    if (std::string_view(";&|({\n").find(command[end]) != std::string_view::npos) at_command = true;
    command.remove_prefix(end + 1);
  }
  return missing;
}

std::string missing_tool_message(std::string_view program) {
  return "`" + std::string(program) + "` is not installed; get it from " + std::string(how_to_install(program));
}

}  // namespace weft::project
