// A cursor over untrusted bytes, for the component decoder and the core-module reader.
//
// Errors are sticky: the first failure is kept in a shared slot, and from then on every read yields zero and ok() is
// false. So decoding functions are plain expressions and loops are `for (i = 0; i < n && r.ok(); ++i)`: a count
// larger than the input ends at the input's end and nothing is ever reserved by it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "component/text.h"
#include "util/error.h"

namespace weft::component {

// "offset 0x1f: message".
Error error_at(Errc code, size_t offset, std::string_view message);

class Reader {
 public:
  // Shared by a reader and those taken from it.
  struct State {
    std::optional<Error> error;  // the first failure
    uint32_t items_left;         // list entries that may still be read: an entry of a byte becomes a struct
  };

  // Reads bytes [begin, end) of `bytes`; offsets in messages are indices into `bytes`. Both arguments outlive it.
  Reader(std::span<const std::byte> bytes, size_t begin, size_t end, State& state)
      : bytes_(bytes), pos_(begin), end_(end), state_(&state) {}

  bool ok() const { return !state_->error.has_value(); }
  // Counts one entry of a list; false on any failure, and with Errc::limit when there are too many in all.
  bool count();
  size_t offset() const { return pos_; }
  size_t end() const { return end_; }
  bool at_end() const { return pos_ == end_; }
  size_t remaining() const { return end_ - pos_; }

  uint8_t byte();
  uint8_t peek();  // fails at the end
  uint32_t u32();  // LEB128
  uint64_t u64();
  int64_t s33();
  std::string name();  // vec(byte), UTF-8
  void skip(size_t n);
  void skip_leb(unsigned bits);  // any LEB128 of at most `bits` bits
  void expect(uint8_t value, std::string_view what);

  // The next `n` bytes as a reader of their own, and moves beyond them.
  Reader take(size_t n);
  // Fails if bytes are left over.
  void finish(std::string_view what);

  // Records the first failure. The second form: "invalid leading byte (0x7) for WHAT" at the last byte read.
  void fail(std::string_view message, Errc code = Errc::invalid) { fail_at(pos_, message, code); }
  void fail_at(size_t offset, std::string_view message, Errc code = Errc::invalid);
  void bad_byte(uint8_t value, std::string_view what);

 private:
  uint64_t leb(unsigned bits, bool is_signed);

  std::span<const std::byte> bytes_;
  size_t pos_;
  size_t end_;
  State* state_;
};

}  // namespace weft::component
