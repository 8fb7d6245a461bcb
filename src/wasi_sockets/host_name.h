// What a guest names a host by: an address or a name.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "wasi_sockets/network.h"

namespace weft::wasi_sockets {

// A name is in lower case, in ASCII and at most 253 bytes.
using HostName = std::variant<boost::asio::ip::address, std::string>;

// invalid-argument for what is neither, ports, URLs and numbers that some readers take for an address ("127.1")
// included. A name that is not ASCII is converted as IDNA 2008 and UTS 46 say, by the machine's libidn2; without that
// library it is not-supported.
SocketResult<HostName> parse_host_name(std::string_view text);

}  // namespace weft::wasi_sockets
