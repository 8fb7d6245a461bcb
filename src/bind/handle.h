// Host resources in host function signatures.
#pragma once

#include <memory>

#include "component/linked.h"
#include "host/resource_table.h"

namespace weft::bind {

// own<T>: the host function receives or gives away the object. T derives from host::Resource.
template <class T>
using Own = std::unique_ptr<T>;

// borrow<T>: the object stays the guest's; valid until the host function returns, also across waits in it.
template <class T>
class Borrow {
 public:
  explicit Borrow(T& object) : object_(&object) {}
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }

 private:
  T* object_;
};

// The one resource type that stands for T; its address is its identity.
template <class T>
const component::HostResourceType& resource_type() {
  static const component::HostResourceType type{T::resource_name};
  return type;
}

}  // namespace weft::bind
