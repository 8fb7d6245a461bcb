#include "command/command_run.h"

#include "bind/abi.h"

namespace weft::command {
namespace {

// run: func() -> result
class RunCall final : public component::ExportCall {
 public:
  RunCall(component::Instance& instance, std::optional<bool>& succeeded) : instance_(instance), succeeded_(succeeded) {}

  void lower_args(abi::LowerContext&, const abi::FuncType&, abi::CoreValue*) override {}
  void lift_result(abi::LiftContext& context, const abi::FuncType& type, std::uint32_t,
                   abi::CoreValueIter& values) override {
    bind::Lift lift{context, instance_.resources()};
    using Status = std::expected<void, std::monostate>;
    succeeded_ = bind::Abi<Status>::lift(lift, abi::FlatSource{&values}, type.result).has_value();
  }

 private:
  component::Instance& instance_;
  std::optional<bool>& succeeded_;
};

Ended end_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const wasi::GuestExit& exit) {
    return {.status = exit.status(), .fault = {}};
  } catch (const wasm::GuestTrap& trap) {
    return {.status = exit_trapped, .fault = trap.detail()};
  } catch (...) {
    return {.status = exit_trapped, .fault = what_of(failure)};
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
  RunCall call(instance, succeeded_);
  instance.call(run_, call);
}

void CommandRun::done(const std::exception_ptr& failure) {
  // A task may go on after `run` has returned; what befalls it then still ends the command badly.
  if (failure != nullptr)
    ended_ = end_of(failure);
  else
    ended_ = Ended{.status = succeeded_.value_or(false) ? 0 : 1, .fault = {}};
  if (on_end) on_end();
}

}  // namespace weft::command
