// Elements of a stream or future in a guest's memory, on their way to or from it (CanonicalABI.md "Buffer State").
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "abi/context.h"
#include "abi/type.h"

namespace weft::task {

inline constexpr std::uint32_t max_buffer_length = (std::uint32_t{1} << 28) - 1;

// The canonical options that reading and writing elements needs. All of it outlives the buffer.
struct BufferContext {
  abi::ComponentInstance* instance = nullptr;
  const abi::LinearMemory* memory = nullptr;
  abi::Realloc realloc;
  abi::StringEncoding string_encoding = abi::StringEncoding::utf8;
  abi::AsyncValues* async_values = nullptr;
};

class Buffer {
 public:
  Buffer() = default;
  // `element` is null where there is nothing to copy. Traps unless the range is sound.
  Buffer(const BufferContext& context, abi::TypeRef element, std::uint32_t ptr, std::uint32_t length);

  abi::ComponentInstance* instance() const { return context_.instance; }
  std::uint32_t progress() const { return progress_; }
  std::uint32_t remain() const { return length_ - progress_; }
  bool is_zero_length() const { return length_ == 0; }

  // Moves as many elements as both have room for. Reading may move handles out of a guest, writing may call its
  // realloc.
  static void copy(Buffer& from, Buffer& to);

  // ---- for the host's side ----

  // What remains, valid until the guest runs again. REQUIRES: elements of one byte.
  std::span<std::byte> bytes() const;
  void advance(std::uint32_t elements);
  // To lift elements from it, or lower some into it, from ptr() on.
  abi::LiftContext lift_context() const;
  abi::LowerContext lower_context() const;
  std::uint32_t ptr() const { return ptr_; }
  abi::TypeRef element() const { return element_; }

 private:
  std::uint32_t element_size() const;

  BufferContext context_;
  abi::TypeRef element_ = nullptr;
  std::uint32_t ptr_ = 0;
  std::uint32_t length_ = 0;
  std::uint32_t progress_ = 0;
};

}  // namespace weft::task
