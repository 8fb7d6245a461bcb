#include "wasm/engine.h"

#include "wasm/c_api.h"
#include "wasm/memory_pool.h"
#include "wasm/module_state.h"
#include "wasm/page_reset.h"
#include "wasm/stack_pool.h"
#include "wasm/store.h"

namespace weft::wasm {
namespace {

// Address space of one linear memory of 32-bit addresses, and the inaccessible bytes after it that let compiled code
// leave out bounds checks.
constexpr std::uint64_t memory_reservation = 4ull << 30;
constexpr std::uint64_t memory_guard = 32ull << 20;

wasmtime_error_t* to_wasmtime(const Error& error) {
  return wasmtime_error_new(error.message().c_str());
}

std::uint8_t* get_memory(void* env, std::size_t* size, std::size_t* capacity) noexcept {
  auto* slot = static_cast<MemorySlot*>(env);
  *size = slot->size;
  *capacity = slot->capacity();
  return reinterpret_cast<std::uint8_t*>(slot->base);
}

wasmtime_error_t* grow_memory(void* env, std::size_t new_size) noexcept {
  if (static_cast<MemorySlot*>(env)->grow(new_size)) return nullptr;
  return wasmtime_error_new("the linear memory cannot grow that far");
}

void release_memory(void* env) noexcept {
  MemorySlot::release(static_cast<MemorySlot*>(env));
}

wasmtime_error_t* new_linear_memory(void*, const wasm_memorytype_t*, std::size_t minimum, std::size_t,
                                    std::size_t reserved, std::size_t guard, wasmtime_linear_memory_t* out) noexcept {
  auto slot = MemorySlot::acquire({.minimum = minimum, .reservation = reserved, .guard = guard},
                                  ImageScope::next(minimum), ImageScope::memory_use());
  if (!slot) return to_wasmtime(slot.error());
  *out = {.env = *slot, .get_memory = get_memory, .grow_memory = grow_memory, .finalizer = release_memory};
  return nullptr;
}

// The environment of a stack is its block.
std::uint8_t* get_stack(void* env, std::size_t* length) noexcept {
  *length = fiber_stack_size - page_size;
  return static_cast<std::uint8_t*>(env) + fiber_stack_size;
}

wasmtime_error_t* new_stack(void*, std::size_t, bool, wasmtime_stack_memory_t* out) noexcept {
  auto stack = acquire_stack();
  if (!stack) return to_wasmtime(stack.error());
  *out = {.env = stack->low, .get_stack_memory = get_stack, .finalizer = [](void* env) {
            release_stack({static_cast<std::byte*>(env)});
          }};
  return nullptr;
}

wasm_config_t* make_config(const EngineOptions& options) {
  wasm_config_t* config = wasm_config_new();
  wasmtime_config_epoch_interruption_set(config, true);
  wasmtime_config_max_wasm_stack_set(config, max_wasm_stack);
  wasmtime_config_async_stack_size_set(config, fiber_stack_size - page_size);
  wasmtime_config_parallel_compilation_set(config, options.parallel_compilation);
  if (options.effort == Effort::quick) wasmtime_config_cranelift_opt_level_set(config, WASMTIME_OPT_LEVEL_NONE);
  if (options.effort == Effort::winch)
    wasmtime_config_strategy_set(config, WASMTIME_STRATEGY_WINCH);
  else
    wasmtime_config_wasm_exceptions_set(config, true);
  // Linear memories never move, so a base address read once stays right for the life of an instance.
  wasmtime_config_memory_may_move_set(config, false);
  wasmtime_config_memory_reservation_set(config, memory_reservation);
  wasmtime_config_memory_guard_size_set(config, memory_guard);
  // Images are ours (memory_image.h), so the engine's own copy-on-write has nothing to do.
  wasmtime_config_memory_init_cow_set(config, false);
  // Registering unwind tables would make every C++ exception of the process take a lock.
  wasmtime_config_native_unwind_info_set(config, false);
  wasmtime_memory_creator_t memories{.env = nullptr, .new_memory = new_linear_memory, .finalizer = nullptr};
  wasmtime_config_host_memory_creator_set(config, &memories);
  wasmtime_stack_creator_t stacks{.env = nullptr, .new_stack = new_stack, .finalizer = nullptr};
  wasmtime_config_host_stack_creator_set(config, &stacks);
  return config;
}

CoreType core_type_of(const wasm_valtype_t* type) {
  switch (wasm_valtype_kind(type)) {
    case WASM_I32:
      return CoreType::i32;
    case WASM_I64:
      return CoreType::i64;
    case WASM_F32:
      return CoreType::f32;
    case WASM_F64:
      return CoreType::f64;
    case WASM_EXTERNREF:
      return CoreType::externref;
    case WASM_FUNCREF:
      return CoreType::funcref;
    default:
      return CoreType::v128;
  }
}

void read_types(const wasm_valtype_vec_t* from, std::vector<CoreType>& to) {
  for (std::size_t i = 0; i < from->size; ++i) to.push_back(core_type_of(from->data[i]));
}

std::string text_of(const wasm_name_t* name) {
  return {name->data, name->size};
}

ModuleItem item_of(const wasm_externtype_t* type, std::string module, std::string name) {
  ModuleItem item{.module = std::move(module), .name = std::move(name), .kind = ExternKind::func, .func = {}};
  switch (wasm_externtype_kind(type)) {
    case WASM_EXTERN_FUNC: {
      const wasm_functype_t* func = wasm_externtype_as_functype_const(type);
      read_types(wasm_functype_params(func), item.func.params);
      read_types(wasm_functype_results(func), item.func.results);
      break;
    }
    case WASM_EXTERN_GLOBAL:
      item.kind = ExternKind::global;
      break;
    case WASM_EXTERN_TABLE:
      item.kind = ExternKind::table;
      break;
    case WASM_EXTERN_MEMORY:
      item.kind = ExternKind::memory;
      break;
    default:
      item.kind = ExternKind::tag;
      break;
  }
  return item;
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::create(const EngineOptions& options) {
  std::unique_ptr<Engine> engine(new Engine());
  wasmtime_error_t* error = nullptr;
  engine->engine_ = weft_engine_new(make_config(options), &error);
  if (engine->engine_ == nullptr)
    return std::unexpected(take_error(Errc::unavailable, error).context("starting the WebAssembly engine"));
  engine->root_function_ = wasmtime_linker_new(engine->engine_);
  engine->wait_function_ = wasmtime_linker_new(engine->engine_);
  CHECK_OK(Store::define_builtins(engine->root_function_, engine->wait_function_));
  wasm_byte_vec_t fingerprint;
  weft_engine_fingerprint(engine->engine_, &fingerprint);
  const std::string everything = take(fingerprint);
  engine->fingerprint_ = sha256(std::as_bytes(std::span(everything)));
  return engine;
}

Engine::~Engine() {
  if (root_function_ != nullptr) wasmtime_linker_delete(root_function_);
  if (wait_function_ != nullptr) wasmtime_linker_delete(wait_function_);
  if (engine_ != nullptr) wasm_engine_delete(engine_);
}

void Engine::increment_epoch() {
  wasmtime_engine_increment_epoch(engine_);
}

LoadedModule::~LoadedModule() {
  wasmtime_module_delete(raw);
}

Module::Module(wasmtime_module* module, bool is_restorable) {
  auto loaded = std::make_shared<LoadedModule>(module);
  loaded_ = loaded;
  if (!is_restorable) return;
  const auto find_all = [&](std::string_view what) {
    std::vector<ExportIndex> found;
    while (const auto index = export_index(state_name(what, found.size()))) found.push_back(*index);
    return found;
  };
  loaded->state = {.memories = find_all("memory"), .globals = find_all("global")};
}

Result<Module> Module::compile(const Engine& engine, std::span<const std::byte> wasm) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(wasm.data());
  wasmtime_module_t* module = nullptr;
  if (auto* error = wasmtime_module_new(engine.raw(), bytes, wasm.size(), &module))
    return std::unexpected(take_error(Errc::invalid, error));
  return Module(module, weft_module_is_restorable(bytes, wasm.size()));
}

void CompiledCode::Delete::operator()(const std::byte* data) const {
  wasm_byte_vec_t bytes{.size = size, .data = const_cast<char*>(reinterpret_cast<const char*>(data))};
  wasm_byte_vec_delete(&bytes);
}

Result<CompiledCode> Module::precompile(const Engine& engine, std::span<const std::byte> wasm) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(wasm.data());
  wasm_byte_vec_t code;
  if (auto* error = weft_engine_compile(engine.raw(), bytes, wasm.size(), &code))
    return std::unexpected(take_error(Errc::invalid, error));
  return CompiledCode(reinterpret_cast<const std::byte*>(code.data), code.size,
                      weft_module_is_restorable(bytes, wasm.size()));
}

Result<Module> Module::open(const Engine& engine, FileDescriptor file, bool is_restorable) {
  wasmtime_module_t* module = nullptr;
  if (auto* error = weft_module_open(engine.raw(), file.release(), &module)) {
    return std::unexpected(take_error(Errc::invalid, error));
  }
  return Module(module, is_restorable);
}

std::optional<Module> Module::lock(const Weak& weak) {
  auto loaded = weak.lock();
  if (loaded == nullptr) return std::nullopt;
  return Module(std::move(loaded));
}

std::optional<ExportIndex> Module::export_index(std::string_view name) const {
  ExportIndex index;
  auto* out = reinterpret_cast<weft_module_export_t*>(&index);
  if (!weft_module_export_index(raw(), name.data(), name.size(), out)) return std::nullopt;
  return index;
}

std::vector<ModuleItem> Module::imports() const {
  wasm_importtype_vec_t types;
  wasmtime_module_imports(raw(), &types);
  std::vector<ModuleItem> items;
  for (std::size_t i = 0; i < types.size; ++i) {
    const wasm_importtype_t* import = types.data[i];
    items.push_back(item_of(wasm_importtype_type(import), text_of(wasm_importtype_module(import)),
                            text_of(wasm_importtype_name(import))));
  }
  wasm_importtype_vec_delete(&types);
  return items;
}

std::vector<ModuleItem> Module::exports() const {
  wasm_exporttype_vec_t types;
  wasmtime_module_exports(raw(), &types);
  std::vector<ModuleItem> items;
  for (std::size_t i = 0; i < types.size; ++i) {
    const wasm_exporttype_t* export_type = types.data[i];
    items.push_back(item_of(wasm_exporttype_type(export_type), {}, text_of(wasm_exporttype_name(export_type))));
  }
  wasm_exporttype_vec_delete(&types);
  return items;
}

}  // namespace weft::wasm
