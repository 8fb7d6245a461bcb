// The host functions and resources that components can import, by interface.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "bind/thunk.h"
#include "component/linked.h"

namespace weft::bind {

// One interface in one version track. Filled at start, read only afterwards.
class Interface {
 public:
  // A resource type T, exported as T::resource_name.
  template <class T>
  Interface& resource() {
    resources_.emplace(T::resource_name, &resource_type<T>());
    return *this;
  }
  // A resource type exported under another name than its own.
  template <class T>
  Interface& resource(std::string_view name) {
    resources_.emplace(name, &resource_type<T>());
    return *this;
  }
  // A function; the signature of Fn, a plain function taking Host first, is its WIT type.
  template <auto Fn>
  Interface& func(std::string_view name) {
    static_assert(!is_eventual<typename Signature<decltype(Fn)>::Returned>, "its type must say that it may wait");
    return add<Fn, FuncKind::sync>(name);
  }
  // One whose type is `async func`. Fn may return an Eventual.
  template <auto Fn>
  Interface& async_func(std::string_view name) {
    return add<Fn, FuncKind::async>(name);
  }

 private:
  friend class Registry;
  template <auto Fn, FuncKind Kind>
  Interface& add(std::string_view name) {
    functions_.emplace(name, Function{&thunk<Fn>, &check<Fn, Kind>, &wit<Fn, Kind>});
    return *this;
  }
  struct Function {
    void (*call)(const void*, component::HostCall&, abi::CoreValue*);
    bool (*check)(const abi::FuncType&, const ResourceTypes&);
    std::string (*wit)(const abi::FuncType& labels);
  };
  std::map<std::string, const component::HostResourceType*, std::less<>> resources_;
  std::map<std::string, Function, std::less<>> functions_;
};

// Filled by the services at start; thread-safe once read only.
class Registry final : public component::HostLinker {
 public:
  // The interface `name`, whose version stands for its whole track: "wasi:io/poll@0.2.0" serves every 0.2.x.
  Interface& interface(std::string_view name);

  bool offers(std::string_view interface) const override;
  const component::HostResourceType* resource(std::string_view interface, std::string_view name) const override;
  Result<component::HostBinding> bind(const component::HostFunc& func, const ResourceTypes& resources) const override;
  // The tracks of all interfaces (import_track.h).
  std::vector<std::string_view> tracks() const;

 private:
  std::map<std::string, Interface, std::less<>> interfaces_;  // by import_track
};

}  // namespace weft::bind
