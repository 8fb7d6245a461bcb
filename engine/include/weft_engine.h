// What weft's engine library adds to Wasmtime's C API (wasmtime.h); implemented in engine/src/lib.rs.
#ifndef WEFT_ENGINE_H
#define WEFT_ENGINE_H

#include <stddef.h>
#include <stdint.h>
#include <wasmtime.h>

#ifdef __cplusplus
extern "C" {
#endif

// As wasm_engine_new_with_config, but a refused configuration is an error and not an abort. Consumes `config`
// either way. Null on failure, with *error set; the caller owns it.
wasm_engine_t* weft_engine_new(wasm_config_t* config, wasmtime_error_t** error);

// Everything that decides whether code compiled by one engine runs in another: version, target, processor features,
// settings. Equal bytes: exchangeable code. The caller deletes `out`.
void weft_engine_fingerprint(const wasm_engine_t* engine, wasm_byte_vec_t* out);

// Compiles a module to the bytes that weft_module_open loads, without making it runnable here. On success the caller
// deletes `out`; else the caller owns the error returned.
wasmtime_error_t* weft_engine_compile(const wasm_engine_t* engine, const uint8_t* wasm, size_t wasm_len,
                                      wasm_byte_vec_t* out);

// Whether all that the code of a module can change in an instance of it can be put back from outside: the content and
// size of its memories, and the numbers in its globals. False: it may write tables, drop segments, throw exceptions, or
// is no valid module. Reads all of the code: tens of megabytes take a tenth of a second.
bool weft_module_is_restorable(const uint8_t* wasm, size_t wasm_len);

// Maps compiled code from an open file and closes `file`. What follows the code in the file is ignored. The content
// must be what weft_engine_compile made and never change while the module lives. Null, or an error of the caller.
wasmtime_error_t* weft_module_open(const wasm_engine_t* engine, int file, wasmtime_module_t** out);

// Instantiates `module` with positional imports in a store that uses asynchronous calls. `externs` is read before
// this returns; `instance`, `trap` and `error` must live until the future is deleted. Poll and delete the result
// with wasmtime_call_future_*. A fiber is made only if the module has something to run.
wasmtime_call_future_t* weft_instance_new_async(wasmtime_context_t* store, const wasmtime_module_t* module,
                                                const wasmtime_extern_t* externs, size_t externs_len,
                                                wasmtime_instance_t* instance, wasm_trap_t** trap,
                                                wasmtime_error_t** error);

// Where a module's export is, found by name once. Valid for instances of that module and of no other.
typedef struct weft_module_export {
  uint64_t opaque[2];
} weft_module_export_t;

// False: the module has no such export.
bool weft_module_export_index(const wasmtime_module_t* module, const char* name, size_t name_len,
                              weft_module_export_t* out);

// As wasmtime_instance_export_get without looking a name up. False: `index` is of another module.
bool weft_instance_export_at(wasmtime_context_t* store, const wasmtime_instance_t* instance,
                             const weft_module_export_t* index, wasmtime_extern_t* out);

// Items of a linker in the order in which weft_linker_get_all gives them, as the decimal numbers that are their names.
// Both write exactly `len` items, the number defined; the order stays as long as nothing is defined.
void weft_linker_order(const wasmtime_linker_t* linker, wasmtime_context_t* store, uint32_t* out, size_t len);

// All items of a linker as items of `store`, without looking a name up.
void weft_linker_get_all(const wasmtime_linker_t* linker, wasmtime_context_t* store, wasmtime_extern_t* out,
                         size_t len);

typedef struct weft_failure {
  int32_t code;             // Wasmtime's trap code, or -1 when the failure is no trap
  wasm_byte_vec_t summary;  // the innermost cause, without backtrace
  wasm_byte_vec_t detail;   // everything, with the backtrace: for logs only
} weft_failure_t;

// Describes and consumes a trap or an error; exactly one of the two is not null. The caller deletes both texts.
void weft_failure_take(wasm_trap_t* trap, wasmtime_error_t* error, weft_failure_t* out);

// Turns an error of a nested call into what a host function returns, so that the failure goes on to the guest's frames
// as it was: an exception stays one, a trap keeps its backtrace. Consumes `error`.
wasm_trap_t* weft_trap_of_error(wasmtime_error_t* error);

// Calls `func`, which has no parameters and no results, on a fiber: as wasmtime_func_call_async, for less. `func`,
// `trap` and `error` must live until the future is deleted.
wasmtime_call_future_t* weft_func_start(wasmtime_context_t* store, const wasmtime_func_t* func, wasm_trap_t** trap,
                                        wasmtime_error_t** error);

#ifdef __cplusplus
}
#endif

#endif
