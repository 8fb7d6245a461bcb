// A command, or another function of a component, from its start to its end.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "command/command_run.h"
#include "component/linked.h"
#include "wasi/wasi.h"
#include "wasm/engine.h"

namespace weft::command {

struct CommandOptions {
  std::string_view name;  // of the component, for messages; outlives the call
  const host::Grants* grants = &host::no_grants();
  runtime::RunLimits limits;
  wasi::WasiSetup wasi;
  std::function<void(std::string_view line)> log;  // denials; called on this thread
  // What it prints goes to standard error: standard output is for what it returns.
  bool prints_to_error = false;
};

// Runs it on the calling thread, with this process's standard files. Errors are those of the host: there was no
// instance. REQUIRES: find_command() of its plan succeeded.
Result<Ended> run_command(wasm::Engine& engine, std::shared_ptr<const component::LinkedComponent> component,
                          const CommandOptions& options);

// The same with another of its functions; `call` has its arguments, and what it returned.
Result<Ended> run_function(wasm::Engine& engine, std::shared_ptr<const component::LinkedComponent> component,
                           component::FuncRef func, component::ExportCall& call, const CommandOptions& options);

}  // namespace weft::command
