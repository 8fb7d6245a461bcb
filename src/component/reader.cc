#include "component/reader.h"

#include "util/utf8.h"

namespace weft::component {

Error error_at(Errc code, size_t offset, std::string_view message) {
  return Error(code, cat("offset ", hex(offset), ": ", message));
}

void Reader::fail_at(size_t offset, std::string_view message, Errc code) {
  if (ok()) state_->error.emplace(error_at(code, offset, message));
  pos_ = end_;
}

bool Reader::count() {
  if (ok() && state_->items_left == 0) fail("too many definitions or list entries", Errc::limit);
  if (!ok()) return false;
  --state_->items_left;
  return true;
}

void Reader::bad_byte(uint8_t value, std::string_view what) {
  fail_at(pos_ == 0 ? 0 : pos_ - 1, cat("invalid leading byte (", hex(value), ") for ", what));
}

uint8_t Reader::byte() {
  if (pos_ == end_) {
    fail("unexpected end-of-file");
    return 0;
  }
  return static_cast<uint8_t>(bytes_[pos_++]);
}

uint8_t Reader::peek() {
  if (pos_ == end_) {
    fail("unexpected end-of-file");
    return 0;
  }
  return static_cast<uint8_t>(bytes_[pos_]);
}

// LEB128 of the core specification: at most ceil(bits/7) bytes, and the unused bits of the last byte are zero (or,
// if signed, copies of the sign bit).
uint64_t Reader::leb(unsigned bits, bool is_signed) {
  const size_t start = pos_;
  uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const uint8_t b = byte();
    if (!ok()) return 0;
    const uint64_t payload = b & 0x7f;
    value |= payload << shift;
    const unsigned left = bits - shift;
    if (left <= 7) {
      if ((b & 0x80) != 0) {
        fail_at(start, "integer representation too long");
        return 0;
      }
      if (left < 7) {
        const uint64_t mask = 0x7f & ~((uint64_t{1} << left) - 1);
        const uint64_t extra = payload & mask;
        const bool negative = is_signed && ((payload >> (left - 1)) & 1) != 0;
        if (extra != (negative ? mask : 0)) {
          fail_at(start, "integer too large");
          return 0;
        }
      }
    }
    if ((b & 0x80) != 0) continue;
    if (is_signed && (payload & 0x40) != 0 && shift + 7 < 64) value |= ~uint64_t{0} << (shift + 7);
    return value;
  }
}

uint32_t Reader::u32() {
  return static_cast<uint32_t>(leb(32, false));
}
uint64_t Reader::u64() {
  return leb(64, false);
}
int64_t Reader::s33() {
  return static_cast<int64_t>(leb(33, true));
}
void Reader::skip_leb(unsigned bits) {
  leb(bits, true);
}

void Reader::skip(size_t n) {
  if (n > remaining()) return fail_at(end_, "unexpected end-of-file");
  pos_ += n;
}

std::string Reader::name() {
  const uint32_t size = u32();
  if (!ok()) return {};
  if (size > remaining()) {
    fail_at(end_, "unexpected end-of-file");
    return {};
  }
  std::string text(reinterpret_cast<const char*>(bytes_.data() + pos_), size);
  if (!is_utf8(text)) {
    fail("malformed UTF-8 encoding");
    return {};
  }
  pos_ += size;
  return text;
}

void Reader::expect(uint8_t value, std::string_view what) {
  const uint8_t b = byte();
  if (ok() && b != value) bad_byte(b, what);
}

Reader Reader::take(size_t n) {
  if (n > remaining()) {
    fail_at(end_, "unexpected end-of-file");
    return Reader(bytes_, end_, end_, *state_);
  }
  Reader sub(bytes_, pos_, pos_ + n, *state_);
  pos_ += n;
  return sub;
}

void Reader::finish(std::string_view what) {
  if (ok() && !at_end()) fail(cat("section size mismatch: unexpected data at the end of ", what));
}

}  // namespace weft::component
