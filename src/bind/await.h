// How a host function waits for a coroutine: the guest's fiber is suspended, the loop goes on.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "bind/thunk.h"
#include "util/async.h"

namespace weft::bind {

// The result of `work`, which runs on the guest's loop to its end, also when the guest ends before. `keep` lives until
// then: what the coroutine refers to. Nothing borrowed from guest memory is valid afterwards.
template <class T>
T await(Host host, std::shared_ptr<const void> keep, awaitable<T> work) {
  struct Awaited final : host::Pollable {
    bool ready() override { return result || failure; }
    host::Signal& signal() override { return changed; }
    host::Signal changed;
    std::optional<T> result;
    std::exception_ptr failure;
  };
  const auto awaited = std::make_shared<Awaited>();
  boost::asio::co_spawn(
      host.context().loop(),
      [awaited, work = std::move(work)]() mutable -> awaitable<void> {
        awaited->result.emplace(co_await std::move(work));
      },
      [awaited, keep = std::move(keep)](std::exception_ptr failure) {
        awaited->failure = failure;
        awaited->changed.notify();
      });
  host.wait_for(*awaited);
  if (awaited->failure != nullptr) std::rethrow_exception(awaited->failure);
  return *std::move(awaited->result);
}

// Waits until `pollable` is ready; on the loop. As any coroutine it ends with an exception when it is cancelled.
awaitable<void> until_ready(Loop& loop, std::shared_ptr<host::Pollable> pollable);

}  // namespace weft::bind
