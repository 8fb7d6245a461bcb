#include "wasm/memory_pool.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <random>

#include "wasm/page_reset.h"

namespace weft::wasm {
namespace {

constexpr std::uint64_t kib = 1024;
const MemoryRequest request{.minimum = 128 * kib, .reservation = 16 << 20, .guard = 64 * kib};

std::shared_ptr<const MemoryImage> image_of(std::uint64_t offset, std::string_view text) {
  DataSegment segment{offset, std::as_bytes(std::span(text))};
  return MemoryImage::create({&segment, 1}).value();
}

TEST(MemoryPool, NoByteOfOneUseIsVisibleInTheNext) {
  auto image = image_of(5000, "initial");
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    MemorySlot* slot = MemorySlot::acquire(request, image).value();
    for (std::uint64_t i = 0; i < slot->size; ++i) {
      const char expected = i >= 5000 && i < 5007 ? "initial"[i - 5000] : 0;
      ASSERT_EQ(static_cast<char>(slot->base[i]), expected) << "round " << round << " byte " << i;
    }
    for (int write = 0; write < 40; ++write) slot->base[random() % slot->size] = std::byte{0xAA};
    MemorySlot::release(slot);
  }
}

TEST(MemoryPool, ManyScatteredDirtyPagesAreAllRestored) {
  MemoryRequest large = request;
  large.minimum = 8 << 20;
  MemorySlot* slot = MemorySlot::acquire(large, nullptr).value();
  for (std::uint64_t page = 0; page < slot->size / page_size; page += 2) slot->base[page * page_size] = std::byte{1};
  MemorySlot::release(slot);
  MemorySlot* again = MemorySlot::acquire(large, nullptr).value();
  EXPECT_EQ(again, slot);
  for (std::uint64_t i = 0; i < again->size; i += page_size) ASSERT_EQ(again->base[i], std::byte{0});
  MemorySlot::release(again);
}

TEST(MemoryPool, GrownMemoryIsWithdrawnAndComesBackAsZeroes) {
  MemorySlot* slot = MemorySlot::acquire(request, nullptr).value();
  ASSERT_TRUE(slot->grow(1 << 20));
  slot->base[(1 << 20) - 1] = std::byte{7};
  MemorySlot::release(slot);
  slot = MemorySlot::acquire(request, nullptr).value();
  EXPECT_EQ(slot->size, request.minimum);
  const std::byte* beyond = slot->base + request.minimum;
  EXPECT_DEATH(
      {
        volatile std::byte b = *beyond;
        (void)b;
      },
      "");
  ASSERT_TRUE(slot->grow(1 << 20));
  EXPECT_EQ(slot->base[(1 << 20) - 1], std::byte{0});
  MemorySlot::release(slot);
}

TEST(MemoryPool, ASlotWithALargerMinimumFaultsBeyondASmallerOne) {
  MemoryRequest large = request;
  large.minimum = 1 << 20;
  MemorySlot::release(MemorySlot::acquire(large, nullptr).value());
  MemorySlot* slot = MemorySlot::acquire(request, nullptr).value();
  const std::byte* beyond = slot->base + request.minimum;
  EXPECT_DEATH(
      {
        volatile std::byte b = *beyond;
        (void)b;
      },
      "");
  MemorySlot::release(slot);
}

TEST(MemoryPool, GrowthStopsAtTheReservation) {
  MemorySlot* slot = MemorySlot::acquire(request, nullptr).value();
  EXPECT_FALSE(slot->grow(slot->capacity() + 1));
  EXPECT_TRUE(slot->grow(slot->capacity()));
  MemorySlot::release(slot);
}

TEST(MemoryPool, TheMemoriesOfOneStoreShareALimit) {
  MemoryUse use{.limit = 512 * kib};
  MemorySlot* first = MemorySlot::acquire(request, nullptr, &use).value();
  MemorySlot* second = MemorySlot::acquire(request, nullptr, &use).value();
  EXPECT_TRUE(first->grow(384 * kib));
  EXPECT_FALSE(second->grow(192 * kib));
  EXPECT_EQ(second->size, request.minimum);
  auto third = MemorySlot::acquire(request, nullptr, &use);
  ASSERT_FALSE(third.has_value());
  EXPECT_EQ(third.error().code(), Errc::limit);
  MemorySlot::release(first);
  EXPECT_EQ(use.current, request.minimum);
  EXPECT_EQ(use.peak, 512 * kib);
  EXPECT_TRUE(second->grow(192 * kib));
  MemorySlot::release(second);
  EXPECT_EQ(use.current, 0u);
}

TEST(MemoryPool, ImagesOfOneScopeAreHandedOutInOrder) {
  MemoryImages images{image_of(0, "a"), nullptr, image_of(0, "b")};
  MemoryUse use, other;
  const MemoryImages none;
  ImageScope scope(images, use);
  EXPECT_EQ(ImageScope::next(64 * kib), images[0]);
  {
    ImageScope inner(none, other);
    EXPECT_EQ(ImageScope::next(64 * kib), nullptr);
    EXPECT_EQ(ImageScope::memory_use(), &other);
  }
  EXPECT_EQ(ImageScope::memory_use(), &use);
  EXPECT_EQ(ImageScope::next(64 * kib), nullptr);
  EXPECT_EQ(ImageScope::next(0), nullptr);  // an empty memory is not among them
  EXPECT_EQ(ImageScope::next(64 * kib), images[2]);
  EXPECT_EQ(ImageScope::next(64 * kib), nullptr);
}

}  // namespace
}  // namespace weft::wasm
