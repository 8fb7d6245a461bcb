#include "abi/handles.h"

namespace weft::abi {
namespace {

[[noreturn]] void no_place() {
  throw Trap("a handle is passed where none can be");
}

}  // namespace

std::uint32_t lift_resource(LiftContext& cx, const Type& type, std::uint32_t index) {
  if (cx.inst == nullptr) no_place();
  if (type.kind == Kind::own) return lift_own(cx.inst->handles, type.resource, index);
  if (cx.lenders == nullptr) no_place();
  return lift_borrow(cx.inst->handles, *cx.lenders, type.resource, index);
}

std::uint32_t lower_resource(LowerContext& cx, const Type& type, std::uint32_t rep) {
  if (cx.inst == nullptr) no_place();
  if (type.kind == Kind::own) return lower_own(cx.inst->handles, type.resource, rep);
  if (cx.borrow_scope == nullptr) no_place();
  return lower_borrow(*cx.inst, *cx.borrow_scope, type.resource, rep);
}

void* lift_async_value(LiftContext& cx, const Type& type, std::uint32_t index) {
  if (cx.inst == nullptr || cx.async_values == nullptr) no_place();
  return cx.async_values->lift(*cx.inst, &type, index);
}

std::uint32_t lower_async_value(LowerContext& cx, const Type& type, void* object) {
  if (cx.inst == nullptr || cx.async_values == nullptr) no_place();
  return cx.async_values->lower(*cx.inst, &type, object);
}

}  // namespace weft::abi
