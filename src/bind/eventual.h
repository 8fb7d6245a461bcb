// What an asynchronous host function returns: its result, or the work that will have it.
//
//   Eventual<void> wait_for(Host host, std::uint64_t duration) {
//     if (duration == 0) return {};
//     return sleep(host.context().loop(), duration);   // a coroutine
//   }
//
// The function itself is a plain one: what it is given (Host, borrows, spans) is valid until it returns. The work runs
// on the guest's loop and may outlive the instance: it owns or shares all that it uses. When nobody wants its result
// any more it is cancelled, as asynchronous operations are: the next co_await throws.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "util/async.h"

namespace weft::bind {

template <class R>
class Eventual {
 public:
  using Result = R;
  Eventual(R result) : value_(std::in_place_index<0>, std::move(result)) {}
  Eventual(awaitable<R> work) : value_(std::in_place_index<1>, std::move(work)) {}
  // As R itself would be made: of an error, of an object.
  template <class T>
    requires(std::is_convertible_v<T, R> && !std::is_same_v<std::remove_cvref_t<T>, R>)
  Eventual(T&& result) : value_(std::in_place_index<0>, std::forward<T>(result)) {}

  bool ready() const { return value_.index() == 0; }
  R take() { return std::move(std::get<0>(value_)); }
  awaitable<R> work() { return std::move(std::get<1>(value_)); }

 private:
  std::variant<R, awaitable<R>> value_;
};

template <>
class Eventual<void> {
 public:
  using Result = void;
  Eventual() : value_(std::in_place_index<0>) {}
  Eventual(awaitable<void> work) : value_(std::in_place_index<1>, std::move(work)) {}

  bool ready() const { return value_.index() == 0; }
  void take() {}
  awaitable<void> work() { return std::move(std::get<1>(value_)); }

 private:
  std::variant<std::monostate, awaitable<void>> value_;
};

}  // namespace weft::bind
