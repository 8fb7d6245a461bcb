#include "http/client_exchange.h"

namespace weft::http {
namespace {

BodyFault body_fault(ClientFault fault) {
  switch (fault) {
    case ClientFault::read_timeout:
    case ClientFault::write_timeout:
      return BodyFault::timed_out;
    case ClientFault::response_trailer_size:
      return BodyFault::trailers_too_large;
    case ClientFault::response_malformed:
      return BodyFault::malformed;
    case ClientFault::cancelled:
      return BodyFault::cancelled;
    default:
      return BodyFault::cut_short;
  }
}

}  // namespace

void ClientExchange::respond(ResponseHead head) {
  response_ = std::move(head);
  responded_ = has_response_ = true;
  if (on_response) std::exchange(on_response, nullptr)();
}

void ClientExchange::fail(ClientError error) {
  if (error_ || response_body_.ended()) return;
  error_ = std::move(error);
  // Whoever still writes the request's body learns that nobody takes it.
  request_body_.cancel();
  response_body_.abort(error_->message(), body_fault(error_->fault));
  responded_ = true;
  if (on_response) std::exchange(on_response, nullptr)();
}

void ClientExchange::cancel() {
  if (cancelled_) return;
  cancelled_ = true;
  on_response = nullptr;
  if (interrupt_) interrupt_();
}

void ClientExchange::set_deadline(Time deadline) {
  deadline_ = deadline;
  if (watch_ != nullptr && deadline != never) watch_->look_at(deadline);
}

void ClientExchange::expire() {
  deadline_ = never;
  expired_ = true;
  if (interrupt_) interrupt_();
}

ClientExchange::Time from_now(std::chrono::nanoseconds duration) {
  const auto now = std::chrono::steady_clock::now();
  return duration > ClientExchange::never - now ? ClientExchange::never : now + duration;
}

}  // namespace weft::http
