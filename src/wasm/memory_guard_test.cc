#include "wasm/memory_guard.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "wasm/memory_pool.h"

namespace weft::wasm {
namespace {

namespace fs = std::filesystem;

TEST(MemoryGuard, SeesMemoryThatIsTouched) {
  constexpr std::size_t bytes = 64 << 20;
  MemoryGuard before(1);
  before.look();
  EXPECT_TRUE(before.tight()) << "a process has more than a byte";
  MemoryGuard guard(before.excess() + bytes / 2);
  guard.look();
  EXPECT_FALSE(guard.tight());
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(at, MAP_FAILED);
  guard.look();
  EXPECT_FALSE(guard.tight()) << "address space is not memory";
  std::memset(at, 1, bytes);
  guard.look();
  EXPECT_TRUE(guard.tight());
  EXPECT_GT(guard.excess(), bytes / 4);
  munmap(at, bytes);
  guard.look();
  EXPECT_FALSE(guard.tight());
}

TEST(MemoryGuard, IsExhaustedSomewhatBeyondItsLimit) {
  MemoryGuard guard(800);
  guard.see(800);
  EXPECT_FALSE(guard.tight());
  guard.see(801);
  EXPECT_TRUE(guard.tight());
  EXPECT_FALSE(guard.exhausted());
  guard.see(901);
  EXPECT_TRUE(guard.exhausted());
  EXPECT_EQ(guard.excess(), 101u);
  guard.see(1);
  EXPECT_TRUE(guard.take_been_tight());
  EXPECT_FALSE(guard.take_been_tight());
}

TEST(MemoryGuard, TakesTheSmallestLimitOfTheControlGroups) {
  const fs::path mount = fs::temp_directory_path() / ("weft-cgroup-" + std::to_string(getpid()));
  fs::create_directories(mount / "a/b");
  const auto write = [&](const char* file, const char* text) { std::ofstream(mount / file) << text; };
  EXPECT_EQ(MemoryGuard::cgroup_limit("0::/a/b\n", mount), std::nullopt);
  write("a/b/memory.max", "max\n");
  EXPECT_EQ(MemoryGuard::cgroup_limit("0::/a/b\n", mount), std::nullopt);
  write("a/memory.max", "1000\n");
  EXPECT_EQ(MemoryGuard::cgroup_limit("1:name=systemd:/x\n0::/a/b\n", mount), 1000u);
  write("a/b/memory.max", "2000\n");
  EXPECT_EQ(MemoryGuard::cgroup_limit("0::/a/b\n", mount), 1000u);
  write("a/b/memory.max", "500\n");
  EXPECT_EQ(MemoryGuard::cgroup_limit("0::/a/b", mount), 500u);
  EXPECT_EQ(MemoryGuard::cgroup_limit("0::/\n", mount), std::nullopt);
  EXPECT_EQ(MemoryGuard::cgroup_limit("", mount), std::nullopt);
  fs::remove_all(mount);
}

TEST(MemoryGuard, NothingGrowsWhileItIsTight) {
  MemoryGuard guard(1000);
  MemoryUse use{.guard = &guard};
  auto slot = MemorySlot::acquire({.minimum = 65536, .reservation = 1 << 20, .guard = 65536}, nullptr, &use);
  ASSERT_TRUE(slot);
  EXPECT_TRUE((*slot)->grow(2 * 65536));
  guard.see(1001);
  EXPECT_FALSE((*slot)->grow(3 * 65536));
  EXPECT_EQ(use.refused, 1u);
  guard.see(1000);
  EXPECT_TRUE((*slot)->grow(3 * 65536));
  MemorySlot::release(*slot);
}

TEST(MemoryGuard, ATightThreadKeepsNoIdleSlots) {
  auto slot = MemorySlot::acquire({.minimum = 65536, .reservation = 1 << 20, .guard = 65536}, nullptr);
  ASSERT_TRUE(slot);
  MemorySlot::release(*slot);
  EXPECT_GT(idle_slots_of_this_thread(), 0u);
  drop_idle_slots_of_this_thread();
  EXPECT_EQ(idle_slots_of_this_thread(), 0u);
}

}  // namespace
}  // namespace weft::wasm
