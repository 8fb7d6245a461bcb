#include "wasi_sockets/p3_errors.h"

#include <cerrno>
#include <string>

namespace weft::wasi_sockets::p3 {
namespace {

using Code = wasi_sockets::ErrorCode;

OtherCase other(Code code) {
  if (code == Code::unknown) return {};
  return {std::string(weft_labels(code)[static_cast<std::size_t>(code)])};
}

}  // namespace

ErrorCode converted(Code code) {
  switch (code) {
    case Code::access_denied:
      return Case<"access-denied">{};
    case Code::not_supported:
      return Case<"not-supported">{};
    case Code::invalid_argument:
      return Case<"invalid-argument">{};
    case Code::out_of_memory:
      return Case<"out-of-memory">{};
    case Code::timeout:
      return Case<"timeout">{};
    case Code::concurrency_conflict:
    case Code::not_in_progress:
    case Code::invalid_state:
      return Case<"invalid-state">{};
    case Code::address_not_bindable:
      return Case<"address-not-bindable">{};
    case Code::address_in_use:
      return Case<"address-in-use">{};
    case Code::remote_unreachable:
      return Case<"remote-unreachable">{};
    case Code::connection_refused:
      return Case<"connection-refused">{};
    case Code::connection_reset:
      return Case<"connection-reset">{};
    case Code::connection_aborted:
      return Case<"connection-aborted">{};
    case Code::datagram_too_large:
      return Case<"datagram-too-large">{};
    case Code::unknown:
    case Code::would_block:
    case Code::new_socket_limit:
    case Code::name_unresolvable:
    case Code::temporary_resolver_failure:
    case Code::permanent_resolver_failure:
      break;
  }
  return other(code);
}

LookupErrorCode converted_for_lookup(Code code) {
  switch (code) {
    case Code::access_denied:
      return Case<"access-denied">{};
    case Code::invalid_argument:
      return Case<"invalid-argument">{};
    case Code::name_unresolvable:
      return Case<"name-unresolvable">{};
    case Code::temporary_resolver_failure:
      return Case<"temporary-resolver-failure">{};
    case Code::permanent_resolver_failure:
      return Case<"permanent-resolver-failure">{};
    default:
      return other(code);
  }
}

ErrorCode write_error_of(int error_number) {
  if (error_number == EPIPE) return Case<"connection-broken">{};
  return converted(error_code_of(error_number));
}

}  // namespace weft::wasi_sockets::p3
