// The run of one exported function: a command's, or any other.
#pragma once

#include <optional>
#include <string>

#include "component/instance.h"
#include "component/plan.h"
#include "runtime/run.h"
#include "wasi/wasi.h"

namespace weft::command {

// What a command that did not end by itself ends with: the number that shells show for a program that aborts.
inline constexpr int exit_trapped = 134;

struct Ended {
  int status = 0;
  std::string fault;    // why it did not end by itself: for standard error; else empty
  bool exited = false;  // it ended itself, by wasi:cli/exit, with that status
};

// Belongs to its loop. See runtime::Run. `call` has what the function returned.
class CommandRun final : public runtime::Run {
 public:
  // All but `component` outlives the run.
  CommandRun(Loop& loop, const host::Grants& grants, const runtime::RunLimits& limits, component::FuncRef func,
             component::ExportCall& call, const wasi::WasiSetup& wasi, const wasi::StandardFiles& files)
      : Run(loop, grants, limits), func_(func), call_(call), wasi_(wasi), files_(files) {}
  ~CommandRun() override { drop(); }

  // Makes the instance; state of services may be set before resume().
  Result<void> prepare(std::shared_ptr<const component::LinkedComponent> component);
  // Once it has ended.
  const std::optional<Ended>& ended() const { return ended_; }
  // Called on the loop when it has.
  std::function<void()> on_end;

 private:
  void work(component::Instance& instance) override;
  void done(const std::exception_ptr& failure) override;

  const component::FuncRef func_;
  component::ExportCall& call_;
  const wasi::WasiSetup& wasi_;
  const wasi::StandardFiles& files_;
  std::optional<Ended> ended_;
};

}  // namespace weft::command
