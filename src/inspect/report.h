// What can be said about a component without running it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "component/linked.h"
#include "component/producers.h"
#include "inspect/manifest.h"
#include "util/error.h"
#include "util/sha256.h"

namespace weft::inspect {

struct Import {
  enum class State { offered, partly, lacking, mismatch, denied };  // denied: of a composition, by what is inherited
  std::string name;
  State state = State::offered;
  std::string detail;  // what is lacking, as a line of component/lacks.h
};

struct Module {
  std::uint64_t offset = 0;       // bytes, in the component
  std::uint64_t size = 0;         // bytes
  std::uint64_t code_size = 0;    // bytes that are compiled: without its data
  std::uint64_t data_size = 0;    // bytes that memories start with
  Sha256 code_hash{};             // the key of its code in the cache
  bool is_needed = true;          // not when it only passes calls on (component/bypass.h)
  std::optional<bool> is_cached;  // unknown when there is no cache
};

struct Report {
  std::string file;
  std::uint64_t size = 0;
  std::vector<Import> imports;       // of a composition: what its parts import from the host
  std::vector<std::string> exports;  // of a composition: its last part's
  std::vector<std::string> links;  // which imports other components serve, a line each; for who composed it to fill in
  std::vector<std::string> lacks;  // why it does not run here, a line each; empty: it runs
  std::vector<std::string> fails_calling;  // what it runs without, and fails when it calls it, likewise
  std::vector<Module> modules;
  component::Producers producers;
  Manifest manifest;
  std::string wit;
};

// Whether the code of this hash is in the cache.
using IsCached = std::function<bool(const Sha256& code_hash)>;

// Fails only if `bytes` is no valid component; the messages of `file` are the decoder's and validator's. `is_cached`
// may be empty.
Result<Report> inspect(std::shared_ptr<const std::vector<std::byte>> bytes, const std::string& file,
                       const component::HostLinker& linker, const IsCached& is_cached);

// For people: bounded, without control characters, ending in a newline.
std::string to_text(const Report& report);
// For programs: one JSON object.
std::string to_json(const Report& report);

}  // namespace weft::inspect
