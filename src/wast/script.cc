#include "wast/script.h"

#include <array>
#include <fstream>
#include <utility>

namespace weft::wast {
namespace {

using nlohmann::json;

Command::Kind kind_of(std::string_view type) {
  using enum Command::Kind;
  static constexpr std::array<std::pair<std::string_view, Command::Kind>, 13> kinds{{
      {"module", module},
      {"module_definition", module_definition},
      {"module_instance", module_instance},
      {"register", register_instance},
      {"action", action},
      {"assert_return", assert_return},
      {"assert_trap", assert_trap},
      {"assert_exhaustion", assert_exhaustion},
      {"assert_exception", assert_exception},
      {"assert_uninstantiable", assert_uninstantiable},
      {"assert_unlinkable", assert_unlinkable},
      {"assert_invalid", assert_invalid},
      {"assert_malformed", assert_malformed},
  }};
  for (const auto& [name, kind] : kinds) {
    if (name == type) return kind;
  }
  return other;
}

std::optional<std::string> optional_text(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::nullopt;
  return found->get<std::string>();
}

// May throw json::exception, as all of the following.
ModuleFile file_of(const json& command, const std::filesystem::path& folder) {
  ModuleFile file;
  file.path = folder / command.at("filename").get<std::string>();
  file.text = command.at("module_type").get<std::string>() == "text";
  if (auto binary = optional_text(command, "binary_filename")) file.binary = folder / *binary;
  return file;
}

Action action_of(const json& command) {
  const json& written = command.at("action");
  Action action;
  action.get = written.at("type").get<std::string>() == "get";
  action.module = optional_text(written, "module");
  action.field = written.at("field").get<std::string>();
  action.args = written.value("args", json::array());
  return action;
}

Command command_of(const json& written, const std::filesystem::path& folder) {
  Command command;
  command.type = written.at("type").get<std::string>();
  command.kind = kind_of(command.type);
  command.line = written.at("line").get<std::uint32_t>();
  if (command.kind == Command::Kind::other) return command;
  command.name = optional_text(written, command.kind == Command::Kind::module_instance ? "instance" : "name");
  command.of = optional_text(written, "module");
  command.as = written.value("as", "");
  command.text = written.value("text", "");
  command.expected = written.value("expected", json::array());
  if (written.contains("filename")) command.file = file_of(written, folder);
  if (written.contains("action")) command.action = action_of(written);
  return command;
}

}  // namespace

Result<Script> read_script(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) return fail(Errc::io, "cannot read " + path.string());
  Script script;
  try {
    const json written = json::parse(in);
    script.source = written.at("source_filename").get<std::string>();
    for (const json& command : written.at("commands")) {
      script.commands.push_back(command_of(command, path.parent_path()));
    }
  } catch (const json::exception& error) {
    return fail(Errc::invalid, path.string() + ": " + error.what());
  }
  return script;
}

}  // namespace weft::wast
