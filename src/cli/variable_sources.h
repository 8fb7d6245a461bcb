// Where `weft up` takes the values of variables from, in the order in which they count: --variable, the providers of
// runtime-config.toml, the environment with the file .env behind it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/app.h"
#include "manifest/runtime_config.h"
#include "util/error.h"
#include "variables/application.h"
#include "variables/fixed.h"

namespace weft::cli {

// A file of values given on the command line.
inline constexpr std::size_t max_variable_file_bytes = 1 << 20;

struct VariableOptions {
  // KEY=VALUE; KEY=@FILE: the file's content; @FILE.json or @FILE.toml: a table of them. Of a name that is given twice
  // the last counts.
  std::vector<std::string> variables;
  std::string runtime_config_file;  // empty: none
};

// What the file for --runtime-config-file says; nothing if there is none. The error has a line for each mistake; `tell`
// gets the lines of what may be one.
Result<manifest::RuntimeConfig> read_runtime_config(const std::string& path,
                                                    const std::function<void(std::string_view lines)>& tell = {});

// What --variable says. The error names the option, and never a value.
Result<variables::Table> read_variable_options(const std::vector<std::string>& options);

// All of the sources. The error has a line, or several, for each mistake; `warn` is told what may be one.
Result<variables::Sources> open_sources(const manifest::App& app, const VariableOptions& options,
                                        const std::function<void(std::string_view line)>& warn);

}  // namespace weft::cli
