// What weft refuses by name: the one list of it, which `weft gaps` prints.
//
// A refusal is for something valid that weft does not do. It always goes through refuse(), so that nothing is refused
// that the list does not have; scripts/check_gaps.py sees to that, and to entries that nothing refers to.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "util/error.h"

namespace weft::gaps {

enum class Gap : std::uint8_t {
  // component binaries
  component_values,
  version_suffixes,
  shared_everything_threads,
  memory64,
  imported_modules,
  imported_components,
  core_modules,
  // applications
  registry_sources,
  redis_triggers,
  other_triggers,
  wagi,
  variables_providers,
  key_value_types,
  runtime_config,
  telemetry_export,
  // functions
  call_with_handles,
  wit_binary_packages,
  registry_targets,
};

struct Entry {
  Gap gap;
  std::string_view name;     // kebab case, for people and scripts
  std::string_view what;     // a noun phrase
  std::string_view why;      // a sentence without its full stop
  std::string_view instead;  // an imperative without its full stop; empty: there is nothing
};

// Interfaces that components may import from other hosts and not from this one.
struct Interfaces {
  std::string_view pattern;  // "ns:package/interface@version"; `*` ends a part, a missing part matches all
  std::string_view what;
  std::string_view instead;
};

std::span<const Entry> entries();
std::span<const Interfaces> interfaces();

const Entry& entry_of(Gap gap);
// The entry for an imported interface, or null: nobody knows it.
const Interfaces* find_interfaces(std::string_view import);

// The refusal of `subject`, which is what the user wrote: "<subject> (not yet): <instead>". Errc::unsupported.
Error refuse(Gap gap, std::string_view subject);
// The same in words that something else depends on.
Error refuse_saying(Gap gap, std::string message);

// Lines for what a component needs: "needs <what> (not yet): <instead>", and the same for an imported interface.
std::string needs(std::string_view what, std::string_view instead);
// `written` says it instead of the interface's own name.
std::string needs_interface(std::string_view import, std::string_view written = {});
// The refusal of a component for all such lines together.
Error refuse_needs(std::string lines);

}  // namespace weft::gaps
