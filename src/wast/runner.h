// Runs the commands of one script with weft's own decoder, validator, planner, instances and canonical ABI.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "util/error.h"
#include "util/pinned.h"
#include "wasm/engine.h"
#include "wast/instance.h"
#include "wast/mutation.h"
#include "wast/script.h"
#include "wast/tools.h"

namespace weft::wast {

struct Counts {
  unsigned passed = 0;
  unsigned failed = 0;
  unsigned skipped = 0;  // commands this runner does not know
};

struct RunnerOptions {
  // The mutated script runs; messages have the old names. Null: the script as it is. Outlives the runner.
  Mutation* mutation = nullptr;
  // What one command may take in a guest; those of the specification take milliseconds.
  std::chrono::seconds time_limit{20};
  std::optional<std::uint32_t> seed;  // of what is free in scheduling
};

// For one script; belongs to one thread.
class Runner : Pinned {
 public:
  // Takes a line for each command that did not pass: "file:line: command: what was expected and what was got".
  using Report = std::function<void(const std::string& line)>;

  Runner(const wasm::Engine& engine, const WasmTools& tools, const RunnerOptions& options, Report report)
      : engine_(engine),
        tools_(tools),
        mutation_(options.mutation),
        time_limit_(options.time_limit),
        seed_(options.seed),
        report_(std::move(report)) {}

  Counts run(const Script& script);

 private:
  struct Verdict {
    enum class Kind { passed, failed, skipped };
    Kind kind = Kind::passed;
    std::string message = {};
  };
  static Verdict fails(std::string message) { return {Verdict::Kind::failed, std::move(message)}; }

  Verdict execute(const Command& command);
  Verdict module(const Command& command);
  Verdict module_definition(const Command& command);
  Verdict module_instance(const Command& command);
  Verdict register_instance(const Command& command);
  Verdict assert_return(const Command& command);
  Verdict assert_trap(const Command& command, bool exception);
  Verdict assert_not_instantiable(const Command& command, bool trap);
  Verdict assert_refused(const Command& command);

  Outcome act(const Action& action);
  // Whether an assertion's text is a part of the message it stands for.
  bool says(const std::string& message, std::string_view text) const;
  std::string old_names(const std::string& text) const;
  std::shared_ptr<Instance> instance(const std::optional<std::string>& name) const;
  Result<std::vector<std::byte>> bytes_of(const ModuleFile& file);
  std::expected<std::shared_ptr<Definition>, std::string> define_file(const ModuleFile& file);
  std::expected<std::shared_ptr<Instance>, Failure> instantiate(Definition& definition);
  Verdict make_current(const std::optional<std::string>& name, Definition& definition);

  const wasm::Engine& engine_;
  const WasmTools& tools_;
  Mutation* mutation_;
  const std::chrono::seconds time_limit_;
  const std::optional<std::uint32_t> seed_;
  Report report_;
  std::unique_ptr<CoreWorld> core_;
  std::map<std::string, std::shared_ptr<Definition>> definitions_;
  std::shared_ptr<Definition> last_definition_;
  std::map<std::string, std::shared_ptr<Instance>> instances_;
  std::shared_ptr<Instance> current_;  // what an action without a name means
};

}  // namespace weft::wast
