// What a command line says that runs one component: what it is granted, and how far it may go.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/code_options.h"
#include "runtime/run.h"
#include "util/error.h"
#include "wasi/wasi.h"

namespace weft::cli {

struct RunOptions {
  std::vector<std::string> command;  // the component's file, and its arguments
  std::vector<std::string> environment;
  std::vector<std::string> folders;
  std::vector<std::string> outbound;
  std::vector<std::string> listen;
  double timeout_s = 0;                                     // 0: no limit
  std::uint64_t max_memory_bytes = std::uint64_t{4} << 30;  // all that 32-bit pointers reach
  std::uint64_t max_disk_bytes = wasi::default_disk_bytes;
  CodeOptions code;
};

// Adds the options for all but the command. `options` outlives the app.
void add_to(CLI::App& app, RunOptions& options);

runtime::RunLimits limits_of(const RunOptions& options);

// A folder that is granted.
struct FolderGrant {
  std::string host;
  std::string guest;  // as the guest sees it
  bool writable = true;

  bool operator==(const FolderGrant&) const = default;
};

// HOST[::GUEST][:ro]. Without GUEST the folder has the same name for the guest.
Result<FolderGrant> read_folder_grant(std::string_view text);

// NAME=VALUE, or NAME for the value that this process has; none if it has none.
Result<std::optional<std::pair<std::string, std::string>>> read_variable(const std::string& text);

// All that the command is given: its arguments begin with the name of its file.
Result<wasi::WasiSetup> wasi_setup(const RunOptions& options);

}  // namespace weft::cli
