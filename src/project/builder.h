// Runs the build commands of an application's components.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/app.h"
#include "util/error.h"

namespace weft::project {

// What happens, for whoever shows it. Called from several threads, one call at a time.
struct BuildObserver {
  std::function<void(std::string_view component, std::string_view command)> starts;
  std::function<void(std::string_view component, std::string_view line)> output;
  std::function<void(std::string_view component, double seconds)> built;
  std::function<void(std::string_view text)> notice;
};

struct BuildOptions {
  std::vector<std::string> components = {};  // ids; empty: all that have commands
  unsigned parallel = 0;                     // components at a time; 0: as many as there are cores
  std::stop_token stop = {};                 // where one can be requested, it ends the commands
};

// The components to build in an order where what others depend on comes first. Errc::not_found for an id that there is
// not; Errc::invalid for one that has no build command.
Result<std::vector<const manifest::Component*>> components_to_build(const manifest::App& app,
                                                                    const BuildOptions& options);

// Runs the commands of each component in order, several components at a time (but one at a time in one folder, and
// after those it depends on). The commands run in a shell, in the component's workdir. Where rustc has no target
// wasm32-wasi, commands that name it build for wasm32-wasip1, and the result is put where the manifest expects it.
// After a failure nothing more is started; the error names each component that failed, the command and the remedy.
Result<void> build(const manifest::App& app, const BuildOptions& options, const BuildObserver& observer);

}  // namespace weft::project
