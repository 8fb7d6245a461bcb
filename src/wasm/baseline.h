// The state of a store's core instances right after they were made, to bring them back to it.
//
// What guests can change is the content and size of memories and the numbers in globals, if their modules say so
// (Module::state); afterwards nobody can tell an instance from a new one. Memories are restored by their images, page
// by page (memory_pool.h), and what start functions wrote is written again.
#pragma once

#include <cstddef>
#include <vector>

#include "util/pinned.h"
#include "wasm/engine.h"
#include "wasm/store.h"

namespace weft::wasm {

// What start functions may have written, of one store; with more it is not worth keeping.
inline constexpr std::size_t max_started_pages = 256;

// Belongs to the store's thread.
class Baseline : Pinned {
 public:
  Baseline();
  ~Baseline();

  // Takes note of the state of `instance`, an instance of `module`, in `store`, which is always the same. With
  // `is_image` its memories are known to hold their images. False: there is no way back to this state.
  bool add(Store& store, const Instance& instance, const Module& module, bool is_image);
  // Pages that differed from their images.
  std::size_t started_pages() const { return started_pages_; }
  // Brings back all of it. REQUIRES: nothing of the store runs. False: not all could be; the store is of no use any
  // more.
  bool restore(Store& store);

 private:
  struct Memory;
  struct Global;
  std::vector<Memory> memories_;
  std::vector<Global> globals_;
  std::size_t started_pages_ = 0;
};

}  // namespace weft::wasm
