// Linear memories of our own: reserved once, kept per thread, brought back to their image by restoring only the
// pages that a guest wrote to.
//
// Wasmtime asks for a memory through `new_linear_memory` (the memory creator of its C API) whenever an instance is
// made, and gives it back when the store is deleted, both on the store's thread. A released slot keeps its pages
// mapped, so a steady load makes no kernel call but the scan. No byte of one use is visible in the next: see
// memory_pool_test.cc.
#pragma once

#include <array>
#include <boost/intrusive/list_hook.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "abi/memory.h"
#include "util/error.h"
#include "wasm/memory_image.h"
#include "wasm/memory_use.h"
#include "wasm/page_reset.h"

namespace weft::wasm {

// Slots that one thread keeps for reuse; beyond them, the one that has been idle longest is unmapped.
inline constexpr std::size_t max_idle_slots_per_thread = 256;
// A slot that dirtied more than this gives the excess back to the kernel instead of keeping it resident.
inline constexpr std::uint64_t max_resident_bytes_per_idle_slot = 4 << 20;

struct MemoryRequest {
  std::uint64_t minimum;      // bytes accessible from the start
  std::uint64_t reservation;  // bytes of address space the memory may grow into without moving
  std::uint64_t guard;        // bytes after the reservation that stay inaccessible
};

// A page that a use begins with in place of the image's.
struct WrittenPage {
  std::uint64_t at;  // bytes from the base
  std::array<std::byte, page_size> bytes;
};

// One reserved range of address space holding one linear memory. `abi::LinearMemory` is its base and current size.
class MemorySlot : public abi::LinearMemory {
 public:
  // Takes a slot from this thread's idle ones, one of the same image if there is one, or maps a new one. Its size, and
  // what it grows by, is taken from `use`, which outlives the slot; null: nobody counts. Errc::limit when that is used
  // up.
  static Result<MemorySlot*> acquire(const MemoryRequest& request, const std::shared_ptr<const MemoryImage>& image,
                                     MemoryUse* use = nullptr);
  // Restores the slot and keeps it on this thread, or unmaps it. Call it once, on the acquiring thread.
  static void release(MemorySlot* slot);

  // Makes the memory `new_size` bytes long. False when that exceeds the reservation or the store's limit, or the kernel
  // refuses.
  bool grow(std::uint64_t new_size);

  std::uint64_t capacity() const { return capacity_; }
  // The slot among those that `use` counts whose memory starts at `base`, or null.
  static MemorySlot* find(const MemoryUse& use, const std::byte* base);

  // Since its beginning.
  bool has_grown() const { return size != minimum_; }
  // Takes what it holds now for its beginning: the image but for the pages given. With `is_image`, none: nobody has
  // written to it. Nothing: more than `most` pages differ.
  std::optional<std::vector<WrittenPage>> begin_here(bool is_image, std::size_t most);
  // Brings it back to its beginning while it is in use. False: it could not be.
  bool begin_again(std::span<const WrittenPage> written);

  ~MemorySlot();

 private:
  friend class SlotPool;
  using ListHook = boost::intrusive::list_member_hook<>;
  // Runs of pages that are dirty for the kernel although they have been restored: they stay mapped. As long as this
  // thread has had no page fault since, no others are dirty, and restoring these needs no scan.
  struct Resident {
    struct Run {
      std::uint64_t begin, end;  // bytes from the base
    };
    static constexpr std::size_t max_runs = 24;
    std::array<Run, max_runs> runs;
    std::size_t count = 0;
    std::uint64_t end = 0;     // bytes from the base that were looked at
    std::uint64_t faults = 0;  // of this thread, when they were
    bool known = false;        // these are all
  };

  MemorySlot() = default;
  bool map_image(std::shared_ptr<const MemoryImage> image);
  bool set_accessible(std::uint64_t bytes);
  bool make_accessible(std::uint64_t bytes);
  bool restore();
  bool restore_dirty();
  bool is_of_image(const std::byte* page) const;

  std::uint64_t capacity_ = 0;    // bytes it may grow to
  std::uint64_t reserved_ = 0;    // bytes mapped, guard included
  std::uint64_t accessible_ = 0;  // bytes from the base with read and write rights
  std::uint64_t minimum_ = 0;     // bytes accessible from the start of this use
  std::shared_ptr<const MemoryImage> image_;
  MemoryUse* use_ = nullptr;
  MemorySlot* next_of_use_ = nullptr;
  Resident resident_;
  ListHook in_image_list_, in_age_list_;  // while it is idle
};

// Names the images of the memories that the next instantiation on this thread will ask for, in their order, and who
// counts them. Memories asked for beyond them, or outside any scope, start as zeroes.
class ImageScope {
 public:
  ImageScope(const MemoryImages& images, MemoryUse& use);
  ~ImageScope();
  ImageScope(const ImageScope&) = delete;
  ImageScope& operator=(const ImageScope&) = delete;

  // The image for the memory of `minimum` bytes that is being created now on this thread. None for one that begins
  // empty, which may also be the engine's own: its heap for exceptions comes before the first memory that asks for it.
  static const std::shared_ptr<const MemoryImage>& next(std::uint64_t minimum);
  // Who counts it; null outside any scope.
  static MemoryUse* memory_use();

 private:
  const MemoryImages* outer_;
  std::size_t outer_next_;
  MemoryUse* outer_use_;
};

// Gives the memory of slots that are idle back.
void drop_idle_slots_of_this_thread();
// Slots kept idle by this thread.
std::size_t idle_slots_of_this_thread();

}  // namespace weft::wasm
