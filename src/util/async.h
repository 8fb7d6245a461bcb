// The one asynchronous idiom: Boost.Asio coroutines on one io_context per core.
//
// A request never leaves the loop that accepted it, so nothing reached from one loop needs a lock. The executor
// type is fixed (not any_io_executor): no virtual call or allocation for each hop.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace weft {

using Loop = boost::asio::io_context;
using Executor = Loop::executor_type;

template <class T>
using awaitable = boost::asio::awaitable<T, Executor>;

inline constexpr boost::asio::use_awaitable_t<Executor> use_awaitable{};

}  // namespace weft
