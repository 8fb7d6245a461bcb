//! What Wasmtime's C API lacks and weft needs, in C API style (`weft_*`, declared in
//! `include/weft_engine.h`). The types of the C API are single-field `repr(C)` wrappers with private
//! fields: they are reached by casts, each with its size checked at compile time.

mod restorable;

use std::fs::File;
use std::hash::{Hash, Hasher};
use std::mem::{MaybeUninit, size_of, transmute};
use std::os::fd::{FromRawFd, OwnedFd};
use std::pin::Pin;
use std::ptr;

use wasmtime::{
    Config, Engine, Error, Extern, Func, Instance, Linker, Module, ModuleExport, StoreContextMut,
    Trap, TypedFunc,
};
use wasmtime_c_api::{
    WasmtimeStoreData, wasm_byte_vec_t, wasm_config_t, wasm_engine_t, wasm_trap_t,
    wasmtime_call_future_t, wasmtime_error_t, wasmtime_extern_t, wasmtime_linker_t,
    wasmtime_module_t,
};

const _: () = {
    assert!(size_of::<wasm_config_t>() == size_of::<Config>());
    assert!(size_of::<wasm_engine_t>() == size_of::<Engine>());
    assert!(size_of::<wasmtime_module_t>() == size_of::<Module>());
    assert!(size_of::<wasm_trap_t>() == size_of::<Error>());
    assert!(size_of::<wasmtime_error_t>() == size_of::<Error>());
    assert!(size_of::<wasmtime_call_future_t>() == size_of::<BoxedFuture>());
    assert!(size_of::<wasmtime_linker_t>() == size_of::<Linker<WasmtimeStoreData>>());
    assert!(size_of::<weft_module_export_t>() == size_of::<ModuleExport>());
};

type BoxedFuture = Pin<Box<dyn Future<Output = ()>>>;

fn error_ptr(error: Error) -> *mut wasmtime_error_t {
    Box::into_raw(Box::new(wasmtime_error_t::from(error)))
}

fn put_failure(e: Error, trap: &mut *mut wasm_trap_t, error: &mut *mut wasmtime_error_t) {
    if e.is::<Trap>() {
        // SAFETY: `wasm_trap_t` is a `repr(C)` wrapper of exactly one `Error`.
        *trap = Box::into_raw(Box::new(unsafe { transmute::<Error, wasm_trap_t>(e) }));
    } else {
        *error = error_ptr(e);
    }
}

/// As `wasm_engine_new_with_config`, but a refused configuration is an error and not an abort.
/// Consumes `config` either way; returns null and sets `*error` on failure.
#[unsafe(no_mangle)]
pub extern "C" fn weft_engine_new(
    config: Box<wasm_config_t>,
    error: &mut *mut wasmtime_error_t,
) -> *mut wasm_engine_t {
    // SAFETY: `wasm_config_t` is a `repr(C)` wrapper of exactly one `Config` (size checked above).
    let config: Box<Config> = unsafe { Box::from_raw(Box::into_raw(config).cast()) };
    match Engine::new(&config) {
        // SAFETY: `wasm_engine_t` is a `repr(C)` wrapper of exactly one `Engine`.
        Ok(engine) => Box::into_raw(Box::new(unsafe {
            transmute::<Engine, wasm_engine_t>(engine)
        })),
        Err(e) => {
            *error = error_ptr(e);
            ptr::null_mut()
        }
    }
}

/// Keeps what is hashed instead of hashing it, so that the caller can use a hash it trusts.
struct Recorder(Vec<u8>);

impl Hasher for Recorder {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
    fn finish(&self) -> u64 {
        0
    }
}

/// Everything that decides whether code compiled by one engine runs in another: version, target, processor
/// features, settings. Equal bytes: exchangeable code.
#[unsafe(no_mangle)]
pub extern "C" fn weft_engine_fingerprint(
    engine: &wasm_engine_t,
    out: &mut MaybeUninit<wasm_byte_vec_t>,
) {
    let mut recorder = Recorder(Vec::new());
    engine_of(engine).precompile_compatibility_hash().hash(&mut recorder);
    out.write(recorder.0.into());
}

/// Compiles a module to the bytes that `weft_module_open` loads, without making it runnable here.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_engine_compile(
    engine: &wasm_engine_t,
    wasm: *const u8,
    wasm_len: usize,
    out: &mut MaybeUninit<wasm_byte_vec_t>,
) -> *mut wasmtime_error_t {
    // SAFETY: the caller passes `wasm_len` readable bytes, at least a module's header.
    let wasm = unsafe { std::slice::from_raw_parts(wasm, wasm_len) };
    match engine_of(engine).precompile_module(wasm) {
        Ok(code) => {
            out.write(code.into());
            ptr::null_mut()
        }
        Err(e) => error_ptr(e),
    }
}

/// Whether all that the module's code can change in an instance can be put back: `restorable.rs`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_module_is_restorable(wasm: *const u8, wasm_len: usize) -> bool {
    // SAFETY: the caller passes `wasm_len` readable bytes, at least a module's header.
    restorable::is_restorable(unsafe { std::slice::from_raw_parts(wasm, wasm_len) })
}

/// Maps compiled code from an open file, which this consumes. As `wasmtime_module_deserialize_file` without a path
/// that could name another file than the one the caller looked at.
///
/// # Safety
/// The file holds what `weft_engine_compile` made, and its content never changes while the module lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_module_open(
    engine: &wasm_engine_t,
    file: i32,
    out: &mut *mut wasmtime_module_t,
) -> *mut wasmtime_error_t {
    // SAFETY: the caller gives the descriptor away; the content is its promise.
    let opened = unsafe {
        let file = File::from(OwnedFd::from_raw_fd(file));
        Module::deserialize_open_file(engine_of(engine), file)
    };
    match opened {
        Ok(module) => {
            // SAFETY: `wasmtime_module_t` is a `repr(C)` wrapper of exactly one `Module`.
            *out = Box::into_raw(Box::new(unsafe {
                transmute::<Module, wasmtime_module_t>(module)
            }));
            ptr::null_mut()
        }
        Err(e) => error_ptr(e),
    }
}

fn engine_of(engine: &wasm_engine_t) -> &Engine {
    // SAFETY: `wasm_engine_t` is a `repr(C)` wrapper of exactly one `Engine` (size checked above).
    unsafe { &*ptr::from_ref(engine).cast() }
}

/// Instantiates `module` with positional imports in a store that uses async calls; the C API has only the
/// synchronous form, which such a store refuses. A fiber is made only if the module has something to run.
///
/// `externs` is read before this returns; `instance`, `trap` and `error` must live until the future is deleted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_instance_new_async(
    store: StoreContextMut<'static, WasmtimeStoreData>,
    module: &'static wasmtime_module_t,
    externs: *const wasmtime_extern_t,
    externs_len: usize,
    instance: &'static mut MaybeUninit<Instance>,
    trap: &'static mut *mut wasm_trap_t,
    error: &'static mut *mut wasmtime_error_t,
) -> Box<wasmtime_call_future_t<'static>> {
    let externs: Vec<Extern> = if externs_len == 0 {
        Vec::new()
    } else {
        // SAFETY: the caller passes `externs_len` initialised values.
        unsafe { std::slice::from_raw_parts(externs, externs_len) }
            .iter()
            .map(extern_of)
            .collect()
    };
    // SAFETY: `wasmtime_module_t` is a wrapper of exactly one `Module`.
    let module: &'static Module = unsafe { &*ptr::from_ref(module).cast() };
    let future: BoxedFuture = Box::pin(async move {
        match Instance::new_async(store, module, &externs).await {
            Ok(made) => {
                instance.write(made);
            }
            Err(e) => put_failure(e, trap, error),
        }
    });
    // SAFETY: `wasmtime_call_future_t` is a `repr(transparent)` wrapper of exactly this type.
    Box::new(unsafe { transmute::<BoxedFuture, wasmtime_call_future_t<'static>>(future) })
}

fn extern_of(item: &wasmtime_extern_t) -> Extern {
    // SAFETY: the tag says which member of the union is set (as the C API's own `to_extern`).
    unsafe {
        match item.kind {
            wasmtime_c_api::WASMTIME_EXTERN_FUNC => Extern::Func(item.of.func),
            wasmtime_c_api::WASMTIME_EXTERN_GLOBAL => Extern::Global(item.of.global),
            wasmtime_c_api::WASMTIME_EXTERN_TABLE => Extern::Table(item.of.table),
            wasmtime_c_api::WASMTIME_EXTERN_MEMORY => Extern::Memory(item.of.memory),
            wasmtime_c_api::WASMTIME_EXTERN_TAG => Extern::Tag(item.of.tag),
            wasmtime_c_api::WASMTIME_EXTERN_SHAREDMEMORY => {
                Extern::SharedMemory((**item.of.sharedmemory).clone())
            }
            other => panic!("unknown extern kind {other}"),
        }
    }
}

/// What went wrong, in one call. `code` is Wasmtime's trap code, or -1 when the failure is no trap (a host
/// function's error, an uncaught exception, a refused instantiation).
#[repr(C)]
pub struct weft_failure_t {
    pub code: i32,
    /// The innermost cause, without backtrace: fit for a client of the component's owner.
    pub summary: wasm_byte_vec_t,
    /// Everything, with the wasm backtrace: for logs only.
    pub detail: wasm_byte_vec_t,
}

/// Describes and consumes a trap or an error; exactly one of the two must be given.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_failure_take(
    trap: *mut wasm_trap_t,
    error: *mut wasmtime_error_t,
    out: &mut MaybeUninit<weft_failure_t>,
) {
    // SAFETY: both types are `repr(C)` wrappers of one `Error` and were boxed by this library.
    let failure: Box<Error> = unsafe {
        if trap.is_null() {
            Box::from_raw(error.cast())
        } else {
            Box::from_raw(trap.cast())
        }
    };
    let code = failure.downcast_ref::<Trap>().map_or(-1, |t| *t as i32);
    let summary = failure.root_cause().to_string();
    let detail = format!("{:?}", *failure);
    out.write(weft_failure_t {
        code,
        summary: summary.into_bytes().into(),
        detail: detail.into_bytes().into(),
    });
}

/// Where a module's export is; a `ModuleExport` as bytes that C can keep.
#[repr(C)]
pub struct weft_module_export_t([u64; 2]);

/// Finds an export by name, once for each module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_module_export_index(
    module: &wasmtime_module_t,
    name: *const u8,
    name_len: usize,
    out: &mut MaybeUninit<weft_module_export_t>,
) -> bool {
    // SAFETY: `wasmtime_module_t` is a wrapper of exactly one `Module`.
    let module: &Module = unsafe { &*ptr::from_ref(module).cast() };
    // SAFETY: the caller passes `name_len` readable bytes.
    let name = unsafe { std::slice::from_raw_parts(name, name_len) };
    let Some(found) = std::str::from_utf8(name)
        .ok()
        .and_then(|name| module.get_export_index(name))
    else {
        return false;
    };
    // SAFETY: equal sizes (checked above); the bytes are only ever read back as a `ModuleExport`.
    unsafe { out.as_mut_ptr().cast::<ModuleExport>().write(found) };
    true
}

/// The export of an instance, without a name.
#[unsafe(no_mangle)]
pub extern "C" fn weft_instance_export_at(
    store: StoreContextMut<'_, WasmtimeStoreData>,
    instance: &Instance,
    index: &weft_module_export_t,
    out: &mut MaybeUninit<wasmtime_extern_t>,
) -> bool {
    // SAFETY: written by `weft_module_export_index`.
    let index: &ModuleExport = unsafe { &*ptr::from_ref(index).cast() };
    match instance.get_module_export(store, index) {
        Some(item) => {
            out.write(item.into());
            true
        }
        None => false,
    }
}

/// The names, decimal numbers, of a linker's items in the order of `weft_linker_get_all`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_linker_order(
    linker: &wasmtime_linker_t,
    store: StoreContextMut<'_, WasmtimeStoreData>,
    out: *mut u32,
    len: usize,
) {
    for (at, (_, name, _)) in linker_of(linker).iter(store).take(len).enumerate() {
        // SAFETY: the caller passes room for `len` items.
        unsafe { out.add(at).write(name.parse().unwrap_or(u32::MAX)) };
    }
}

/// All items of a linker as items of a store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_linker_get_all(
    linker: &wasmtime_linker_t,
    store: StoreContextMut<'_, WasmtimeStoreData>,
    out: *mut wasmtime_extern_t,
    len: usize,
) {
    for (at, (_, _, item)) in linker_of(linker).iter(store).take(len).enumerate() {
        // SAFETY: the caller passes room for `len` items.
        unsafe { out.add(at).write(item.into()) };
    }
}

fn linker_of(linker: &wasmtime_linker_t) -> &Linker<WasmtimeStoreData> {
    // SAFETY: `wasmtime_linker_t` is a wrapper of exactly one `Linker` (size checked above).
    unsafe { &*ptr::from_ref(linker).cast() }
}

/// Turns an error of a nested call into what a host function returns, so that the failure goes on to the guest's
/// frames as it was: an exception stays one, a trap keeps its backtrace.
#[unsafe(no_mangle)]
pub extern "C" fn weft_trap_of_error(error: Box<wasmtime_error_t>) -> Box<wasm_trap_t> {
    // SAFETY: both types are `repr(C)` wrappers of one `Error` (sizes checked above).
    unsafe { Box::from_raw(Box::into_raw(error).cast()) }
}

/// Calls a function without parameters and results on a fiber, as `wasmtime_func_call_async` does, but without
/// storage for values and without comparing its type.
///
/// `func`, `trap` and `error` must live until the future is deleted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_func_start(
    store: StoreContextMut<'static, WasmtimeStoreData>,
    func: &'static Func,
    trap: &'static mut *mut wasm_trap_t,
    error: &'static mut *mut wasmtime_error_t,
) -> Box<wasmtime_call_future_t<'static>> {
    // SAFETY: the caller passes a function of this type.
    let func = unsafe { TypedFunc::<(), ()>::new_unchecked(&store, *func) };
    let future: BoxedFuture = Box::pin(async move {
        if let Err(e) = func.call_async(store, ()).await {
            put_failure(e, trap, error);
        }
    });
    // SAFETY: `wasmtime_call_future_t` is a `repr(transparent)` wrapper of exactly this type.
    Box::new(unsafe { transmute::<BoxedFuture, wasmtime_call_future_t<'static>>(future) })
}
