#include "wasm/memory_pool.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
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

// Uses of different sizes, that write much, little or nothing, that write where an earlier one did or where none did:
// whatever has been found out about a slot's pages must not be believed too long.
TEST(MemoryPool, EveryUseStartsFromItsImageWhateverCameBefore) {
  const auto image = image_of(70 * kib, "initial");
  std::vector<std::byte> expected(4 << 20);
  std::memcpy(expected.data() + 70 * kib, "initial", 7);
  std::mt19937 random(7);
  for (int round = 0; round < 400; ++round) {
    MemoryRequest wanted = request;
    wanted.minimum = (random() % 4 == 0 ? 1024 : 128) * kib;
    MemorySlot* slot = MemorySlot::acquire(wanted, image).value();
    ASSERT_EQ(std::memcmp(slot->base, expected.data(), slot->size), 0) << "round " << round;
    if (random() % 8 == 0) {
      ASSERT_TRUE(slot->grow(4 << 20));
      ASSERT_EQ(std::memcmp(slot->base, expected.data(), slot->size), 0) << "round " << round;
    }
    const std::uint64_t pages = slot->size / page_size;
    for (std::uint64_t write = random() % 3 * (random() % 60); write > 0; --write) {
      // Few pages are written again and again, others once.
      const std::uint64_t page = random() % 2 == 0 ? random() % 5 * (pages / 5) : random() % pages;
      slot->base[page * page_size + random() % page_size] = std::byte{0xBB};
    }
    // Where there is swap, pages are written out in between.
    if (random() % 5 == 0) madvise(slot->base, slot->size, MADV_PAGEOUT);
    MemorySlot::release(slot);
    if (random() % 5 == 0) madvise(slot->base, slot->size, MADV_PAGEOUT);
  }
}

TEST(MemoryPool, APageBeyondASmallerUseIsNotForgotten) {
  MemoryRequest large = request;
  large.minimum = 1 << 20;
  MemorySlot* slot = MemorySlot::acquire(large, nullptr).value();
  std::byte& far = slot->base[900 * kib];
  far = std::byte{1};
  MemorySlot::release(slot);
  ASSERT_EQ(MemorySlot::acquire(request, nullptr).value(), slot);
  slot->base[50 * kib] = std::byte{1};  // a fault, after which only this use's pages are looked at
  MemorySlot::release(slot);
  ASSERT_EQ(MemorySlot::acquire(large, nullptr).value(), slot);
  far = std::byte{2};  // no fault: the page is there
  MemorySlot::release(slot);
  ASSERT_EQ(MemorySlot::acquire(large, nullptr).value(), slot);
  EXPECT_EQ(far, std::byte{0});
  MemorySlot::release(slot);
}

// Several slots in use at once, so that faults in one come between the uses of another.
TEST(MemoryPool, FaultsInOneSlotDoNotHideDirtyPagesOfAnother) {
  const std::vector<std::byte> zeroes(request.minimum);
  std::mt19937 random(8);
  std::vector<MemorySlot*> used;
  for (int round = 0; round < 500; ++round) {
    if (used.size() < 4 && random() % 2 == 0) {
      used.push_back(MemorySlot::acquire(request, nullptr).value());
      ASSERT_EQ(std::memcmp(used.back()->base, zeroes.data(), zeroes.size()), 0) << "round " << round;
    } else if (!used.empty()) {
      const std::size_t i = random() % used.size();
      if (random() % 3 != 0) {
        used[i]->base[random() % request.minimum] = std::byte{0xCC};
        continue;
      }
      MemorySlot::release(used[i]);
      used.erase(used.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  for (MemorySlot* slot : used) MemorySlot::release(slot);
}

TEST(MemoryPool, ASlotOfTheSameImageIsTakenAmongManyOthers) {
  const auto mine = image_of(0, "mine");
  MemorySlot* slot = MemorySlot::acquire(request, mine).value();
  MemorySlot::release(slot);
  std::vector<std::shared_ptr<const MemoryImage>> others;
  for (int i = 0; i < 40; ++i) {
    others.push_back(image_of(0, "other"));
    MemorySlot* other = MemorySlot::acquire(request, others.back()).value();
    EXPECT_NE(other, slot);
    MemorySlot::release(other);
  }
  MemorySlot* again = MemorySlot::acquire(request, mine).value();
  EXPECT_EQ(again, slot);
  EXPECT_EQ(std::memcmp(again->base, "mine", 4), 0);
  MemorySlot::release(again);
}

TEST(MemoryPool, TheSlotsThatAreIdleLongestMakeRoom) {
  std::vector<MemorySlot*> used;
  const auto first = image_of(0, "first");
  const auto later = image_of(0, "later");
  MemorySlot* oldest = MemorySlot::acquire(request, first).value();
  MemorySlot::release(oldest);
  MemoryRequest small = request;
  small.reservation = 1 << 20;
  small.minimum = 64 * kib;
  for (std::size_t i = 0; i < max_idle_slots_per_thread; ++i) used.push_back(MemorySlot::acquire(small, later).value());
  for (MemorySlot* slot : used) MemorySlot::release(slot);
  EXPECT_EQ(idle_slots_of_this_thread(), max_idle_slots_per_thread);
  // There are plenty of slots now: one of another image is taken rather than a new one mapped.
  MemorySlot* taken = MemorySlot::acquire(small, image_of(0, "another")).value();
  EXPECT_EQ(std::memcmp(taken->base, "another", 7), 0);
  EXPECT_EQ(idle_slots_of_this_thread(), max_idle_slots_per_thread - 1);
  MemorySlot::release(taken);
}

TEST(MemoryPool, TheSlotsOfOneStoreAreFoundByTheirBase) {
  MemoryUse use;
  MemorySlot* first = MemorySlot::acquire(request, nullptr, &use).value();
  MemorySlot* second = MemorySlot::acquire(request, nullptr, &use).value();
  EXPECT_EQ(MemorySlot::find(use, first->base), first);
  EXPECT_EQ(MemorySlot::find(use, second->base), second);
  EXPECT_EQ(MemorySlot::find(use, first->base + 1), nullptr);
  const std::byte* gone = first->base;
  MemorySlot::release(first);
  EXPECT_EQ(MemorySlot::find(use, gone), nullptr);
  EXPECT_EQ(MemorySlot::find(use, second->base), second);
  MemorySlot::release(second);
  EXPECT_EQ(use.slots, nullptr);
}

TEST(MemoryImages, OfThoseThatAreAliveHaveDifferentNumbers) {
  auto first = image_of(0, "a");
  auto second = image_of(0, "b");
  EXPECT_NE(first->id(), 0u);
  EXPECT_NE(first->id(), second->id());
  const std::uint32_t gone = first->id();
  first = nullptr;
  EXPECT_EQ(image_of(0, "c")->id(), gone);
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

// While it is in use, as often as one likes: what was written and what it grew by are gone, what a start function wrote
// is there again.
TEST(MemoryPool, AUseBeginsAgainWhereItSaysItBegins) {
  const auto image = image_of(70 * kib, "initial");
  std::mt19937 random(9);
  MemoryUse use;
  MemorySlot* slot = MemorySlot::acquire(request, image, &use).value();
  ASSERT_TRUE(slot->grow(slot->size + 64 * kib));
  slot->base[70 * kib + 1] = std::byte{'N'};
  slot->base[slot->size - 1] = std::byte{7};
  slot->base[3] = std::byte{1};
  slot->base[3] = std::byte{0};  // written, and as it was
  const std::vector<std::byte> expected(slot->base, slot->base + slot->size);
  const auto written = slot->begin_here(false, 2);
  ASSERT_TRUE(written.has_value());
  EXPECT_EQ(written->size(), 2u);
  EXPECT_FALSE(slot->has_grown());
  for (int round = 0; round < 200; ++round) {
    if (random() % 4 == 0) {
      ASSERT_TRUE(slot->grow(4 << 20));
      EXPECT_TRUE(slot->has_grown());
    }
    for (std::uint64_t write = random() % 60; write > 0; --write) slot->base[random() % slot->size] = std::byte{0xBB};
    if (random() % 5 == 0) madvise(slot->base, slot->size, MADV_PAGEOUT);
    ASSERT_TRUE(slot->begin_again(*written));
    ASSERT_EQ(slot->size, expected.size());
    ASSERT_EQ(use.current, expected.size());
    ASSERT_EQ(std::memcmp(slot->base, expected.data(), expected.size()), 0) << "round " << round;
  }
  // The next use has nothing of it.
  MemorySlot::release(slot);
  ASSERT_EQ(MemorySlot::acquire(request, image).value(), slot);
  EXPECT_EQ(slot->size, request.minimum);
  EXPECT_EQ(slot->base[70 * kib + 1], std::byte{'n'});
  MemorySlot::release(slot);
}

TEST(MemoryPool, ABeginningWithTooManyPagesOfItsOwnIsNone) {
  MemorySlot* slot = MemorySlot::acquire(request, nullptr).value();
  for (const std::uint64_t page : {0u, 3u, 9u}) slot->base[page * page_size] = std::byte{1};
  EXPECT_FALSE(slot->begin_here(false, 2).has_value());
  EXPECT_EQ(slot->begin_here(false, 3)->size(), 3u);
  MemorySlot::release(slot);
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
