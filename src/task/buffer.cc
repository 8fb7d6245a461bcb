#include "task/buffer.h"

#include "abi/transfer.h"
#include "abi/trap.h"

namespace weft::task {

Buffer::Buffer(const BufferContext& context, abi::TypeRef element, std::uint32_t ptr, std::uint32_t length)
    : context_(context), element_(element), ptr_(ptr), length_(length) {
  if (length > max_buffer_length) throw abi::Trap("a buffer of a stream has too many elements");
  if (element == nullptr || length == 0) return;
  if (context.memory == nullptr) throw abi::Trap("elements need memory but the function has none");
  abi::checked_range(*context.memory, ptr, length, element->elem_size(), element->alignment(), abi::kHostWording.list);
}

std::uint32_t Buffer::element_size() const {
  return element_ == nullptr ? 0 : static_cast<std::uint32_t>(element_->elem_size());
}

void Buffer::advance(std::uint32_t elements) {
  ptr_ += elements * element_size();
  progress_ += elements;
}

abi::LiftContext Buffer::lift_context() const {
  return {.memory = context_.memory,
          .string_encoding = context_.string_encoding,
          .inst = context_.instance,
          .async_values = context_.async_values};
}

abi::LowerContext Buffer::lower_context() const {
  return {.memory = context_.memory,
          .realloc = context_.realloc,
          .string_encoding = context_.string_encoding,
          .inst = context_.instance,
          .async_values = context_.async_values};
}

std::span<std::byte> Buffer::bytes() const {
  return remain() == 0 ? std::span<std::byte>() : std::span(context_.memory->base + ptr_, remain());
}

void Buffer::copy(Buffer& from, Buffer& to) {
  const std::uint32_t count = std::min(from.remain(), to.remain());
  if (from.element_ != nullptr) {
    abi::LiftContext lift = from.lift_context();
    abi::LowerContext lower = to.lower_context();
    abi::prepare_transfer(lift, lower);
    abi::transfer_elements(lift, from.ptr_, *from.element_, lower, to.ptr_, *to.element_, count);
  }
  from.advance(count);
  to.advance(count);
}

}  // namespace weft::task
