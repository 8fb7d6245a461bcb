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
wasm_engine_t *weft_engine_new(wasm_config_t *config, wasmtime_error_t **error);

// Instantiates `module` with positional imports in a store that uses asynchronous calls. `externs` is read before
// this returns; `instance`, `trap` and `error` must live until the future is deleted. Poll and delete the result
// with wasmtime_call_future_*. A fiber is made only if the module has something to run.
wasmtime_call_future_t *weft_instance_new_async(wasmtime_context_t *store, const wasmtime_module_t *module,
                                                const wasmtime_extern_t *externs, size_t externs_len,
                                                wasmtime_instance_t *instance, wasm_trap_t **trap,
                                                wasmtime_error_t **error);

typedef struct weft_failure {
  int32_t code;             // Wasmtime's trap code, or -1 when the failure is no trap
  wasm_byte_vec_t summary;  // the innermost cause, without backtrace
  wasm_byte_vec_t detail;   // everything, with the backtrace: for logs only
} weft_failure_t;

// Describes and consumes a trap or an error; exactly one of the two is not null. The caller deletes both texts.
void weft_failure_take(wasm_trap_t *trap, wasmtime_error_t *error, weft_failure_t *out);

#ifdef __cplusplus
}
#endif

#endif
