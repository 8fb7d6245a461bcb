// The export of a component that answers requests, and how it is called, in each version of wasi:http.
#pragma once

#include <memory>

#include "component/instance.h"
#include "component/plan.h"
#include "http/exchange.h"
#include "trigger/simple_handler.h"
#include "util/error.h"
#include "wasi_http/p3_messages.h"

namespace weft::trigger {

struct HttpHandlerExport {
  enum class Kind : std::uint8_t {
    incoming_handler,  // wasi:http/incoming-handler of WASI 0.2: sets its response
    handler,           // wasi:http/handler of WASI 0.3: a task that returns it
    inbound_http,      // fermyon:spin/inbound-http of Spin 1: is given the whole request and returns it whole
    simple_handler,    // wgall:http-handler/handler: the same, and may return an error
  };
  Kind kind = Kind::incoming_handler;
  component::FuncRef func;
  // Of a final version of WASI 0.3: guests know that an instance may answer several requests, also at once.
  bool takes_several = false;
  SimpleErrors errors = SimpleErrors::text;  // of a simple handler
};

// What a handler of WASI 0.3 did with its exchange; one of 0.2 says so by wasi_http::HandlerState.
struct HandlerOutcome {
  bool begun = false;  // it was entered
  bool response_set = false;
  wasi_http::p3::Answered answered;
};

// The handler export of a component: wasi:http/incoming-handler in any version that 0.2 is served in, candidates
// included, wasi:http/handler in one of 0.3, that of Spin 1 or a simple one. The first that there is; else an error
// that says what was found.
Result<HttpHandlerExport> find_http_handler(const component::LinkPlan& plan);

// [fiber] Has it answer the exchange. What it does counts for `share`; see component::Instance::call. All of them
// outlive the call.
void call_handler(component::Instance& instance, const HttpHandlerExport& handler,
                  const std::shared_ptr<http::Exchange>& exchange, HandlerOutcome& outcome, host::RequestShare* share);

}  // namespace weft::trigger
