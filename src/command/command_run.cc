#include "command/command_run.h"

namespace weft::command {
namespace {

Ended end_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const wasi::GuestExit& exit) {
    return {.status = exit.status(), .fault = {}, .exited = true};
  } catch (const wasm::GuestTrap& trap) {
    return {.status = exit_trapped, .fault = trap.detail(), .exited = false};
  } catch (...) {
    return {.status = exit_trapped, .fault = what_of(failure), .exited = false};
  }
}

}  // namespace

Result<void> CommandRun::prepare(std::shared_ptr<const component::LinkedComponent> component) {
  CHECK_OK(start(std::move(component)));
  wasi::set_up(instance(), wasi_, nullptr);
  wasi::lend_files(instance(), files_);
  return {};
}

void CommandRun::work(component::Instance& instance) {
  instance.call(func_, call_);
}

void CommandRun::done(const std::exception_ptr& failure) {
  // A task may go on after the function has returned; what befalls it then still ends the run badly.
  ended_ = failure == nullptr ? Ended() : end_of(failure);
  if (on_end) on_end();
}

}  // namespace weft::command
