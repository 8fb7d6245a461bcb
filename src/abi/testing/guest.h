// A guest without an engine: a memory, an instance with a handle table, and a realloc that tests can make hostile.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "abi/context.h"

namespace weft::abi::testing {

class Guest {
 public:
  static constexpr std::uint32_t kHeap = 128;  // the allocator gives out memory from here on
  static constexpr std::byte kFill{0xAA};

  struct Call {
    std::uint32_t old_ptr, old_size, align, new_size;
    friend bool operator==(const Call&, const Call&) = default;
  };

  explicit Guest(StringEncoding encoding = StringEncoding::utf8, std::size_t size = 1 << 16)
      : bytes_(size, kFill), memory_{bytes_.data(), size}, encoding_(encoding) {}
  Guest(const Guest&) = delete;

  LiftContext lift() { return {.memory = &memory_, .string_encoding = encoding_, .inst = &inst, .lenders = &lenders}; }
  LowerContext lower() {
    return {.memory = &memory_,
            .realloc = {[](void* env, std::uint32_t old_ptr, std::uint32_t old_size, std::uint32_t align,
                           std::uint32_t new_size) {
                          return static_cast<Guest*>(env)->realloc({old_ptr, old_size, align, new_size});
                        },
                        this},
            .string_encoding = encoding_,
            .inst = &inst,
            .borrow_scope = &borrows};
  }

  std::byte* at(std::uint32_t ptr) { return memory_.base + ptr; }
  std::uint64_t size() const { return memory_.size; }
  void put(std::uint32_t ptr, std::string_view bytes) { std::ranges::copy(std::as_bytes(std::span(bytes)), at(ptr)); }

  // Never reuses and always moves.
  std::uint32_t allocate(Call call) {
    const auto ptr = static_cast<std::uint32_t>(align_to(next, call.align));
    next = ptr + call.new_size;
    if (next > memory_.size) move(next);
    std::memmove(at(ptr), at(call.old_ptr), std::min(call.old_size, call.new_size));
    return ptr;
  }
  // Moves the memory to another address, of `size` bytes at least.
  void move(std::size_t size = 0) {
    std::vector<std::byte> moved(std::max(size, bytes_.size()), kFill);
    std::ranges::copy(bytes_, moved.begin());
    std::ranges::fill(bytes_, std::byte{0xDD});
    graveyard_.push_back(std::exchange(bytes_, std::move(moved)));
    if (graveyard_.size() > kGraves) graveyard_.pop_front();
    memory_ = {bytes_.data(), bytes_.size()};
  }

  // Replaces the allocator.
  std::function<std::uint32_t(Call)> hostile;
  std::vector<Call> calls;
  std::uint32_t next = kHeap;

  HandleBudget budget;
  static constexpr InstanceIndex kIndex{7};
  // Resource 0 is implemented elsewhere, resource 1 here.
  std::array<InstanceIndex, 2> impls{InstanceIndex{8}, kIndex};
  ComponentInstance inst{budget, kIndex, impls};
  Lenders lenders{inst.handles};
  BorrowScope borrows;

 private:
  std::uint32_t realloc(Call call) {
    calls.push_back(call);
    return hostile ? hostile(call) : allocate(call);
  }

  std::vector<std::byte> bytes_;
  // Stale pointers into it read 0xDD, not freed memory. One call may move the memory half a million times, so only the
  // latest stay.
  static constexpr std::size_t kGraves = 64;
  std::deque<std::vector<std::byte>> graveyard_;
  LinearMemory memory_;
  StringEncoding encoding_;
};

}  // namespace weft::abi::testing
