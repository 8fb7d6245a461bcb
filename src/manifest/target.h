// Targets: the environments that an application is built for, as `targets` of its manifest names them.
//
// Plain data. An environment says, for each type of trigger, in which worlds its components run and what else they
// have.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/diagnostic.h"
#include "manifest/value.h"

namespace weft::manifest {

class TableReader;

// An element of `targets`.
struct Target {
  std::filesystem::path path;  // relative to App::root; empty: it is not on this machine
  std::string elsewhere;       // then its name in Spin's catalogue, "spin-up:3.2", or its URL
  Location at;
};

// One that App or Component has.
Target target_of(const Value& value);
// Reader of the key `targets`; for use in this folder only. Reports what is no target.
std::vector<Value> read_targets(TableReader& reader);

// One world of an environment.
struct TargetWorld {
  std::filesystem::path wit;  // a folder of WIT, or one file; empty: the world is in a registry
  std::string name;           // "ns:package/world@version"; empty: the only one that `wit` has
  Location at;
};

// What an environment has for the components of one type of trigger.
struct TriggerSupport {
  std::vector<TargetWorld> worlds;        // a component fits one of them; none: nothing is known of its world
  std::vector<std::string> capabilities;  // "local_service_chaining"
};

struct TargetEnvironment {
  std::filesystem::path file;
  std::map<std::string, TriggerSupport> triggers;  // by type
  std::optional<TriggerSupport> others;            // of all other types; absent: it has no other triggers

  // Null: it has no triggers of this type.
  const TriggerSupport* find(const std::string& trigger) const;
};

// Of one environment.
inline constexpr std::size_t max_target_worlds = 256;

struct TargetEnvironmentResult {
  std::optional<TargetEnvironment> environment;  // absent when there is any error
  std::vector<Diagnostic> diagnostics;
};

// `path` is the file of an environment; or WIT, a folder or a file named *.wit, whose only world is that of all
// triggers.
TargetEnvironmentResult load_target_environment(const std::filesystem::path& path);
TargetEnvironmentResult load_target_environment_text(std::string_view text, const std::filesystem::path& file);

}  // namespace weft::manifest
