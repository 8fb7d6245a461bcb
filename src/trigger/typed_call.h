// A call of a function that is given one value and returns another one, both as C++ types (src/bind).
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "abi/memory.h"
#include "bind/abi.h"
#include "component/instance.h"

namespace weft::trigger {

// What a call returned, flat or in the guest's memory; see component::ExportCall::lift_result.
template <class Answer>
Answer lift_answer(component::Instance& instance, abi::LiftContext& context, const abi::FuncType& type,
                   std::uint32_t max_flat, abi::CoreValueIter& values) {
  bind::Lift lift{context, instance.resources()};
  if (type.result->flat.count() <= max_flat)
    return bind::Abi<Answer>::lift(lift, abi::FlatSource{&values}, type.result);
  const std::uint32_t ptr = abi::FlatSource{&values}.read<std::uint32_t>();
  abi::checked_range(*context.memory, ptr, 1, type.result->elem_size(), type.result->alignment(),
                     context.wording->values);
  return bind::Abi<Answer>::lift(lift, abi::MemorySource{context.memory, ptr}, type.result);
}

// Belongs to one call; the instance outlives it.
template <class Answer, class Argument>
class TypedCall final : public component::ExportCall {
 public:
  TypedCall(component::Instance& instance, Argument argument) : instance_(instance), argument_(std::move(argument)) {}

  // Whether a function is a synchronous one of these types.
  static bool fits(const abi::FuncType& type) {
    const auto& params = type.params->fields;
    return !type.async && params.size() == 1 && bind::Abi<Argument>::check(params[0].type, {}) &&
           type.result != nullptr && bind::Abi<Answer>::check(type.result, {});
  }

  void lower_args(abi::LowerContext& context, const abi::FuncType& type, abi::CoreValue* flat) override {
    bind::Lower lower{context, instance_.resources()};
    bind::Abi<Argument>::lower(lower, abi::FlatSink{&flat}, std::move(argument_), type.params->fields[0].type);
  }
  void lift_result(abi::LiftContext& context, const abi::FuncType& type, std::uint32_t max_flat,
                   abi::CoreValueIter& values) override {
    answer = lift_answer<Answer>(instance_, context, type, max_flat, values);
  }

  std::optional<Answer> answer;  // once the call has returned

 private:
  component::Instance& instance_;
  Argument argument_;
};

}  // namespace weft::trigger
