// fermyon:spin/inbound-http of Spin 1: a handler that is given the whole request and returns the whole response.
#pragma once

#include <memory>

#include "component/instance.h"
#include "component/plan.h"
#include "http/exchange.h"

namespace weft::trigger {

// The export's name, and the bytes of a request's body that such a handler may be given.
inline constexpr std::string_view inbound_http_interface = "fermyon:spin/inbound-http";
inline constexpr std::size_t max_inbound_body_bytes = std::size_t{16} << 20;

// Whether a function is handle-request of the interface.
bool is_inbound_http(const abi::FuncType& type);

// [fiber] Reads the request's body, calls the handler and answers with what it returns. What it does counts for
// `share`; see component::Instance::call. All of them outlive the call.
void call_inbound_http(component::Instance& instance, component::FuncRef handler,
                       const std::shared_ptr<http::Exchange>& exchange, host::RequestShare* share);

}  // namespace weft::trigger
