#include "variables/environment.h"

#include "util/read_file.h"
#include "util/utf8.h"
#include "variables/dotenv.h"

namespace weft::variables {
namespace {

Result<std::optional<Secret>> find(const Table& values, std::string_view name, std::string_view where) {
  const auto found = values.find(name);
  if (found == values.end()) return std::nullopt;
  if (!is_utf8(found->second.reveal())) {
    return fail(Errc::invalid, "the value of " + std::string(name) + " in " + std::string(where) + " is not UTF-8");
  }
  return found->second;
}

}  // namespace

Environment::Environment(const char* const* block) {
  for (; *block != nullptr; ++block) {
    const std::string_view entry(*block);
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    // Of a name that is there twice the first counts, as for getenv().
    values_.try_emplace(std::string(entry.substr(0, equals)), std::string(entry.substr(equals + 1)));
  }
}

std::optional<std::string> Environment::get(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second.reveal();
}

Result<std::unique_ptr<EnvironmentVariables>> EnvironmentVariables::create(const Environment& environment,
                                                                           std::string prefix,
                                                                           const std::filesystem::path& dotenv,
                                                                           bool* missing) {
  std::unique_ptr<EnvironmentVariables> made(new EnvironmentVariables(std::move(prefix)));
  for (const auto& [name, value] : environment.values()) made->add(name, value);
  if (missing != nullptr) *missing = false;
  if (dotenv.empty()) return made;
  auto text = read_file(dotenv, max_dotenv_bytes);
  if (!text && text.error().code() == Errc::not_found) {
    if (missing != nullptr) *missing = true;
    return made;
  }
  if (!text) return std::unexpected(std::move(text).error());
  auto entries = parse_dotenv(*text, [&](std::string_view name) { return environment.get(name); });
  wipe(*text);
  if (!entries) return std::unexpected(std::move(entries).error().context(dotenv.string()));
  // Of a name that is there twice the last counts, as in other hosts.
  for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry) made->add(entry->first, entry->second);
  return made;
}

void EnvironmentVariables::add(std::string_view variable, const Secret& value) {
  if (!variable.starts_with(prefix_) || variable.size() <= prefix_.size() + 1 || variable[prefix_.size()] != '_')
    return;
  std::string name(variable.substr(prefix_.size() + 1));
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') return;  // the name of no variable
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  values_.try_emplace(std::move(name), value);
}

Result<std::optional<Secret>> EnvironmentVariables::get(std::string_view name) const {
  return find(values_, name, describe());
}

Result<std::optional<Secret>> PlainEnvironment::get(std::string_view name) const {
  return find(values_, name, describe());
}

}  // namespace weft::variables
