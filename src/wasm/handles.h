// Core WebAssembly items of one store, as plain values.
//
// They have the layout of the C API's structs (checked in engine.cc), so that no other folder needs its headers.
// An item belongs to the store that made it and dies with it; using it with another store is a fault of ours.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::wasm {

struct Func {
  std::uint64_t store_id = 0;  // zero: no function
  void* item = nullptr;
  explicit operator bool() const { return store_id != 0; }
};

struct alignas(8) Instance {
  std::byte raw[16];
};

enum class ExternKind : std::uint8_t { func, global, table, memory, shared_memory, tag };

struct alignas(8) Extern {
  ExternKind kind;
  alignas(8) std::byte raw[24];
};

// Where the exports of one core module are, found by name once (Module::export_index).
struct ExportIndex {
  std::uint64_t opaque[2];
};

// The types a core function can have, as written in a core function type.
enum class CoreType : std::uint8_t { i32, i64, f32, f64, v128, funcref, externref };

}  // namespace weft::wasm
