#include "cli/gaps.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "gaps/gaps.h"

namespace weft::cli {
namespace {

nlohmann::json to_json() {
  nlohmann::json features = nlohmann::json::array();
  for (const gaps::Entry& entry : gaps::entries()) {
    features.push_back({{"name", entry.name}, {"what", entry.what}, {"why", entry.why}, {"instead", entry.instead}});
  }
  nlohmann::json interfaces = nlohmann::json::array();
  for (const gaps::Interfaces& entry : gaps::interfaces()) {
    interfaces.push_back({{"interfaces", entry.pattern}, {"what", entry.what}, {"instead", entry.instead}});
  }
  return {{"features", std::move(features)}, {"interfaces", std::move(interfaces)}};
}

void line(const char* label, std::string_view text) {
  if (!text.empty()) std::printf("    %s%.*s\n", label, static_cast<int>(text.size()), text.data());
}

}  // namespace

int gaps(bool as_json) {
  if (as_json) {
    std::puts(to_json().dump(2).c_str());
    return 0;
  }
  std::puts("What weft refuses, by name:");
  for (const gaps::Entry& entry : gaps::entries()) {
    std::printf("\n  %.*s\n", static_cast<int>(entry.name.size()), entry.name.data());
    line("", entry.what);
    line("because ", entry.why);
    line("instead: ", entry.instead);
  }
  std::puts("\nInterfaces of other hosts that components cannot import yet:");
  for (const gaps::Interfaces& entry : gaps::interfaces()) {
    std::printf("\n  %.*s\n", static_cast<int>(entry.pattern.size()), entry.pattern.data());
    line("", entry.what);
    line("instead: ", entry.instead);
  }
  return 0;
}

}  // namespace weft::cli
