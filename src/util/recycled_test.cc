#include "util/recycled.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace weft {
namespace {

struct Counted final : Recycled<Counted> {
  explicit Counted(int& alive) : alive_(alive) { ++alive_; }
  ~Counted() { --alive_; }
  int value = 7;

 private:
  int& alive_;
};

TEST(Recycled, objects_are_made_anew_in_kept_memory) {
  int alive = 0;
  auto first = std::make_unique<Counted>(alive);
  first->value = 1;
  const void* where = first.get();
  first = nullptr;
  EXPECT_EQ(alive, 0);
  const auto second = std::make_unique<Counted>(alive);
  EXPECT_EQ(second->value, 7);
  if (WEFT_RECYCLES != 0) EXPECT_EQ(second.get(), where);
}

TEST(Recycled, many_objects_at_once_are_all_different) {
  int alive = 0;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<Counted>> objects;
    for (std::size_t i = 0; i < 3 * max_recycled_blocks; ++i) objects.push_back(std::make_unique<Counted>(alive));
    for (std::size_t i = 0; i < objects.size(); ++i) objects[i]->value = static_cast<int>(i);
    for (std::size_t i = 0; i < objects.size(); ++i) ASSERT_EQ(objects[i]->value, static_cast<int>(i));
  }
  EXPECT_EQ(alive, 0);
}

TEST(Recycled, memory_may_change_its_thread) {
  int alive = 0;
  auto object = std::make_unique<Counted>(alive);
  std::thread([&] {
    object = nullptr;
    object = std::make_unique<Counted>(alive);
    EXPECT_EQ(object->value, 7);
  }).join();
  object = nullptr;
  EXPECT_EQ(alive, 0);
}

TEST(Recycled, shared_objects_are_in_recycled_memory_too) {
  const auto make = [] { return std::allocate_shared<std::vector<int>>(RecyclingAllocator<std::vector<int>>(), 3, 5); };
  auto first = make();
  const void* where = first.get();
  std::weak_ptr<std::vector<int>> weak = first;
  first = nullptr;
  EXPECT_TRUE(weak.expired());
  weak.reset();
  const auto second = make();
  EXPECT_EQ(*second, (std::vector<int>{5, 5, 5}));
  if (WEFT_RECYCLES != 0) EXPECT_EQ(second.get(), where);
}

}  // namespace
}  // namespace weft
