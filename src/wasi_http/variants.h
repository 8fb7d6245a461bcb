// The value types of wasi:http/types.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "bind/shape.h"

namespace weft::wasi_http {

// One case of a variant: its WIT label, and its payload if it has one.
#define WEFT_CASE(Name, text)                       \
  struct Name {                                     \
    static constexpr std::string_view label = text; \
    bool operator==(const Name&) const = default;   \
  }
#define WEFT_CASE_OF(Name, text, Payload)           \
  struct Name {                                     \
    Payload value;                                  \
    static constexpr std::string_view label = text; \
    bool operator==(const Name&) const = default;   \
  }

namespace method {
WEFT_CASE(Get, "get");
WEFT_CASE(Head, "head");
WEFT_CASE(Post, "post");
WEFT_CASE(Put, "put");
WEFT_CASE(Delete, "delete");
WEFT_CASE(Connect, "connect");
WEFT_CASE(Options, "options");
WEFT_CASE(Trace, "trace");
WEFT_CASE(Patch, "patch");
WEFT_CASE_OF(Other, "other", std::string);
}  // namespace method
using Method = std::variant<method::Get, method::Head, method::Post, method::Put, method::Delete, method::Connect,
                            method::Options, method::Trace, method::Patch, method::Other>;
Method to_method(std::string_view name);
std::string to_string(const Method& method);

namespace scheme {
WEFT_CASE(Http, "HTTP");
WEFT_CASE(Https, "HTTPS");
WEFT_CASE_OF(Other, "other", std::string);
}  // namespace scheme
using Scheme = std::variant<scheme::Http, scheme::Https, scheme::Other>;
Scheme to_scheme(std::string_view name);
std::string to_string(const Scheme& scheme);

struct DnsErrorPayload {
  std::optional<std::string> rcode;
  std::optional<std::uint16_t> info_code;
  static constexpr auto labels = bind::labels("rcode", "info-code");
  bool operator==(const DnsErrorPayload&) const = default;
};
struct TlsAlertReceivedPayload {
  std::optional<std::uint8_t> alert_id;
  std::optional<std::string> alert_message;
  static constexpr auto labels = bind::labels("alert-id", "alert-message");
  bool operator==(const TlsAlertReceivedPayload&) const = default;
};
struct FieldSizePayload {
  std::optional<std::string> field_name;
  std::optional<std::uint32_t> field_size;
  static constexpr auto labels = bind::labels("field-name", "field-size");
  bool operator==(const FieldSizePayload&) const = default;
};

namespace error {
WEFT_CASE(DnsTimeout, "DNS-timeout");
WEFT_CASE_OF(DnsError, "DNS-error", DnsErrorPayload);
WEFT_CASE(DestinationNotFound, "destination-not-found");
WEFT_CASE(DestinationUnavailable, "destination-unavailable");
WEFT_CASE(DestinationIpProhibited, "destination-IP-prohibited");
WEFT_CASE(DestinationIpUnroutable, "destination-IP-unroutable");
WEFT_CASE(ConnectionRefused, "connection-refused");
WEFT_CASE(ConnectionTerminated, "connection-terminated");
WEFT_CASE(ConnectionTimeout, "connection-timeout");
WEFT_CASE(ConnectionReadTimeout, "connection-read-timeout");
WEFT_CASE(ConnectionWriteTimeout, "connection-write-timeout");
WEFT_CASE(ConnectionLimitReached, "connection-limit-reached");
WEFT_CASE(TlsProtocolError, "TLS-protocol-error");
WEFT_CASE(TlsCertificateError, "TLS-certificate-error");
WEFT_CASE_OF(TlsAlertReceived, "TLS-alert-received", TlsAlertReceivedPayload);
WEFT_CASE(HttpRequestDenied, "HTTP-request-denied");
WEFT_CASE(HttpRequestLengthRequired, "HTTP-request-length-required");
WEFT_CASE_OF(HttpRequestBodySize, "HTTP-request-body-size", std::optional<std::uint64_t>);
WEFT_CASE(HttpRequestMethodInvalid, "HTTP-request-method-invalid");
WEFT_CASE(HttpRequestUriInvalid, "HTTP-request-URI-invalid");
WEFT_CASE(HttpRequestUriTooLong, "HTTP-request-URI-too-long");
WEFT_CASE_OF(HttpRequestHeaderSectionSize, "HTTP-request-header-section-size", std::optional<std::uint32_t>);
WEFT_CASE_OF(HttpRequestHeaderSize, "HTTP-request-header-size", std::optional<FieldSizePayload>);
WEFT_CASE_OF(HttpRequestTrailerSectionSize, "HTTP-request-trailer-section-size", std::optional<std::uint32_t>);
WEFT_CASE_OF(HttpRequestTrailerSize, "HTTP-request-trailer-size", FieldSizePayload);
WEFT_CASE(HttpResponseIncomplete, "HTTP-response-incomplete");
WEFT_CASE_OF(HttpResponseHeaderSectionSize, "HTTP-response-header-section-size", std::optional<std::uint32_t>);
WEFT_CASE_OF(HttpResponseHeaderSize, "HTTP-response-header-size", FieldSizePayload);
WEFT_CASE_OF(HttpResponseBodySize, "HTTP-response-body-size", std::optional<std::uint64_t>);
WEFT_CASE_OF(HttpResponseTrailerSectionSize, "HTTP-response-trailer-section-size", std::optional<std::uint32_t>);
WEFT_CASE_OF(HttpResponseTrailerSize, "HTTP-response-trailer-size", FieldSizePayload);
WEFT_CASE_OF(HttpResponseTransferCoding, "HTTP-response-transfer-coding", std::optional<std::string>);
WEFT_CASE_OF(HttpResponseContentCoding, "HTTP-response-content-coding", std::optional<std::string>);
WEFT_CASE(HttpResponseTimeout, "HTTP-response-timeout");
WEFT_CASE(HttpUpgradeFailed, "HTTP-upgrade-failed");
WEFT_CASE(HttpProtocolError, "HTTP-protocol-error");
WEFT_CASE(LoopDetected, "loop-detected");
WEFT_CASE(ConfigurationError, "configuration-error");
WEFT_CASE_OF(InternalError, "internal-error", std::optional<std::string>);
}  // namespace error
using ErrorCode =
    std::variant<error::DnsTimeout, error::DnsError, error::DestinationNotFound, error::DestinationUnavailable,
                 error::DestinationIpProhibited, error::DestinationIpUnroutable, error::ConnectionRefused,
                 error::ConnectionTerminated, error::ConnectionTimeout, error::ConnectionReadTimeout,
                 error::ConnectionWriteTimeout, error::ConnectionLimitReached, error::TlsProtocolError,
                 error::TlsCertificateError, error::TlsAlertReceived, error::HttpRequestDenied,
                 error::HttpRequestLengthRequired, error::HttpRequestBodySize, error::HttpRequestMethodInvalid,
                 error::HttpRequestUriInvalid, error::HttpRequestUriTooLong, error::HttpRequestHeaderSectionSize,
                 error::HttpRequestHeaderSize, error::HttpRequestTrailerSectionSize, error::HttpRequestTrailerSize,
                 error::HttpResponseIncomplete, error::HttpResponseHeaderSectionSize, error::HttpResponseHeaderSize,
                 error::HttpResponseBodySize, error::HttpResponseTrailerSectionSize, error::HttpResponseTrailerSize,
                 error::HttpResponseTransferCoding, error::HttpResponseContentCoding, error::HttpResponseTimeout,
                 error::HttpUpgradeFailed, error::HttpProtocolError, error::LoopDetected, error::ConfigurationError,
                 error::InternalError>;
// The label, for logs.
std::string_view to_string(const ErrorCode& code);

namespace header_error {
WEFT_CASE(InvalidSyntax, "invalid-syntax");
WEFT_CASE(Forbidden, "forbidden");
WEFT_CASE(Immutable, "immutable");
}  // namespace header_error
using HeaderError = std::variant<header_error::InvalidSyntax, header_error::Forbidden, header_error::Immutable>;

// What WASI 0.3 has more of.
namespace p3 {
namespace header_error {
using wasi_http::header_error::Forbidden;
using wasi_http::header_error::Immutable;
using wasi_http::header_error::InvalidSyntax;
WEFT_CASE(SizeExceeded, "size-exceeded");
WEFT_CASE_OF(Other, "other", std::optional<std::string>);
}  // namespace header_error
using HeaderError = std::variant<header_error::InvalidSyntax, header_error::Forbidden, header_error::Immutable,
                                 header_error::SizeExceeded, header_error::Other>;

namespace request_options_error {
WEFT_CASE(NotSupported, "not-supported");
WEFT_CASE(Immutable, "immutable");
WEFT_CASE_OF(Other, "other", std::optional<std::string>);
}  // namespace request_options_error
using RequestOptionsError =
    std::variant<request_options_error::NotSupported, request_options_error::Immutable, request_options_error::Other>;
}  // namespace p3

#undef WEFT_CASE
#undef WEFT_CASE_OF

}  // namespace weft::wasi_http
