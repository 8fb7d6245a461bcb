// Functions that the host gives to guests, and instances prepared with them.
//
// They are defined once, when a component is linked, and belong to no store: a store gets them all at once
// (HostFuncs), or has them bound into a module beforehand (InstancePre), when a module imports nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "abi/core_value.h"
#include "util/error.h"
#include "util/pinned.h"
#include "wasm/engine.h"
#include "wasm/handles.h"

struct wasmtime_linker;
struct wasmtime_instance_pre;

namespace weft::wasm {

class Store;

// `values` holds the arguments and takes the results, in place. Throw abi::Trap to trap; any exception becomes one.
using HostCallback = void (*)(void* env, Store& store, abi::CoreValue* values, std::size_t count);
// The core function of the store that the call goes on to. Throw abi::Trap to trap.
using ForwardTarget = const Func& (*)(void* env, Store& store);

// Exactly one of `call` and `forward` is given. A call that is forwarded is what the guest's own call of the target
// would be: traps keep their cause, and exceptions of the guest go through to its handlers.
struct HostFunc {
  FuncType type;
  HostCallback call = nullptr;
  ForwardTarget forward = nullptr;
  void* env = nullptr;  // outlives every store that uses the function
};

// Filled by one thread, then read by any.
class HostFuncs : Pinned {
 public:
  explicit HostFuncs(const Engine& engine);
  ~HostFuncs();

  // Adds a function and returns its index.
  Result<std::uint32_t> define(const HostFunc& func);
  Result<std::uint32_t> define(const FuncType& type, HostCallback call, void* env) {
    return define({.type = type, .call = call, .env = env});
  }
  // No more definitions follow: from now on get_all() may be called, by any thread.
  Result<void> seal();
  std::size_t size() const { return entries_.size(); }
  // All functions as items of `store`; function `index` is at place(index). REQUIRES: seal(), out.size() == size().
  void get_all(Store& store, std::span<Extern> out) const;
  std::uint32_t place(std::uint32_t index) const { return places_[index]; }

 private:
  const Engine& engine_;
  wasmtime_linker* linker_;
  std::vector<std::unique_ptr<struct HostFuncEntry>> entries_;
  std::vector<std::uint32_t> places_;  // by index
};

// A module bound to host functions: types are compared here, once, and making an instance of it makes nothing else.
// Thread-safe.
class InstancePre : Pinned {
 public:
  // `imports` are the module's, in order. Errc::internal if one is of another type.
  static Result<std::unique_ptr<const InstancePre>> create(const Engine& engine, const Module& module,
                                                           std::span<const HostFunc> imports);
  ~InstancePre();

  const wasmtime_instance_pre* raw() const { return prepared_; }

 private:
  InstancePre() = default;

  std::vector<std::unique_ptr<HostFuncEntry>> entries_;
  wasmtime_instance_pre* prepared_ = nullptr;
};

}  // namespace weft::wasm
