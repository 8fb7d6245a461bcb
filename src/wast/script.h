// A specification script, as `wasm-tools json-from-wast` writes it: commands, and the files of modules they name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "util/error.h"

namespace weft::wast {

// A module or component of a script. "Module" stands for both in the names of commands, as in the JSON.
struct ModuleFile {
  std::filesystem::path path;
  bool text = false;  // WebAssembly text that the script quotes
  // The binary of a quoted text; absent where the text is not to be encoded.
  std::optional<std::filesystem::path> binary;
};

struct Action {
  bool get = false;                   // reads an exported global; else calls an exported function
  std::optional<std::string> module;  // the instance; absent: the latest
  std::string field;
  nlohmann::json args;  // constants, see constants.h
};

struct Command {
  enum class Kind : std::uint8_t {
    module,             // defines `file` and makes the instance `name`
    module_definition,  // defines `file` as `name`
    module_instance,    // makes the instance `name` of the definition `of`
    register_instance,  // makes the instance `name` known to imports as `as`
    action,
    assert_return,  // `action` gives `expected`
    assert_trap,
    assert_exhaustion,
    assert_exception,       // `action` ends with `text`
    assert_uninstantiable,  // `file` traps when instantiated
    assert_unlinkable,
    assert_invalid,
    assert_malformed,  // `file` is refused with `text`
    other,             // known to the format but not to this runner
  };

  Kind kind = Kind::other;
  std::string type;  // as written
  std::uint32_t line = 0;
  std::optional<std::string> name;
  std::optional<std::string> of;
  std::string as;
  ModuleFile file;
  Action action;
  nlohmann::json expected;
  std::string text;
};

struct Script {
  std::string source;  // the .wast file
  std::vector<Command> commands;
};

// Reads the JSON `path`; module files are named relative to its folder. Errc::invalid if it is not of the format.
Result<Script> read_script(const std::filesystem::path& path);

}  // namespace weft::wast
