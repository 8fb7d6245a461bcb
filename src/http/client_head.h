// Request heads as bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/client_exchange.h"

namespace weft::http {

// How a request's body is delimited; neither: there is none.
struct RequestFraming {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
};

// Fields of the connection, and those the client writes itself.
bool is_clients_own(std::string_view name);

// The framing of a body that is `whole` with `size` bytes, or is to be streamed.
RequestFraming request_framing(const ClientRequest& request, bool whole, std::uint64_t size);

// The head, with Host and the fields that frame the message.
std::string request_head(const ClientRequest& request, const RequestFraming& framing);

// True for methods that a server may be asked twice without harm (RFC 9110, 9.2.2).
bool is_idempotent(std::string_view method);

// True when the request asks the server to say "100 Continue" before it sends its body.
bool expects_continue(const ClientRequest& request);

}  // namespace weft::http
