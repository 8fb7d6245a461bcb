#include "compose/import_name.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "component/import_track.h"

namespace weft::compose {
namespace {

// The numbers of a version, for comparing those of one track.
std::vector<std::uint64_t> numbers_of(std::string_view version) {
  std::vector<std::uint64_t> numbers;
  const char* next = version.data();
  const char* const end = next + version.size();
  while (next != end) {
    std::uint64_t number = 0;
    const auto [after, error] = std::from_chars(next, end, number);
    if (error != std::errc()) break;
    numbers.push_back(number);
    next = after == end || *after != '.' ? end : after + 1;
  }
  return numbers;
}

bool is_same_but_for_version(const ImportName& a, const ImportName& b) {
  return a.package == b.package && a.interface == b.interface;
}

}  // namespace

ImportName::ImportName(std::string_view text) {
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    version = text.substr(at + 1);
    text = text.substr(0, at);
  }
  if (text.find(':') == std::string_view::npos) {
    interface = text;
    return;
  }
  const auto slash = text.find('/');
  package = text.substr(0, slash);
  if (slash != std::string_view::npos) interface = text.substr(slash + 1);
}

bool matches(std::string_view key, std::string_view import) {
  const ImportName want(key), have(import);
  if (want.is_plain() || have.is_plain()) return key == import;
  if (want.package != have.package) return false;
  if (!want.interface.empty() && want.interface != have.interface) return false;
  if (want.version.empty()) return true;
  const auto track = [](std::string_view version) { return component::import_track("@" + std::string(version)); };
  return !have.version.empty() && track(want.version) == track(have.version);
}

const std::string* find_export(std::span<const std::string> exports, std::string_view wanted) {
  if (const auto same = std::ranges::find(exports, wanted); same != exports.end()) return &*same;
  const ImportName want(wanted);
  const std::string track = component::import_track(wanted);
  const std::string* found = nullptr;
  std::size_t others = 0;
  for (const std::string& name : exports) {
    const ImportName have(name);
    if (!is_same_but_for_version(have, want)) continue;
    ++others;
    if (!want.version.empty() && component::import_track(name) != track) continue;
    if (found == nullptr || numbers_of(ImportName(*found).version) < numbers_of(have.version)) found = &name;
  }
  return want.version.empty() && others != 1 ? nullptr : found;
}

}  // namespace weft::compose
