#include "trigger/wagi_call.h"

#include <utility>

#include "bind/abi.h"
#include "command/find_command.h"
#include "command/run_call.h"
#include "gaps/gaps.h"
#include "trigger/cgi.h"
#include "trigger/whole_body.h"

namespace weft::trigger {

// The body, read already.
class WagiCall::Input final : public wasi::InputStream {
 public:
  explicit Input(const std::string& body) : body_(body) {}
  wasi::StreamResult<std::vector<std::byte>> read(std::uint64_t max) override {
    if (at_ == body_.size()) return std::unexpected(wasi::Closed{});
    const auto part = std::as_bytes(std::span(body_)).subspan(at_);
    const auto bytes = part.first(std::min<std::size_t>(part.size(), std::min(max, wasi::max_read_bytes)));
    at_ += bytes.size();
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  }
  std::shared_ptr<host::Pollable> readiness() override { return wasi::always_ready(); }

 private:
  const std::string& body_;
  std::size_t at_ = 0;
};

class WagiCall::Output final : public wasi::OutputStream {
 public:
  explicit Output(WagiCall& call) : call_(call) {}
  wasi::StreamResult<std::uint64_t> check_write() override { return wasi::max_write_permit; }
  wasi::StreamResult<void> write(std::span<const std::byte> bytes) override {
    if (bytes.size() > max_wagi_body_bytes - call_.output_.size()) {
      throw abi::Trap("the command wrote more than the " + std::to_string(max_wagi_body_bytes) +
                      " bytes that the wagi executor keeps");
    }
    call_.output_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  wasi::StreamResult<void> flush() override { return {}; }
  std::shared_ptr<host::Pollable> readiness() override { return wasi::always_ready(); }

 private:
  WagiCall& call_;
};

WagiCall::WagiCall(const std::shared_ptr<http::Exchange>& exchange, const wasi::WasiSetup& given,
                   const std::string& argv)
    : exchange_(exchange), setup_(given) {
  setup_.arguments = cgi_arguments(argv, exchange_->request());
}

WagiCall::~WagiCall() = default;

void WagiCall::set_up(component::Instance& instance, wasi::OutputSink* sink) {
  wasi::set_up(instance, setup_, sink);
  wasi::lend_streams(instance, *this);
}

bind::Own<wasi::InputStream> WagiCall::input() {
  return std::make_unique<Input>(body_);
}
bind::Own<wasi::OutputStream> WagiCall::output() {
  return std::make_unique<Output>(*this);
}

void WagiCall::run(component::Instance& instance, component::FuncRef command) {
  auto body = read_whole_body(instance, exchange_, max_wagi_body_bytes);
  if (!body) return;
  body_ = *std::move(body);
  set_cgi_variables(setup_.environment, exchange_->request(), body_.size());
  // One that returns an error may have said so in its response.
  command::RunCall call;
  instance.call(command, call);
}

Result<void> WagiCall::answer(const std::exception_ptr& failure) {
  // The connection uses its exchange again once nobody else has it.
  const auto exchange = std::exchange(exchange_, nullptr);
  if (exchange->responded()) return {};
  if (failure != nullptr) {
    try {
      std::rethrow_exception(failure);
    } catch (const wasi::GuestExit& exit) {
      if (exit.status() != 0)
        return fail(Errc::invalid, "the command exited with status " + std::to_string(exit.status()));
    } catch (...) {
      return fail(Errc::invalid, "");
    }
  }
  auto response = read_cgi_response(std::move(output_));
  if (!response) return fail(Errc::invalid, std::move(response).error());
  exchange->respond(std::move(response->head), std::move(response->body));
  return {};
}

Result<component::FuncRef> find_wagi_command(const component::LinkPlan& plan) {
  TRY(const component::FuncRef command, command::find_command(plan));
  if (plan.type_of(command)->async)
    return std::unexpected(gaps::refuse(gaps::Gap::wagi, "exports a command of WASI 0.3"));
  return command;
}

}  // namespace weft::trigger
