// Who is told what happens to requests.
#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "host/request_context.h"
#include "http/message.h"
#include "wasi/standard_output.h"

namespace weft::trigger {

// A request that ended.
struct Access {
  const http::RequestHead& request;
  std::string_view component;  // empty: no route led to one; static_label: what has no component
  unsigned status = 0;         // 0: the client left before there was a response
  std::chrono::nanoseconds duration{};
  const host::Account* account = nullptr;  // of the component's run; null: there was none
  bool cold = false;
};

// Where the trigger's messages and guests' output go. Called on the loop's thread.
struct HttpObserver {
  // A line about a request that failed, without newline.
  std::function<void(std::string_view component, std::string_view line)> log;
  // What guests write to their standard streams; null: it is discarded. Outlives the loop.
  wasi::OutputSink* output = nullptr;
  // Every request that ended. Empty: nobody is told.
  std::function<void(const Access& access)> access = {};
};

}  // namespace weft::trigger
