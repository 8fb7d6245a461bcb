// Wasmtime's C API and the conversions to our types. Included by the sources of this folder only.
#pragma once

#include <wasmtime.h>
#include <weft_engine.h>

#include <bit>
#include <string>

#include "abi/trap.h"
#include "util/error.h"
#include "wasm/engine.h"
#include "wasm/handles.h"
#include "wasm/store.h"

namespace weft::wasm {

static_assert(sizeof(Func) == sizeof(wasmtime_func_t) && alignof(Func) == alignof(wasmtime_func_t));
static_assert(sizeof(Instance) == sizeof(wasmtime_instance_t) && alignof(Instance) == alignof(wasmtime_instance_t));
static_assert(sizeof(ExportIndex) == sizeof(weft_module_export_t));
static_assert(sizeof(Extern) == sizeof(wasmtime_extern_t) && alignof(Extern) == alignof(wasmtime_extern_t));

inline std::string take(wasm_byte_vec_t& bytes) {
  std::string text(bytes.data, bytes.size);
  wasm_byte_vec_delete(&bytes);
  return text;
}

inline Error take_error(Errc code, wasmtime_error_t* error) {
  weft_failure_t failure;
  weft_failure_take(nullptr, error, &failure);
  std::string detail = take(failure.detail);
  take(failure.summary);
  return Error(code, std::move(detail));
}

inline Store& store_of(wasmtime_caller_t* caller) {
  return *static_cast<Store*>(wasmtime_context_get_data(wasmtime_caller_context(caller)));
}

}  // namespace weft::wasm
