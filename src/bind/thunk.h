// The one thunk between a guest's call and a host function: lifts the arguments, calls, lowers the result.
#pragma once

#include <tuple>
#include <type_traits>

#include "bind/abi.h"
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

template <class F>
struct Signature;
template <class R, class... P>
struct Signature<R (*)(Host, P...)> {
  using Result = R;
  using Params = std::tuple<std::remove_cvref_t<P>...>;
};

template <class T>
inline constexpr bool is_borrow = false;
template <class T>
inline constexpr bool is_borrow<Borrow<T>> = true;

// A function's type against a C++ signature; labels of parameters are not compared (they do not matter to callers).
template <auto Fn>
bool check(const abi::FuncType& type, const ResourceTypes& resources) {
  using S = Signature<decltype(Fn)>;
  if (type.async || type.params->fields.size() != std::tuple_size_v<typename S::Params>) return false;
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
template <auto Fn>
std::string wit(const abi::FuncType& labels) {
  using S = Signature<decltype(Fn)>;
  using Params = typename S::Params;
  std::string text = detail::wit_list<std::tuple_size_v<Params>>("func(", ")", [&](auto i) {
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

template <auto Fn>
void thunk(const void*, component::HostCall& call, abi::CoreValue* values) {
  using S = Signature<decltype(Fn)>;
  using Params = typename S::Params;
  const abi::FuncType& type = *call.lower.type;
  host::ResourceTable& resources = call.instance.resources();
  abi::Lenders lenders(call.caller.handles);
  abi::LiftContext lift_cx = call.lift_context(lenders);
  Lift lift{lift_cx, resources};
  const std::uint32_t flat_params = type.params->flat.count();
  const bool in_memory = flat_params > abi::kMaxFlatParams;
  const auto indices = std::make_index_sequence<std::tuple_size_v<Params>>();
  Params params = [&] {
    if (in_memory) [[unlikely]] {
      abi::checked_range(*lift_cx.memory, values[0].i32(), 1, type.params->elem_size(), type.params->alignment(),
                         lift_cx.wording->values);
      return lift_params<Params>(lift, abi::MemorySource{lift_cx.memory, values[0].i32()}, type, indices);
    }
    abi::CoreValueIter iter(std::span<const abi::CoreValue>(values, flat_params));
    return lift_params<Params>(lift, abi::FlatSource{&iter}, type, indices);
  }();
  host::Account& account = call.instance.context().account;
  account.bytes_copied += lift_cx.charged();
  auto invoke = [&] { return std::apply([&](auto&... args) { return Fn(Host(call), std::move(args)...); }, params); };
  if constexpr (std::is_void_v<typename S::Result>) {
    invoke();
  } else {
    using R = typename S::Result;
    const std::uint32_t result_pointer =
        type.result->flat.count() > abi::kMaxFlatResults ? values[in_memory ? 1 : flat_params].i32() : 0;
    R result = invoke();
    abi::LowerContext lower_cx = call.lower_context();
    Lower lower{lower_cx, resources};
    if (type.result->flat.count() > abi::kMaxFlatResults) {
      abi::checked_range(*lower_cx.memory, result_pointer, 1, type.result->elem_size(), type.result->alignment(),
                         lower_cx.wording->values);
      Abi<R>::lower(lower, abi::MemorySink{lower_cx.memory, result_pointer}, std::move(result), type.result);
    } else {
      abi::CoreValue* next = values;
      Abi<R>::lower(lower, abi::FlatSink{&next}, std::move(result), type.result);
    }
    account.bytes_copied += lower_cx.allocated;
  }
  lenders.deliver_resolve();
}

}  // namespace weft::bind
