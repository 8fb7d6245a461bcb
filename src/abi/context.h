// What lifting and lowering need to know about the call they serve (CanonicalABI.md "Lifting and Lowering Context").
//
// Built on the stack for each call; plain data, no virtual calls for what every call passes.
#pragma once

#include <cstdint>

#include "abi/memory.h"
#include "abi/resource.h"

namespace weft::abi {

// Host memory that lifting for one call may take: a small list of guest memory can name the same megabytes over and
// over.
inline constexpr std::uint64_t kMaxLiftBytes = std::uint64_t{128} << 20;
// Bytes copied between two components in one call, for the same reason: it bounds time spent without a preemption
// point.
inline constexpr std::uint64_t kMaxTransferBytes = std::uint64_t{1} << 30;

enum class StringEncoding : std::uint8_t { utf8, utf16, latin1_utf16 };

// Messages of the range checks.
struct RangeWording {
  RangeMessages string;
  RangeMessages list;
  RangeMessages values;  // parameters or results passed in memory
  RangeMessages string_realloc;
  RangeMessages list_realloc;
  RangeMessages values_realloc;
};
extern const RangeWording kHostWording;
extern const RangeWording kComponentWording;  // for a call from component to component

// Streams, futures and error contexts: moves them between a table and the host. Implemented by the async layer; both
// functions trap on a guest's fault.
class AsyncValues {
 public:
  // lift_stream, lift_future, lift_error_context. Returns the shared object.
  virtual void* lift(ComponentInstance& inst, TypeRef type, std::uint32_t index) = 0;
  // lower_stream, lower_future, lower_error_context. Returns the new index.
  virtual std::uint32_t lower(ComponentInstance& inst, TypeRef type, void* object) = 0;

 protected:
  ~AsyncValues() = default;
};

// From a guest. The pointed-to objects belong to the caller and outlive the context.
struct LiftContext {
  const LinearMemory* memory = nullptr;  // nullptr: no type of the call contains pointers
  StringEncoding string_encoding = StringEncoding::utf8;
  ComponentInstance* inst = nullptr;
  Lenders* lenders = nullptr;           // the Subtask's; nullptr where no borrow can occur
  AsyncValues* async_values = nullptr;  // nullptr: such a value traps
  std::uint64_t budget = kMaxLiftBytes;
  const RangeWording* wording = &kHostWording;

  // Takes `bytes` from the budget before they are allocated or copied; traps if it is used up.
  void charge(std::uint64_t bytes) {
    if (bytes > budget) [[unlikely]]
      over_budget();
    budget -= bytes;
  }
  void charge(std::uint64_t count, std::uint64_t size) {
    if (size != 0 && count > budget / size) [[unlikely]]
      over_budget();
    budget -= count * size;
  }
  // Bytes taken so far by a call of or from the host.
  std::uint64_t charged() const { return kMaxLiftBytes - budget; }

 private:
  [[noreturn]] static void over_budget();
};

// Guest memory obtained from `realloc`; `at` is valid until the next call into the guest.
struct Allocation {
  std::uint32_t ptr = 0;
  std::byte* at = nullptr;
};

// Into a guest. The pointed-to objects belong to the caller and outlive the context.
struct LowerContext {
  const LinearMemory* memory = nullptr;  // nullptr: no type of the call contains pointers
  Realloc realloc;
  StringEncoding string_encoding = StringEncoding::utf8;
  ComponentInstance* inst = nullptr;
  BorrowScope* borrow_scope = nullptr;  // the Task's; nullptr where no borrow can occur
  AsyncValues* async_values = nullptr;  // nullptr: such a value traps
  std::uint64_t allocated = 0;          // bytes of guest memory that realloc was asked for
  const RangeWording* wording = &kHostWording;

  // Calls the guest's realloc, which may not call out meanwhile, and checks what it returned: `new_size` bytes,
  // aligned, inside the memory. Traps otherwise.
  Allocation reallocate(std::uint32_t old_ptr, std::uint32_t old_size, std::uint32_t alignment, std::uint32_t new_size,
                        const RangeMessages& messages);
  Allocation allocate(std::uint32_t alignment, std::uint32_t size, const RangeMessages& messages) {
    return reallocate(0, 0, alignment, size, messages);
  }
};

}  // namespace weft::abi
