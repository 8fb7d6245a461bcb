#include "abi/resource.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "abi/testing/guest.h"
#include "abi/trap.h"

namespace weft::abi {
namespace {

using testing::Guest;

constexpr ResourceIndex kForeign{0};
constexpr ResourceIndex kOwnKind{1};  // implemented by the guest itself

std::string trap_of(const auto& action) {
  try {
    action();
  } catch (const Trap& trap) {
    return trap.message();
  }
  return "no trap";
}

TEST(HandleTable, ReusesTheIndexFreedLast) {
  Guest g;
  EXPECT_EQ(resource_new(g.inst, kOwnKind, 10), 1u);
  EXPECT_EQ(resource_new(g.inst, kOwnKind, 11), 2u);
  EXPECT_EQ(resource_new(g.inst, kOwnKind, 12), 3u);
  EXPECT_EQ(resource_drop(g.inst, kOwnKind, 1), 10u);
  EXPECT_EQ(resource_drop(g.inst, kOwnKind, 3), 12u);
  EXPECT_EQ(resource_new(g.inst, kOwnKind, 13), 3u);
  EXPECT_EQ(resource_new(g.inst, kOwnKind, 14), 1u);
  EXPECT_EQ(resource_new(g.inst, kOwnKind, 15), 4u);
  EXPECT_EQ(resource_rep(g.inst, kOwnKind, 3), 13u);
}

TEST(HandleTable, NamesUnknownIndices) {
  Guest g;
  resource_new(g.inst, kOwnKind, 10);
  resource_drop(g.inst, kOwnKind, 1);
  for (const std::uint32_t index : {0u, 1u, 2u, 5u, UINT32_MAX}) {
    EXPECT_EQ(trap_of([&] { resource_drop(g.inst, kOwnKind, index); }),
              "unknown handle index " + std::to_string(index));
    EXPECT_EQ(trap_of([&] { resource_rep(g.inst, kOwnKind, index); }), "unknown handle index " + std::to_string(index));
  }
}

TEST(HandleTable, NamesAWrongResourceType) {
  Guest g;
  resource_new(g.inst, kOwnKind, 10);
  EXPECT_EQ(trap_of([&] { resource_drop(g.inst, kForeign, 1); }),
            "handle index 1 used with the wrong type, expected guest-defined resource but found a different "
            "guest-defined resource");
  EXPECT_EQ(resource_rep(g.inst, kOwnKind, 1), 10u);
}

TEST(HandleTable, NamesAWrongKindOfEntry) {
  Guest g;
  g.inst.handles.add({.kind = EntryKind::waitable_set});
  EXPECT_EQ(trap_of([&] { resource_rep(g.inst, kOwnKind, 1); }),
            "handle index 1 used with the wrong type, expected resource but found waitable-set");
}

TEST(HandleTable, SharesOneBudgetPerStore) {
  HandleBudget budget{.limit = 3};
  HandleTable a(budget);
  {
    HandleTable b(budget);
    a.add({.kind = EntryKind::resource});
    a.add({.kind = EntryKind::resource});
    b.add({.kind = EntryKind::resource});
    EXPECT_EQ(trap_of([&] { a.add({.kind = EntryKind::resource}); }), "more than 3 handles are in use");
    a.remove(1);
    EXPECT_EQ(b.add({.kind = EntryKind::resource}), 2u);
    EXPECT_EQ(budget.used, 3u);
  }
  EXPECT_EQ(budget.used, 1u);
  EXPECT_EQ(budget.peak, 3u);
  EXPECT_EQ(a.add({.kind = EntryKind::resource}), 1u);
}

TEST(Resource, OwnMovesOutOfTheTable) {
  Guest g;
  const std::uint32_t index = lower_own(g.inst.handles, kForeign, 42);
  EXPECT_EQ(lift_own(g.inst.handles, kForeign, index), 42u);
  EXPECT_EQ(g.inst.handles.size(), 0u);
  EXPECT_EQ(trap_of([&] { lift_own(g.inst.handles, kForeign, index); }), "unknown handle index 1");
}

TEST(Resource, BorrowLendsTheHandleUntilTheCallIsOver) {
  Guest g;
  const std::uint32_t index = lower_own(g.inst.handles, kForeign, 42);
  EXPECT_EQ(lift_borrow(g.inst.handles, g.lenders, kForeign, index), 42u);
  EXPECT_EQ(lift_borrow(g.inst.handles, g.lenders, kForeign, index), 42u);
  EXPECT_EQ(trap_of([&] { resource_drop(g.inst, kForeign, index); }), "cannot remove owned resource while borrowed");
  EXPECT_EQ(trap_of([&] { lift_own(g.inst.handles, kForeign, index); }), "cannot remove owned resource while borrowed");
  g.lenders.deliver_resolve();
  g.lenders.deliver_resolve();
  EXPECT_EQ(resource_drop(g.inst, kForeign, index), 42u);
}

TEST(Resource, LentHandlesAreCountedEachTimeForTheStore) {
  Guest g;
  const std::uint32_t index = lower_own(g.inst.handles, kForeign, 42);
  for (std::uint32_t i = 0; i < kMaxLends; ++i) lift_borrow(g.inst.handles, g.lenders, kForeign, index);
  EXPECT_EQ(trap_of([&] { lift_borrow(g.inst.handles, g.lenders, kForeign, index); }),
            "more than 100000 handles are lent");
  g.lenders.deliver_resolve();
  EXPECT_EQ(lift_borrow(g.inst.handles, g.lenders, kForeign, index), 42u);
}

TEST(Resource, ABorrowIsDroppedBeforeItsCallReturns) {
  Guest g;
  const std::uint32_t index = lower_borrow(g.inst, g.borrows, kForeign, 42);
  EXPECT_EQ(resource_rep(g.inst, kForeign, index), 42u);
  EXPECT_EQ(trap_of([&] { g.borrows.check_returned(); }), "borrow handles still remain at the end of the call");
  EXPECT_EQ(trap_of([&] { lift_own(g.inst.handles, kForeign, index); }), "cannot lift own resource from a borrow");
  EXPECT_EQ(resource_drop(g.inst, kForeign, index), std::nullopt);  // no destructor runs
  EXPECT_EQ(trap_of([&] { g.borrows.check_returned(); }), "no trap");
}

TEST(Resource, ABorrowedHandleThatIsLentOnCannotBeDropped) {
  Guest g;
  const std::uint32_t index = lower_borrow(g.inst, g.borrows, kForeign, 42);
  EXPECT_EQ(lift_borrow(g.inst.handles, g.lenders, kForeign, index), 42u);
  EXPECT_NE(trap_of([&] { resource_drop(g.inst, kForeign, index); }), "no trap");
  EXPECT_EQ(g.borrows.num_borrows, 1u);
}

TEST(Resource, TheImplementingInstanceGetsTheRepresentation) {
  Guest g;
  EXPECT_EQ(lower_borrow(g.inst, g.borrows, kOwnKind, 42), 42u);
  EXPECT_EQ(g.inst.handles.size(), 0u);
  EXPECT_EQ(g.borrows.num_borrows, 0u);
}

TEST(Resource, BuiltInsTrapWhileTheInstanceMayNotLeave) {
  Guest g;
  resource_new(g.inst, kOwnKind, 1);
  g.inst.may_leave = false;
  EXPECT_EQ(trap_of([&] { resource_new(g.inst, kOwnKind, 1); }), "cannot leave component instance");
  EXPECT_EQ(trap_of([&] { resource_drop(g.inst, kOwnKind, 1); }), "cannot leave component instance");
  EXPECT_EQ(resource_rep(g.inst, kOwnKind, 1), 1u);
}

class Entering : public ::testing::Test {
 protected:
  HandleBudget budget_;
  ComponentInstance root_{budget_, InstanceIndex{0}, {}};
  ComponentInstance left_{budget_, InstanceIndex{1}, {}, &root_};
  ComponentInstance right_{budget_, InstanceIndex{2}, {}, &root_};
};

TEST_F(Entering, TheHostEntersAllAncestors) {
  left_.enter_from(nullptr);
  EXPECT_FALSE(left_.may_enter);
  EXPECT_FALSE(root_.may_enter);
  EXPECT_TRUE(right_.may_enter);
  EXPECT_FALSE(right_.may_enter_from(nullptr));
  left_.leave_to(nullptr);
  EXPECT_TRUE(right_.may_enter_from(nullptr));
}

TEST_F(Entering, ASiblingEntersOnlyWhatTheyDoNotShare) {
  left_.enter_from(nullptr);
  EXPECT_TRUE(right_.may_enter_from(&left_));
  right_.enter_from(&left_);
  EXPECT_EQ(trap_of([&] { left_.enter_from(&right_); }), "cannot enter component instance");
  right_.leave_to(&left_);
  EXPECT_TRUE(right_.may_enter);
  EXPECT_FALSE(root_.may_enter);
}

}  // namespace
}  // namespace weft::abi
