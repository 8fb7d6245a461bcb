// A request answered by a command, as Spin's wagi executor has it: cgi.h says how.
#pragma once

#include <exception>
#include <memory>
#include <string>

#include "component/instance.h"
#include "component/plan.h"
#include "http/exchange.h"
#include "util/error.h"
#include "util/pinned.h"
#include "wasi/lent_streams.h"
#include "wasi/wasi.h"

namespace weft::trigger {

// What a program is given of a request's body, and what it may write: both are kept whole, since the length of the one
// is said before the program runs, and the status of the other may be that of its end.
inline constexpr std::size_t max_wagi_body_bytes = std::size_t{16} << 20;

// Belongs to the run of one request.
class WagiCall final : wasi::LentStreams, Pinned {
 public:
  // `given` is what the component's instances have; `argv` is the manifest's. All of them outlive the call.
  WagiCall(const std::shared_ptr<http::Exchange>& exchange, const wasi::WasiSetup& given, const std::string& argv);
  ~WagiCall();

  // Gives the new instance what it runs with.
  void set_up(component::Instance& instance, wasi::OutputSink* sink);
  // [fiber] Reads the body and runs the command.
  void run(component::Instance& instance, component::FuncRef command);
  // Answers, once, when the command has ended with `failure`, which may be null. What is not answered is an error that
  // says why; of a failure it says nothing, which is the caller's to tell.
  Result<void> answer(const std::exception_ptr& failure);

 private:
  class Input;
  class Output;
  bind::Own<wasi::InputStream> input() override;
  bind::Own<wasi::OutputStream> output() override;

  std::shared_ptr<http::Exchange> exchange_;  // until it is answered
  wasi::WasiSetup setup_;
  std::string body_;
  std::string output_;
};

// The command of a component for the wagi executor: wasi:cli/run of WASI 0.2; else an error that says what was found.
Result<component::FuncRef> find_wagi_command(const component::LinkPlan& plan);

}  // namespace weft::trigger
