// The error codes of wasi:sockets 0.3, which are variants, as those of 0.2 become them.
#pragma once

#include <expected>
#include <type_traits>
#include <utility>
#include <variant>

#include "wasi/p3_cases.h"
#include "wasi_sockets/network.h"

namespace weft::wasi_sockets::p3 {

template <wasi::p3::Label Text>
using Case = wasi::p3::Case<Text>;
using wasi::p3::OtherCase;

// variant types.error-code
using ErrorCode =
    std::variant<Case<"access-denied">, Case<"not-supported">, Case<"invalid-argument">, Case<"out-of-memory">,
                 Case<"timeout">, Case<"invalid-state">, Case<"address-not-bindable">, Case<"address-in-use">,
                 Case<"remote-unreachable">, Case<"connection-refused">, Case<"connection-broken">,
                 Case<"connection-reset">, Case<"connection-aborted">, Case<"datagram-too-large">, OtherCase>;

// variant ip-name-lookup.error-code
using LookupErrorCode = std::variant<Case<"access-denied">, Case<"invalid-argument">, Case<"name-unresolvable">,
                                     Case<"temporary-resolver-failure">, Case<"permanent-resolver-failure">, OtherCase>;

template <class T>
using Result = std::expected<T, ErrorCode>;
using Outcome = Result<void>;

// What has no case of its own is `other`, with its name in 0.2.
ErrorCode converted(wasi_sockets::ErrorCode code);
LookupErrorCode converted_for_lookup(wasi_sockets::ErrorCode code);
// Of writing to a connection.
ErrorCode write_error_of(int error_number);

template <class T>
Result<T> to_p3(SocketResult<T> result) {
  if (!result) return std::unexpected(converted(result.error()));
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return *std::move(result);
}

}  // namespace weft::wasi_sockets::p3
