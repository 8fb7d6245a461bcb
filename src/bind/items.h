// Stream<T> of more than bytes: elements that the host gives to a guest one by one.
#pragma once

#include <optional>

#include "bind/ends.h"

namespace weft::bind {

// Elements lowered in one copy, whatever room the guest has: the loop has others to serve.
inline constexpr std::uint32_t max_items_at_once = 256;

// A stream that the host writes. Its next element is always there, unless it says otherwise.
template <class T>
class ItemSource : public task::HostEnd {
 public:
  using Ref = boost::intrusive_ptr<ItemSource>;
  ItemSource() : HostEnd(Copies::on_fiber) {}
  // None: there are no more, and it is not asked again. Asked while ready().
  virtual std::optional<T> next() = 0;
  // Nobody reads it any more. Not called after the last one.
  virtual void cancel() = 0;

  bool ready() const override { return true; }
  bool copy(task::Buffer& guest) final {
    abi::LowerContext cx = guest.lower_context();
    Lower to{cx, resources_of(*cx.async_values)};
    for (std::uint32_t i = 0; i < max_items_at_once && guest.remain() > 0 && ready(); ++i) {
      std::optional<T> item = next();
      if (!item) return false;
      Abi<T>::lower(to, abi::MemorySink{cx.memory, guest.ptr()}, *std::move(item), guest.element());
      guest.advance(1);
    }
    return true;
  }
  void let_go(task::LetGo) final { cancel(); }
};

template <class T>
class Stream : public ReadableEnd {
 public:
  Stream() = default;
  explicit Stream(ItemSource<T>::Ref writer) : ReadableEnd(std::move(writer)) {}
};

template <class T>
struct Abi<Stream<T>> {
  static std::string wit() { return "stream<" + Abi<T>::wit() + ">"; }
  static bool check(TypeRef type, const ResourceTypes& resources) {
    return type->kind == abi::Kind::stream && type->element != nullptr && Abi<T>::check(type->element, resources);
  }
  static void lower(Lower& lower, auto to, Stream<T> value, TypeRef type) {
    to.write(std::move(value).lower(lower, type));
  }
};

}  // namespace weft::bind
