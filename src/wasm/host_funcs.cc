#include "wasm/host_funcs.h"

#include <cassert>
#include <string>
#include <string_view>

#include "wasm/c_api.h"
#include "wasm/store.h"

namespace weft::wasm {

// What a function defined in a linker is called with.
struct HostFuncEntry {
  HostCallback call;
  ForwardTarget forward;
  void* env;

  static wasm_trap_t* enter_call(void* env, wasmtime_caller_t* caller, wasmtime_val_raw_t* values,
                                 std::size_t count) noexcept {
    const auto& entry = *static_cast<const HostFuncEntry*>(env);
    Store& store = store_of(caller);
    try {
      entry.call(entry.env, store, reinterpret_cast<abi::CoreValue*>(values), count);
      return nullptr;
    } catch (...) {
      return store.keep_exception();
    }
  }

  static wasm_trap_t* enter_forward(void* env, wasmtime_caller_t* caller, wasmtime_val_raw_t* values,
                                    std::size_t count) noexcept {
    const auto& entry = *static_cast<const HostFuncEntry*>(env);
    Store& store = store_of(caller);
    const Func* target;
    try {
      target = &entry.forward(entry.env, store);
      store.check_entry();
    } catch (...) {
      return store.keep_exception();
    }
    wasm_trap_t* trap = nullptr;
    wasmtime_error_t* error = wasmtime_func_call_unchecked(
        store.context_, reinterpret_cast<const wasmtime_func_t*>(target), values, count, &trap);
    return error == nullptr ? trap : weft_trap_of_error(error);
  }
};

namespace {

wasm_functype_t* to_wasmtime(const FuncType& type) {
  auto list = [](const std::vector<CoreType>& types) {
    wasm_valtype_vec_t out;
    wasm_valtype_vec_new_uninitialized(&out, types.size());
    for (std::size_t i = 0; i < types.size(); ++i) {
      wasm_valkind_t kind = WASM_I32;
      switch (types[i]) {
        case CoreType::i32:
          kind = WASM_I32;
          break;
        case CoreType::i64:
          kind = WASM_I64;
          break;
        case CoreType::f32:
          kind = WASM_F32;
          break;
        case CoreType::f64:
          kind = WASM_F64;
          break;
        case CoreType::externref:
          kind = WASM_EXTERNREF;
          break;
        case CoreType::funcref:
          kind = WASM_FUNCREF;
          break;
        case CoreType::v128:
          assert(false);
          break;  // no canonical function has one
      }
      out.data[i] = wasm_valtype_new(kind);
    }
    return out;
  };
  wasm_valtype_vec_t params = list(type.params);
  wasm_valtype_vec_t results = list(type.results);
  return wasm_functype_new(&params, &results);
}

Result<std::unique_ptr<HostFuncEntry>> define_in(wasmtime_linker_t* linker, std::string_view module,
                                                 std::string_view name, const HostFunc& func) {
  auto entry = std::make_unique<HostFuncEntry>(func.call, func.forward, func.env);
  wasm_functype_t* type = to_wasmtime(func.type);
  wasmtime_error_t* error = wasmtime_linker_define_func_unchecked(
      linker, module.data(), module.size(), name.data(), name.size(), type,
      func.call != nullptr ? HostFuncEntry::enter_call : HostFuncEntry::enter_forward, entry.get(), nullptr);
  wasm_functype_delete(type);
  if (error != nullptr) return std::unexpected(take_error(Errc::internal, error));
  return entry;
}

}  // namespace

HostFuncs::HostFuncs(const Engine& engine) : engine_(engine), linker_(wasmtime_linker_new(engine.raw())) {}

HostFuncs::~HostFuncs() {
  wasmtime_linker_delete(linker_);
}

Result<std::uint32_t> HostFuncs::define(const HostFunc& func) {
  TRY(auto entry, define_in(linker_, "", std::to_string(entries_.size()), func));
  entries_.push_back(std::move(entry));
  return static_cast<std::uint32_t>(entries_.size() - 1);
}

Result<void> HostFuncs::seal() {
  TRY(auto store, Store::create(engine_, {}, nullptr, nullptr));
  std::vector<std::uint32_t> order(entries_.size());
  weft_linker_order(linker_, store->context(), order.data(), order.size());
  places_.assign(entries_.size(), UINT32_MAX);
  for (std::uint32_t place = 0; place < order.size(); ++place) {
    if (order[place] >= places_.size() || places_[order[place]] != UINT32_MAX) {
      return fail(Errc::internal, "the engine's linker gave a function that was not defined");
    }
    places_[order[place]] = place;
  }
  return {};
}

void HostFuncs::get_all(Store& store, std::span<Extern> out) const {
  weft_linker_get_all(linker_, store.context(), reinterpret_cast<wasmtime_extern_t*>(out.data()), out.size());
}

InstancePre::~InstancePre() {
  if (prepared_ != nullptr) wasmtime_instance_pre_delete(prepared_);
}

Result<std::unique_ptr<const InstancePre>> InstancePre::create(const Engine& engine, const Module& module,
                                                               std::span<const HostFunc> imports) {
  std::unique_ptr<InstancePre> made(new InstancePre());
  const std::unique_ptr<wasmtime_linker_t, void (*)(wasmtime_linker_t*)> linker(wasmtime_linker_new(engine.raw()),
                                                                                &wasmtime_linker_delete);
  const std::vector<ModuleItem> wanted = module.imports();
  if (wanted.size() != imports.size()) return fail(Errc::internal, "a module has other imports than planned");
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    TRY(auto entry, define_in(linker.get(), wanted[i].module, wanted[i].name, imports[i]));
    made->entries_.push_back(std::move(entry));
  }
  if (auto* error = wasmtime_linker_instantiate_pre(linker.get(), module.raw(), &made->prepared_)) {
    return std::unexpected(take_error(Errc::internal, error));
  }
  return made;
}

}  // namespace weft::wasm
