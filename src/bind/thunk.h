// The one thunk between a guest's call and a host function: lifts the arguments, calls, lowers the result.
#pragma once

#include <tuple>
#include <type_traits>

#include "bind/abi.h"
#include "bind/eventual.h"
#include "bind/pending.h"
#include "component/host_call.h"
#include "component/instance.h"

namespace weft::bind {

// What every host function gets as its first argument. Valid during the call.
class Host {
 public:
  explicit Host(component::HostCall& call) : call_(call) {}
  component::Instance& instance() const { return call_.instance; }
  host::RequestContext& context() const { return call_.instance.context(); }
  host::ResourceTable& resources() const { return call_.instance.resources(); }
  // Suspends the guest until one of the pollables is ready. Nothing borrowed from guest memory is valid afterwards.
  void wait_for(std::span<host::Pollable* const> pollables) const { instance().wait_for(pollables); }
  void wait_for(host::Pollable& pollable) const {
    host::Pollable* one = &pollable;
    instance().wait_for({&one, 1});
  }
  // The state a service keeps for the life of the instance.
  template <class T>
  T& state() const {
    return instance().state<T>();
  }

 private:
  component::HostCall& call_;
};

template <class R>
inline constexpr bool is_eventual = false;
template <class R>
inline constexpr bool is_eventual<Eventual<R>> = true;

template <class R>
struct ResultOf {
  using type = R;
};
template <class R>
struct ResultOf<Eventual<R>> {
  using type = R;
};

template <class F>
struct Signature;
template <class R, class... P>
struct Signature<R (*)(Host, P...)> {
  using Returned = R;
  using Result = ResultOf<R>::type;
  using Params = std::tuple<std::remove_cvref_t<P>...>;
};

template <class T>
inline constexpr bool is_borrow = false;
template <class T>
inline constexpr bool is_borrow<Borrow<T>> = true;

// Whether a function's type says that it may wait.
enum class FuncKind : std::uint8_t { sync, async };

// A function's type against a C++ signature; labels of parameters are not compared (they do not matter to callers).
template <auto Fn, FuncKind Kind>
bool check(const abi::FuncType& type, const ResourceTypes& resources) {
  using S = Signature<decltype(Fn)>;
  if (type.async != (Kind == FuncKind::async)) return false;
  if (type.params->fields.size() != std::tuple_size_v<typename S::Params>) return false;
  const bool params = [&]<class... P>(std::type_identity<std::tuple<P...>>) {
    std::size_t i = 0;
    return (Abi<P>::check(type.params->fields[i++].type, resources) && ...);
  }(std::type_identity<typename S::Params>());
  if (!params) return false;
  if constexpr (std::is_void_v<typename S::Result>)
    return type.result == nullptr;
  else
    return type.result != nullptr && Abi<typename S::Result>::check(type.result, resources);
}

// What the signature of Fn is in WIT: "func(self: borrow<pollable>) -> bool". Labels are not part of a signature; they
// are taken from the function it is compared with, as far as it has them.
template <auto Fn, FuncKind Kind>
std::string wit(const abi::FuncType& labels) {
  using S = Signature<decltype(Fn)>;
  using Params = typename S::Params;
  constexpr std::string_view open = Kind == FuncKind::async ? "async func(" : "func(";
  std::string text = detail::wit_list<std::tuple_size_v<Params>>(open, ")", [&](auto i) {
    const auto& fields = labels.params->fields;
    const std::string label = i < fields.size() ? fields[i].label : "p" + std::to_string(i + 1);
    return label + ": " + Abi<std::tuple_element_t<i, Params>>::wit();
  });
  if constexpr (!std::is_void_v<typename S::Result>) text += " -> " + Abi<typename S::Result>::wit();
  return text;
}

template <class Params, std::size_t... I>
Params lift_params(Lift& lift, auto from, const abi::FuncType& type, std::index_sequence<I...>) {
  const auto& fields = type.params->fields;
  return Params{Abi<std::tuple_element_t<I, Params>>::lift(lift, from.field(fields[I].offset), fields[I].type)...};
}

template <class R>
void lower_result(component::HostCall& call, abi::CoreValue* values, R result) {
  abi::LowerContext cx = call.lower_context();
  lower_to(cx, call.instance.resources(), call.lower, values, call.result_at, std::move(result));
  call.lowered_bytes = cx.allocated;
}

template <auto Fn>
void thunk(const void*, component::HostCall& call, abi::CoreValue* values) {
  using S = Signature<decltype(Fn)>;
  using R = typename S::Result;
  using Params = typename S::Params;
  const abi::FuncType& type = *call.lower.type;
  host::ResourceTable& resources = call.instance.resources();
  Lift lift{call.lift, resources};
  const auto indices = std::make_index_sequence<std::tuple_size_v<Params>>();
  Params params = [&] {
    if (call.params_in_memory) [[unlikely]]
      return lift_params<Params>(lift, abi::MemorySource{call.lift.memory, values[0].i32()}, type, indices);
    abi::CoreValueIter iter(std::span<const abi::CoreValue>(values, call.flat_params));
    return lift_params<Params>(lift, abi::FlatSource{&iter}, type, indices);
  }();
  auto invoke = [&] { return std::apply([&](auto&... args) { return Fn(Host(call), std::move(args)...); }, params); };
  if constexpr (is_eventual<typename S::Returned>) {
    auto result = invoke();
    if (!result.ready()) {
      const boost::intrusive_ptr<Pending<R>> pending(new Pending<R>(resources, call.result_at));
      pending->begin(call.instance.context().loop(), result.work());
      pending->attend(call, values);
    } else if constexpr (!std::is_void_v<R>) {
      lower_result<R>(call, values, result.take());
    }
  } else if constexpr (std::is_void_v<R>) {
    invoke();
  } else {
    lower_result<R>(call, values, invoke());
  }
}

}  // namespace weft::bind
