#include "trigger/http_call.h"

#include <array>
#include <charconv>
#include <utility>

#include "trigger/answer.h"
#include "trigger/api_call.h"

namespace weft::trigger {
namespace {

void take_trace(host::RequestShare& share, const http::Fields& fields) {
  const auto parent = fields.get("traceparent");
  const auto trace = parent ? host::parse_traceparent(*parent) : std::nullopt;
  if (!trace) return;
  share.trace = *trace;
  // Several fields are one list.
  for (const std::string_view state : fields.get_all("tracestate")) {
    share.trace_state.append(share.trace_state.empty() ? "" : ",").append(state);
  }
  if (share.trace_state.size() > host::max_trace_state_bytes) share.trace_state.clear();
}

// Of a number of 64 bits, and a point.
constexpr std::size_t max_digits = 21;

std::string_view write_number(std::uint64_t number, char* to) {
  return {to, std::to_chars(to, to + max_digits, number).ptr};
}

// To the microsecond: "0.034".
std::string_view write_milliseconds(std::chrono::nanoseconds duration, char* to) {
  const auto microseconds = static_cast<std::uint64_t>(duration.count()) / 1000;
  char* end = std::to_chars(to, to + max_digits, microseconds / 1000).ptr;
  *end++ = '.';
  for (std::uint64_t unit = 100; unit > 0; unit /= 10) *end++ = static_cast<char>('0' + microseconds / unit % 10);
  return {to, end};
}

}  // namespace

HttpCall::HttpCall(HttpRuns& runs, HttpJob given, host::RequestShare* share, Clock::time_point started_at)
    : job(std::move(given)), runs_(runs), share_(share != nullptr ? share : &own_share_), started_at_(started_at) {
  job.series->run_began(job.cold);
  share_->chain_depth = job.chain_depth;
  take_trace(*share_, job.exchange->request().fields);
}

void HttpCall::forget_timing() {
  if (!reported()) job.exchange->on_head = nullptr;
}

bool HttpCall::is_late(Clock::time_point now, std::chrono::nanoseconds timeout) {
  if (until != Clock::time_point::max() && !has_responded_ && job.exchange->responded()) {
    has_responded_ = true;
    until = now + timeout;
  }
  return now > until || now > last;
}

void HttpCall::show_timing(runtime::Run& run) {
  job.exchange->on_head = [this, &run](http::ResponseHead& head) { add_timing(head.fields, run); };
}

void HttpCall::report(bool fault) {
  const auto exchange = job.exchange;
  exchange->on_client_gone = nullptr;
  const bool left = exchange->client_gone() && !exchange->responded();
  if (!exchange->responded()) {
    if (job.api != nullptr)
      job.api->answer_failure(share_->account.limit, failure);
    else
      answer(*exchange, 500, "", "");
  }
  record(left ? 0 : exchange->response().status, fault && !left);
  exchange->on_head = nullptr;
  job.exchange = nullptr;
}

void HttpCall::record(unsigned status, bool fault) {
  const host::Account& account = share_->account;
  const auto duration = Clock::now() - started_at_;
  job.series->run_ended({.status = status,
                         .duration = duration,
                         .cpu_nanoseconds = account.cpu_nanoseconds,
                         .peak_memory_bytes = account.peak_memory_bytes,
                         .bytes_copied = account.bytes_copied,
                         .peak_handles = account.peak_handles,
                         .denials = account.denials,
                         .limit = account.limit,
                         .fault = fault});
  if (const auto& access = runs_.observer().access) {
    access({.request = job.exchange->request(),
            .component = job.served->id,
            .status = status,
            .duration = duration,
            .account = &account,
            .cold = job.cold});
  }
}

// Server-Timing: durations are in milliseconds.
void HttpCall::add_timing(http::Fields& fields, runtime::Run& run) {
  const std::uint64_t memory =
      run.finished() ? share_->account.peak_memory_bytes : run.instance().store().memory_use().peak;
  std::array<char, 2 * max_digits> text;
  const std::string_view cpu = write_milliseconds(run.cpu_until_now(*share_), text.data());
  const std::string_view bytes = write_number(memory, text.data() + max_digits);
  fields.append("server-timing",
                {job.cold ? "cold" : "warm", ", cpu;dur=", cpu, ", memory;desc=\"", bytes, " bytes\""});
}

}  // namespace weft::trigger
