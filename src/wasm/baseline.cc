#include "wasm/baseline.h"

#include <cstring>

#include "wasm/c_api.h"
#include "wasm/memory_pool.h"

namespace weft::wasm {

struct Baseline::Memory {
  wasmtime_memory_t memory;
  MemorySlot* slot;
  std::vector<WrittenPage> written;  // by start functions
};

struct Baseline::Global {
  wasmtime_global_t global;
  wasmtime_val_t value;
};

namespace {

// REQUIRES: both are numbers of one type.
bool is_same(const wasmtime_val_t& a, const wasmtime_val_t& b) {
  switch (a.kind) {
    case WASMTIME_I32:
    case WASMTIME_F32:
      return a.of.i32 == b.of.i32;
    case WASMTIME_I64:
    case WASMTIME_F64:
      return a.of.i64 == b.of.i64;
    default:
      return std::memcmp(&a.of.v128, &b.of.v128, sizeof(a.of.v128)) == 0;
  }
}

}  // namespace

Baseline::Baseline() = default;
Baseline::~Baseline() = default;

bool Baseline::add(Store& store, const Instance& instance, const Module& module, bool is_image) {
  const StateIndices* state = module.state();
  if (state == nullptr) return false;
  Extern found;
  const auto& item = reinterpret_cast<const wasmtime_extern_t&>(found);
  for (const ExportIndex& index : state->memories) {
    if (!store.export_at(instance, index, found) || found.kind != ExternKind::memory) return false;
    const auto* base = reinterpret_cast<const std::byte*>(wasmtime_memory_data(store.context(), &item.of.memory));
    MemorySlot* slot = MemorySlot::find(store.memory_use(), base);
    if (slot == nullptr) return false;
    auto written = slot->begin_here(is_image, max_started_pages - started_pages_);
    if (!written) return false;
    started_pages_ += written->size();
    memories_.push_back({item.of.memory, slot, *std::move(written)});
  }
  for (const ExportIndex& index : state->globals) {
    if (!store.export_at(instance, index, found) || found.kind != ExternKind::global) return false;
    Global& global = globals_.emplace_back(item.of.global, wasmtime_val_t{});
    // Numbers only: nothing of the store is kept alive by them.
    wasmtime_global_get(store.context(), &global.global, &global.value);
    if (global.value.kind > WASMTIME_V128) return false;
  }
  return true;
}

bool Baseline::restore(Store& store) {
  for (Memory& memory : memories_) {
    const bool has_grown = memory.slot->has_grown();
    if (!memory.slot->begin_again(memory.written)) return false;
    if (!has_grown) continue;
    // The engine asks for the size again whenever a memory grows, also by nothing.
    std::uint64_t pages;
    if (wasmtime_error_t* error = wasmtime_memory_grow(store.context(), &memory.memory, 0, &pages)) {
      wasmtime_error_delete(error);
      return false;
    }
    if (wasmtime_memory_data_size(store.context(), &memory.memory) != memory.slot->size) return false;
  }
  for (const Global& global : globals_) {
    // Usually its value is the one it began with, and reading costs less than writing.
    wasmtime_val_t now;
    wasmtime_global_get(store.context(), &global.global, &now);
    if (is_same(now, global.value)) continue;
    if (wasmtime_error_t* error = wasmtime_global_set(store.context(), &global.global, &global.value)) {
      wasmtime_error_delete(error);
      return false;
    }
  }
  return true;
}

}  // namespace weft::wasm
