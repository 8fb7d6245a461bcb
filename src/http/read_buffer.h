// Bytes received and not yet used.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace weft::http {

// Unlike a string it leaves new room uninitialized and can be without memory while a connection is idle.
class ReadBuffer {
 public:
  std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  // Leaves room that was prepared where it is: bytes may be used while more are on their way.
  void consume(std::size_t count) { begin_ += count; }
  // Room for `count` more bytes, to be filled and committed. Invalidates view().
  std::span<char> prepare(std::size_t count) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (capacity_ - end_ < count) make_room(count);
    return {bytes_.get() + end_, count};
  }
  void commit(std::size_t count) { end_ += count; }
  std::size_t capacity() const { return capacity_; }
  // Gives the memory back. REQUIRES: nothing is unused.
  void release() {
    bytes_.reset();
    capacity_ = begin_ = end_ = 0;
  }

 private:
  void make_room(std::size_t count) {
    const std::size_t size = end_ - begin_;
    if (capacity_ < size + count) {
      // By a factor, so that bytes which come one by one are not moved for each.
      const std::size_t capacity = std::max(size + count, capacity_ + capacity_ / 2);
      auto larger = std::make_unique_for_overwrite<char[]>(capacity);
      if (size != 0) std::memcpy(larger.get(), bytes_.get() + begin_, size);
      bytes_ = std::move(larger);
      capacity_ = capacity;
    } else {
      std::memmove(bytes_.get(), bytes_.get() + begin_, size);
    }
    begin_ = 0;
    end_ = size;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace weft::http
