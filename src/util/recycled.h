// Memory of objects that come and go with every request, kept for the next one by the thread that gives it back.
//
// Only memory is kept: each object is constructed and destroyed as usual. The address sanitizer gets the memory back
// each time, or it would not see a use after the end.
#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace weft {

// Blocks of one size that one thread keeps; more go back to the allocator.
inline constexpr std::size_t max_recycled_blocks = 32;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEFT_RECYCLES 0
#endif
#endif
#ifndef WEFT_RECYCLES
#define WEFT_RECYCLES 1
#endif

// Blocks for objects of one type. A block may be given back on another thread than it was taken on.
template <class T>
class RecycledBlocks {
 public:
  static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

  static void* take() {
    Kept& kept = of_this_thread();
    if (kept.count != 0) return kept.blocks[--kept.count];
    return ::operator new(sizeof(T));
  }
  static void give_back(void* block) noexcept {
    Kept& kept = of_this_thread();
    if (WEFT_RECYCLES != 0 && !kept.ended && kept.count < max_recycled_blocks)
      kept.blocks[kept.count++] = block;
    else
      ::operator delete(block);
  }

 private:
  struct Kept {
    std::array<void*, max_recycled_blocks> blocks;
    std::size_t count = 0;
    bool ended = false;  // the thread is ending: what it still destroys is not kept
    ~Kept() {
      ended = true;
      while (count != 0) ::operator delete(blocks[--count]);
    }
  };
  static Kept& of_this_thread() {
    thread_local Kept kept;
    return kept;
  }
};

// For std::allocate_shared: one object and its counts in a recycled block.
template <class T>
struct RecyclingAllocator {
  using value_type = T;
  RecyclingAllocator() = default;
  template <class U>
  RecyclingAllocator(const RecyclingAllocator<U>&) {}  // NOLINT: allocators convert to each other
  T* allocate(std::size_t count) {
    return static_cast<T*>(count == 1 ? RecycledBlocks<T>::take() : ::operator new(count * sizeof(T)));
  }
  void deallocate(T* block, std::size_t count) noexcept {
    if (count == 1)
      RecycledBlocks<T>::give_back(block);
    else
      ::operator delete(block);
  }
  template <class U>
  bool operator==(const RecyclingAllocator<U>&) const {
    return true;
  }
};

// Base of T, which is final: `new T` and `delete` use recycled blocks.
template <class T>
struct Recycled {
  static void* operator new(std::size_t) { return RecycledBlocks<T>::take(); }
  static void operator delete(void* block) noexcept { RecycledBlocks<T>::give_back(block); }
};

}  // namespace weft
