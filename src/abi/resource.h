// Resource handles: lifting, lowering and the three built-ins (CanonicalABI.md "Resource State", "canon resource.*").
//
// All functions trap on a guest's fault and change nothing then.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>

#include "abi/instance.h"

namespace weft::abi {

// The handles a caller has lent to one call: `lenders` of a Subtask. A lent handle can be neither dropped nor passed
// on as own, so its index stays valid.
class Lenders : Pinned {
 public:
  explicit Lenders(HandleTable& table) : table_(table) {}

  // `entry` is that of `index` in the table.
  void add(std::uint32_t index, HandleEntry& entry);
  // Takes over the loans of another one of the same table.
  void take(Lenders& other);
  // Ends the loans: the call has returned to the caller. A second call does nothing.
  void deliver_resolve();

 private:
  HandleTable& table_;
  boost::container::small_vector<std::uint32_t, 6> indices_;
};

// Takes an own handle out of the table; returns its representation.
std::uint32_t lift_own(HandleTable& table, ResourceIndex resource, std::uint32_t index);
// Lends a handle until `lenders` delivers; returns the representation.
std::uint32_t lift_borrow(HandleTable& table, Lenders& lenders, ResourceIndex resource, std::uint32_t index);
// Returns the index of a new own handle.
std::uint32_t lower_own(HandleTable& table, ResourceIndex resource, std::uint32_t rep);
// Returns the index of a new borrow handle that the call of `scope` must drop; for the implementing instance itself,
// the representation.
std::uint32_t lower_borrow(ComponentInstance& inst, BorrowScope& scope, ResourceIndex resource, std::uint32_t rep);

// canon resource.new
std::uint32_t resource_new(ComponentInstance& inst, ResourceIndex resource, std::uint32_t rep);
// canon resource.rep
std::uint32_t resource_rep(ComponentInstance& inst, ResourceIndex resource, std::uint32_t index);
// canon resource.drop. A value: the caller must now call the resource type's destructor, if it has one, with this
// representation (entering the implementing instance). None: nothing is left to do.
std::optional<std::uint32_t> resource_drop(ComponentInstance& inst, ResourceIndex resource, std::uint32_t index);

}  // namespace weft::abi
