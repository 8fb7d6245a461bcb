#include "abi/resource.h"

#include <string>

#include "abi/trap.h"

namespace weft::abi {
namespace {

HandleEntry& get_resource(HandleTable& table, ResourceIndex resource, std::uint32_t index) {
  HandleEntry& entry = table.get(index, EntryKind::resource);
  if (entry.resource != resource) {
    throw Trap("handle index " + std::to_string(index) +
               " used with the wrong type, expected guest-defined resource but found a different guest-defined "
               "resource");
  }
  return entry;
}

void check_not_lent(const HandleEntry& entry) {
  if (entry.num_lends == 0) return;
  throw Trap(entry.own ? "cannot remove owned resource while borrowed" : "cannot remove borrowed resource while lent");
}

}  // namespace

void Lenders::add(std::uint32_t index, HandleEntry& entry) {
  table_.lend(entry);
  indices_.push_back(index);
}

void Lenders::take(Lenders& other) {
  indices_.insert(indices_.end(), other.indices_.begin(), other.indices_.end());
  other.indices_.clear();
}

void Lenders::deliver_resolve() {
  for (std::uint32_t index : indices_) table_.give_back(index);
  indices_.clear();
}

std::uint32_t lift_own(HandleTable& table, ResourceIndex resource, std::uint32_t index) {
  const HandleEntry& entry = get_resource(table, resource, index);
  check_not_lent(entry);
  if (!entry.own) throw Trap("cannot lift own resource from a borrow");
  const std::uint32_t rep = entry.rep;
  table.remove(index);
  return rep;
}

std::uint32_t lift_borrow(HandleTable& table, Lenders& lenders, ResourceIndex resource, std::uint32_t index) {
  HandleEntry& entry = get_resource(table, resource, index);
  lenders.add(index, entry);
  return entry.rep;
}

std::uint32_t lower_own(HandleTable& table, ResourceIndex resource, std::uint32_t rep) {
  return table.add({.kind = EntryKind::resource, .own = true, .resource = resource, .rep = rep});
}

std::uint32_t lower_borrow(ComponentInstance& inst, BorrowScope& scope, ResourceIndex resource, std::uint32_t rep) {
  if (inst.implements(resource)) return rep;
  const std::uint32_t index =
      inst.handles.add({.kind = EntryKind::resource, .resource = resource, .rep = rep, .borrow_scope = &scope});
  ++scope.num_borrows;
  return index;
}

std::uint32_t resource_new(ComponentInstance& inst, ResourceIndex resource, std::uint32_t rep) {
  inst.check_may_leave();
  return lower_own(inst.handles, resource, rep);
}

std::uint32_t resource_rep(ComponentInstance& inst, ResourceIndex resource, std::uint32_t index) {
  return get_resource(inst.handles, resource, index).rep;
}

std::optional<std::uint32_t> resource_drop(ComponentInstance& inst, ResourceIndex resource, std::uint32_t index) {
  inst.check_may_leave();
  const HandleEntry entry = get_resource(inst.handles, resource, index);
  check_not_lent(entry);
  inst.handles.remove(index);
  if (entry.own) return entry.rep;
  --entry.borrow_scope->num_borrows;
  return std::nullopt;
}

}  // namespace weft::abi
