// The export of a component that answers requests, and how it is called, in each version of wasi:http.
#pragma once

#include <memory>

#include "component/instance.h"
#include "component/plan.h"
#include "http/exchange.h"
#include "util/error.h"

namespace weft::trigger {

struct HttpHandlerExport {
  enum class Kind : std::uint8_t {
    incoming_handler,  // wasi:http/incoming-handler of WASI 0.2: sets its response
    handler,           // wasi:http/handler of WASI 0.3: a task that returns it
  };
  Kind kind = Kind::incoming_handler;
  component::FuncRef func;
};

// The handler export of a component: wasi:http/incoming-handler in any 0.2 version or wasi:http/handler in one of 0.3.
// The first that there is; else an error that says what was found.
Result<HttpHandlerExport> find_http_handler(const component::LinkPlan& plan);

// [fiber] Has it answer the exchange.
void call_handler(component::Instance& instance, const HttpHandlerExport& handler,
                  const std::shared_ptr<http::Exchange>& exchange);

}  // namespace weft::trigger
