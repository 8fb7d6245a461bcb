// A timer of a loop.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "util/async.h"

namespace weft {

using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

}  // namespace weft
