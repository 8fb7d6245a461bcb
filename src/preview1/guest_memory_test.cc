#include "preview1/guest_memory.h"

#include <gtest/gtest.h>

#include <array>

namespace weft::preview1 {
namespace {

class GuestMemory : public ::testing::Test {
 protected:
  GuestPtr at(std::uint32_t address) const { return {&memory_, address}; }

  alignas(8) std::array<std::byte, 64> bytes_{};
  abi::LinearMemory memory_{bytes_.data(), bytes_.size()};
};

TEST_F(GuestMemory, WhatIsWrittenIsReadUpToTheLastByte) {
  at(56).write(std::uint64_t{0x0102030405060708});
  EXPECT_EQ(at(56).read<std::uint64_t>(), 0x0102030405060708u);
  EXPECT_EQ(at(60).read<std::uint32_t>(), 0x01020304u);
  EXPECT_EQ(at(0).bytes(64).size(), 64u);
  EXPECT_TRUE(at(64).bytes(0).empty()) << "nothing may be anywhere up to the end";
}

TEST_F(GuestMemory, OneByteBeyondTheEndIsATrap) {
  EXPECT_THROW(at(64).read<std::uint8_t>(), abi::Trap);
  EXPECT_THROW(at(60).read<std::uint64_t>(), abi::Trap) << "unaligned, and beyond";
  EXPECT_THROW(at(1).bytes(64), abi::Trap);
  EXPECT_THROW(at(65).bytes(0), abi::Trap);
  EXPECT_THROW(at(UINT32_MAX).bytes(1), abi::Trap);
}

TEST_F(GuestMemory, NoProductOfCountAndSizeWraps) {
  EXPECT_THROW(at(0).check(UINT32_MAX, 48, 8), abi::Trap);
  EXPECT_THROW(at(8).check(UINT64_MAX / 8, 8, 8), abi::Trap);
  EXPECT_THROW(at(8).bytes(UINT64_MAX), abi::Trap);
  EXPECT_THROW(at(8) + UINT32_MAX, abi::Trap) << "the sum would begin anew at 7";
  EXPECT_EQ((at(8) + 8).address(), 16u);
}

TEST_F(GuestMemory, AnUnalignedPointerIsATrap) {
  EXPECT_THROW(at(1).read<std::uint16_t>(), abi::Trap);
  EXPECT_THROW(at(4).write(std::uint64_t{1}), abi::Trap);
  EXPECT_EQ(at(1).read<std::uint8_t>(), 0);
}

TEST_F(GuestMemory, WithoutAMemoryEverythingIsBeyondIt) {
  const GuestPtr nowhere(nullptr, 0);
  EXPECT_THROW(nowhere.read<std::uint8_t>(), abi::Trap);
  EXPECT_TRUE(nowhere.bytes(0).empty());
}

TEST_F(GuestMemory, AMemoryThatMovedIsFoundAgain) {
  const GuestPtr pointer = at(8);
  alignas(8) std::array<std::byte, 128> larger{};
  larger[8] = std::byte{7};
  memory_ = {larger.data(), larger.size()};
  EXPECT_EQ(pointer.read<std::uint8_t>(), 7);
  EXPECT_EQ(at(100).bytes(28).size(), 28u);
}

}  // namespace
}  // namespace weft::preview1
