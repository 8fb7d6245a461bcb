// Why a request of the client failed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::http {

enum class ClientFault : std::uint8_t {
  dns_timeout,
  dns_failed,          // number: getaddrinfo's code
  address_prohibited,  // every address of the name is refused by the client's address filter
  address_unroutable,
  connection_refused,
  connection_terminated,  // before any byte of the response
  connection_limit,
  connect_timeout,
  read_timeout,
  write_timeout,
  tls_protocol,
  tls_certificate,
  tls_alert,            // number: the alert that the peer sent
  request_aborted,      // whoever made the request's body gave it up
  response_incomplete,  // the connection ended within the response
  response_head_size,   // number: bytes received so far
  response_trailer_size,
  response_coding,  // detail: the transfer coding
  response_malformed,
  cancelled,  // nobody wants the response any more
  internal,
};

std::string_view to_string(ClientFault fault);

struct ClientError {
  ClientFault fault;
  std::string detail;        // for logs
  std::uint32_t number = 0;  // see ClientFault

  // "connection refused: 127.0.0.1:81"
  std::string message() const;
};

}  // namespace weft::http
