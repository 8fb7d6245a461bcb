// wgall:http-handler/handler, of examples/http-handler/wit: a handler that is given the whole request and returns the
// whole response, or an error. The founding text prints the interface without its package's name and version and
// without the arguments of its types: any package of the namespace and any version are taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "component/instance.h"
#include "component/plan.h"
#include "http/exchange.h"

namespace weft::trigger {

// Bytes of a request's body that such a handler may be given.
inline constexpr std::size_t max_simple_body_bytes = std::size_t{16} << 20;
// Bytes of an error's text that the log shows.
inline constexpr std::size_t max_simple_error_bytes = 1024;

// What the error of a handler's result is.
enum class SimpleErrors : std::uint8_t {
  text,     // result<response, string>
  nothing,  // result<response>
};

// Whether an export's name is the interface's.
bool is_simple_handler(std::string_view interface);
// None: a function of this type is not its `handle`.
std::optional<SimpleErrors> simple_errors_of(const abi::FuncType& type);

// [fiber] Reads the request's body, calls the handler and answers with what it returns; an error traps with its text.
// What it does counts for `share`; see component::Instance::call. All of them outlive the call.
void call_simple_handler(component::Instance& instance, component::FuncRef handler, SimpleErrors errors,
                         const std::shared_ptr<http::Exchange>& exchange, host::RequestShare* share);

}  // namespace weft::trigger
