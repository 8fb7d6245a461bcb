// Finding the pages of a private mapping that were written to, so that only those are restored.
//
// The kernel's PAGEMAP_SCAN (6.7 and later) lists them in one call; where it is missing /proc/self/pagemap is read.
// A page counts as dirty when it is present OR swapped and neither backed by the mapped file nor the zero page: a
// page under migration is not "present", and a mask without "swapped" misses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "util/error.h"

namespace weft::wasm {

inline constexpr std::uint64_t page_size = 4096;

struct PageRange {
  std::byte* begin;
  std::byte* end;
};

// Calls `restore` for each maximal run of dirty pages of [base, base + length), in address order. Both are multiples
// of the page size. Fails only when neither interface can be read. Thread-safe.
Result<void> for_each_dirty_range(std::byte* base, std::uint64_t length, void (*restore)(void* env, PageRange range),
                                  void* env);

// Page faults that this thread has completed. A page becomes dirty by a fault of the thread that writes to it (or on
// whose behalf the kernel does): while the number stays the same, a mapping that no other thread touches has no dirty
// page that it did not have before. Nothing where that is not known to hold: before Linux 6.7, whose accounting of
// faults (mm_account_fault) is the one relied on.
std::optional<std::uint64_t> page_faults_of_this_thread();

// The interface in use, for diagnostics: "PAGEMAP_SCAN", "/proc/self/pagemap" or "none".
const char* page_reset_method();

}  // namespace weft::wasm
