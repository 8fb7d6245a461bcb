#include "wasi_http/errors.h"

#include "wasi/p2.h"

namespace weft::wasi_http {
namespace {

using bind::Borrow;
using bind::Host;

std::optional<ErrorCode> error_code_of(Host, Borrow<wasi::IoError> error) {
  return http_error_code(*error);
}

}  // namespace

ErrorCode to_error_code(const http::ClientError& failure) {
  using http::ClientFault;
  switch (failure.fault) {
    case ClientFault::dns_timeout:
      return error::DnsTimeout{};
    case ClientFault::dns_failed:
      // No resolver tells the answer's own code; this is what other hosts of Spin applications say.
      return error::DnsError{{.rcode = "address not available", .info_code = 0}};
    case ClientFault::address_prohibited:
      return error::DestinationIpProhibited{};
    case ClientFault::address_unroutable:
      return error::DestinationIpUnroutable{};
    case ClientFault::connection_refused:
      return error::ConnectionRefused{};
    case ClientFault::connection_terminated:
      return error::ConnectionTerminated{};
    case ClientFault::connection_limit:
      return error::ConnectionLimitReached{};
    case ClientFault::connect_timeout:
      return error::ConnectionTimeout{};
    case ClientFault::read_timeout:
      return error::ConnectionReadTimeout{};
    case ClientFault::write_timeout:
      return error::ConnectionWriteTimeout{};
    case ClientFault::tls_protocol:
      return error::TlsProtocolError{};
    case ClientFault::tls_certificate:
      return error::TlsCertificateError{};
    case ClientFault::tls_alert:
      return error::TlsAlertReceived{
          {.alert_id = static_cast<std::uint8_t>(failure.number), .alert_message = failure.detail}};
    case ClientFault::request_aborted:
      return error::HttpProtocolError{};
    case ClientFault::response_incomplete:
      return error::HttpResponseIncomplete{};
    case ClientFault::response_head_size:
      return error::HttpResponseHeaderSectionSize{failure.number};
    case ClientFault::response_trailer_size:
      return error::HttpResponseTrailerSectionSize{std::nullopt};
    case ClientFault::response_coding:
      return error::HttpResponseTransferCoding{failure.detail};
    case ClientFault::response_malformed:
      return error::HttpProtocolError{};
    case ClientFault::cancelled:
      return error::InternalError{"the request was cancelled"};
    case ClientFault::internal:
      return error::InternalError{failure.detail};
  }
  return error::InternalError{std::nullopt};
}

ErrorCode to_error_code(const http::BodyPipe& pipe, Message message) {
  switch (pipe.fault()) {
    case http::BodyFault::cut_short:
      if (message == Message::response) return error::HttpResponseIncomplete{};
      return error::ConnectionTerminated{};
    case http::BodyFault::malformed:
      return error::HttpProtocolError{};
    case http::BodyFault::too_large:
      return body_size_error(message, 0);
    case http::BodyFault::trailers_too_large:
      if (message == Message::response) return error::HttpResponseTrailerSectionSize{std::nullopt};
      return error::HttpRequestTrailerSectionSize{std::nullopt};
    case http::BodyFault::timed_out:
      return error::ConnectionReadTimeout{};
    case http::BodyFault::cancelled:
      return error::InternalError{"the request was cancelled"};
  }
  return error::InternalError{std::nullopt};
}

ErrorCode body_size_error(Message message, std::uint64_t written) {
  if (message == Message::response) return error::HttpResponseBodySize{written};
  return error::HttpRequestBodySize{written};
}

wasi::StreamError stream_failed(ErrorCode code, std::string_view detail) {
  std::string debug(to_string(code));
  if (!detail.empty()) debug.append(": ").append(detail);
  return wasi::LastOperationFailed{std::make_unique<HttpIoError>(std::move(code), std::move(debug))};
}

std::optional<ErrorCode> http_error_code(const wasi::IoError& failure) {
  const auto* http = dynamic_cast<const HttpIoError*>(&failure);
  if (http == nullptr) return std::nullopt;
  return http->code();
}

void add_errors(bind::Registry& registry, std::string_view version) {
  if (version == wasi::p2_october) return;
  registry.interface(wasi::p2::versioned("wasi:http/types", version)).func<&error_code_of>("http-error-code");
}

}  // namespace weft::wasi_http
