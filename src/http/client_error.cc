#include "http/client_error.h"

namespace weft::http {

std::string_view to_string(ClientFault fault) {
  switch (fault) {
    case ClientFault::dns_timeout:
      return "the name look-up took too long";
    case ClientFault::dns_failed:
      return "the name look-up failed";
    case ClientFault::address_prohibited:
      return "the address is prohibited";
    case ClientFault::address_unroutable:
      return "the address cannot be reached";
    case ClientFault::connection_refused:
      return "connection refused";
    case ClientFault::connection_terminated:
      return "the connection ended before the response";
    case ClientFault::connection_limit:
      return "too many connections";
    case ClientFault::connect_timeout:
      return "connecting took too long";
    case ClientFault::read_timeout:
      return "the response took too long";
    case ClientFault::write_timeout:
      return "the server took no bytes of the request for too long";
    case ClientFault::tls_protocol:
      return "TLS failed";
    case ClientFault::tls_certificate:
      return "the server's certificate is not accepted";
    case ClientFault::tls_alert:
      return "the server ended TLS with an alert";
    case ClientFault::request_aborted:
      return "the request's body was not finished";
    case ClientFault::response_incomplete:
      return "the connection ended within the response";
    case ClientFault::response_head_size:
      return "the response's head is too large";
    case ClientFault::response_trailer_size:
      return "the response's trailers are too large";
    case ClientFault::response_coding:
      return "unknown transfer coding";
    case ClientFault::response_malformed:
      return "malformed response";
    case ClientFault::cancelled:
      return "cancelled";
    case ClientFault::internal:
      return "internal";
  }
  return "unknown";
}

std::string ClientError::message() const {
  std::string out(to_string(fault));
  if (!detail.empty()) out += ": " + detail;
  return out;
}

}  // namespace weft::http
