// The TCP socket of both sides.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "util/async.h"

namespace weft::http {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

}  // namespace weft::http
