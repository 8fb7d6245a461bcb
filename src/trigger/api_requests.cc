#include "trigger/api_requests.h"

#include <utility>

#include "trigger/api_call.h"

namespace weft::trigger {
namespace {

FunctionApi::Answer refusal(unsigned status, std::string_view message, const char* allow = nullptr) {
  return {.status = status, .type = "application/json", .body = error_json(message), .allow = allow};
}

// A page of another site has the browser send what it likes, with its own site as the origin.
bool is_from_another_site(const http::Fields& fields) {
  const auto origin = fields.get("origin");
  if (!origin) return false;
  const auto host = fields.get("host");
  const auto scheme = origin->find("://");
  return scheme == std::string_view::npos || !host || origin->substr(scheme + 3) != *host;
}

bool is_for_people(const http::Fields& fields) {
  const auto accept = fields.get("accept");
  return accept && accept->find("text/") != std::string_view::npos &&
         accept->find("application/json") == std::string_view::npos;
}

}  // namespace

ApiRequests::~ApiRequests() {
  while (!pending_.empty()) forget(pending_.begin());
}

void ApiRequests::answer(const HttpJob& job, FunctionApi::Answer said, Clock::time_point begun) {
  http::ResponseHead head;
  head.status = said.status;
  if (!said.type.empty()) head.fields.append("content-type", said.type);
  if (said.allow != nullptr) head.fields.append("allow", said.allow);
  if (said.status == 503) head.fields.append("retry-after", "1");
  job.exchange->respond(std::move(head), std::move(said.body));
  answered_(*job.exchange, job, begun);
}

void ApiRequests::take(HttpJob job, std::string_view path) {
  const auto begun = Clock::now();
  const http::RequestHead& head = job.exchange->request();
  const FunctionApi& api = *job.served->api;
  const bool reads = head.method == "GET" || head.method == "HEAD";
  if (path.empty() || path == "/") {
    if (!reads) return answer(job, refusal(405, "POST to the path of a function; GET lists them", "GET, HEAD"), begun);
    return answer(job, api.listing(is_for_people(head.fields)), begun);
  }
  const auto function = api.find(path);
  if (!function) return answer(job, function.error(), begun);
  if (reads) return answer(job, api.described(**function), begun);
  if (head.method != "POST")
    return answer(job, refusal(405, "a function is called by POST; GET describes it", "GET, HEAD, POST"), begun);
  if (is_from_another_site(head.fields))
    return answer(job, refusal(403, "pages of other sites may not call functions here"), begun);
  http::Exchange& exchange = *job.exchange;
  const Place place =
      pending_.insert(pending_.end(), {.job = std::move(job), .function = *function, .begun = begun, .body = {}});
  exchange.request_body().on_readable = [this, place] { read(place); };
  exchange.on_client_gone = [this, place] { forget(place); };
  read(place);
}

void ApiRequests::forget(Place place) {
  http::Exchange& exchange = *place->job.exchange;
  const auto keep = place->job.exchange;
  body_bytes_ -= place->body.size();
  // They own what runs now: gone once they have returned.
  exchange.on_client_gone = nullptr;
  exchange.request_body().on_readable = nullptr;
  pending_.erase(place);
}

void ApiRequests::read(Place place) {
  http::BodyPipe& pipe = place->job.exchange->request_body();
  if (pipe.size() > 0) {
    const std::string piece = pipe.take_all();
    body_bytes_ += piece.size();
    place->body += piece;
  }
  const bool too_much = body_bytes_ > max_api_body_bytes;
  if (!pipe.at_end() && !pipe.failed() && !too_much) return;
  const bool whole = pipe.at_end();
  HttpJob job = place->job;
  const call::Function& function = *place->function;
  const Clock::time_point begun = place->begun;
  const std::string body = std::move(place->body);
  body_bytes_ -= body.size();
  place->body.clear();
  forget(place);
  if (!whole) {
    // The connection says itself what is wrong with a body.
    if (too_much) answer(job, refusal(503, "too many requests are sending their arguments"), begun);
    return;
  }
  auto arguments = job.served->api->arguments(function, body);
  if (!arguments) return answer(job, std::move(arguments).error(), begun);
  job.api = std::make_shared<ApiCall>(function, *std::move(arguments), job.exchange);
  runs_.add(std::move(job));
}

}  // namespace weft::trigger
