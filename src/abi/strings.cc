#include "abi/strings.h"

#include <algorithm>
#include <cstring>

namespace weft::abi {
namespace {

// A checked string in a guest's memory or the host's. `view` reads the memory's base again.
struct Source {
  const LinearMemory* memory = nullptr;  // nullptr: `host` is the start
  const std::byte* host = nullptr;
  std::uint32_t ptr = 0;
  SimpleEncoding encoding = SimpleEncoding::utf8;
  bool from_latin1_utf16 = false;  // the encoding was chosen string by string
  std::uint32_t code_units = 0;

  TextView view() const { return {encoding, memory == nullptr ? host : memory->base + ptr, code_units}; }
};

Source source_of(LiftContext& cx, PointerPair string) {
  Source source{.memory = cx.memory, .ptr = string.ptr, .code_units = string.length};
  std::uint32_t alignment = 2;
  switch (cx.string_encoding) {
    case StringEncoding::utf8:
      alignment = 1;
      break;
    case StringEncoding::utf16:
      source.encoding = SimpleEncoding::utf16;
      break;
    case StringEncoding::latin1_utf16:
      source.from_latin1_utf16 = true;
      source.encoding = (string.length & kUtf16Tag) != 0 ? SimpleEncoding::utf16 : SimpleEncoding::latin1;
      source.code_units = string.length & ~kUtf16Tag;
      break;
  }
  if (cx.memory == nullptr) throw Trap("a string needs memory but the function has none");
  const std::uint64_t bytes = source.view().byte_length();
  checked_range(*cx.memory, string.ptr, bytes, 1, alignment, cx.wording->string);
  if (bytes > kMaxStringByteLength) throw Trap(cx.wording->string.out_of_bounds);
  return source;
}

// One string on its way into a guest: the memory obtained so far.
class Destination {
 public:
  Destination(LowerContext& cx, std::uint32_t alignment, std::uint64_t size)
      : cx_(cx), memory_(cx.allocate(alignment, narrow(size), cx.wording->string_realloc)), size_(narrow(size)) {}

  void reallocate(std::uint32_t alignment, std::uint64_t size) {
    memory_ = cx_.reallocate(memory_.ptr, size_, alignment, narrow(size), cx_.wording->string_realloc);
    size_ = narrow(size);
  }
  // For encodings that may need fewer bytes than were allocated.
  void shrink(std::uint32_t alignment, std::uint64_t size) {
    if (size < size_) reallocate(alignment, size);
  }
  std::byte* data() const { return memory_.at; }
  std::span<std::byte> from(std::size_t offset) const { return std::span(memory_.at, size_).subspan(offset); }
  PointerPair done(std::uint64_t length) const { return {memory_.ptr, static_cast<std::uint32_t>(length)}; }

 private:
  // Sizes are at most three bytes for each of kMaxStringByteLength code units.
  static std::uint32_t narrow(std::uint64_t size) { return static_cast<std::uint32_t>(size); }

  LowerContext& cx_;
  Allocation memory_;
  std::uint32_t size_;
};

PointerPair store_copy(LowerContext& cx, const Source& source, std::uint32_t alignment) {
  const std::uint64_t size = source.view().byte_length();
  const Destination destination(cx, alignment, size);
  if (size != 0) std::memmove(destination.data(), source.view().data, size);
  return destination.done(source.code_units);
}

PointerPair store_latin1_to_utf16(LowerContext& cx, const Source& source) {
  const Destination destination(cx, 2, std::uint64_t{source.code_units} * 2);
  write_utf16(source.view(), 0, destination.from(0));
  return destination.done(source.code_units);
}

PointerPair store_to_utf8(LowerContext& cx, const Source& source) {
  const std::uint32_t units = source.code_units;
  Destination destination(cx, 1, units);
  const std::uint32_t ascii = ascii_prefix(source.view());
  write_utf8({source.encoding, source.view().data, ascii}, 0, destination.from(0));
  if (ascii == units) return destination.done(units);
  destination.reallocate(1, std::uint64_t{units} * (source.encoding == SimpleEncoding::utf16 ? 3 : 2));
  const std::size_t length = ascii + write_utf8(source.view(), ascii, destination.from(ascii));
  destination.shrink(1, length);
  return destination.done(length);
}

PointerPair store_utf8_to_utf16(LowerContext& cx, const Source& source) {
  Destination destination(cx, 2, std::uint64_t{source.code_units} * 2);
  const std::size_t length = write_utf16(source.view(), 0, destination.from(0));
  destination.shrink(2, length);
  return destination.done(length / 2);
}

PointerPair store_to_latin1_or_utf16(LowerContext& cx, const Source& source) {
  const std::uint32_t units = source.code_units;
  Destination destination(cx, 2, units);
  const Latin1Prefix prefix = write_latin1(source.view(), destination.from(0));
  const std::size_t inflated = std::size_t{prefix.code_points} * 2;
  if (prefix.code_units == units) {
    destination.shrink(2, prefix.code_points);
    return destination.done(prefix.code_points);
  }
  destination.reallocate(2, std::uint64_t{units} * 2);
  std::byte* const at = destination.data();
  for (std::uint32_t i = prefix.code_points; i-- > 0;) {
    at[std::size_t{i} * 2] = at[i];
    at[std::size_t{i} * 2 + 1] = std::byte{0};
  }
  const std::size_t length = inflated + write_utf16(source.view(), prefix.code_units, destination.from(inflated));
  destination.shrink(2, length);
  return destination.done(length / 2 | kUtf16Tag);
}

PointerPair store_probably_utf16(LowerContext& cx, const Source& source, bool is_latin1) {
  const std::uint32_t units = source.code_units;
  Destination destination(cx, 2, std::uint64_t{units} * 2);
  if (units != 0) std::memmove(destination.data(), source.view().data, std::size_t{units} * 2);
  if (!is_latin1) return destination.done(units | kUtf16Tag);
  std::byte* const at = destination.data();
  for (std::uint32_t i = 0; i < units; ++i) at[i] = at[std::size_t{i} * 2];
  destination.reallocate(1, units);
  return destination.done(units);
}

PointerPair store(LowerContext& cx, const Source& source, const TextSize& size) {
  switch (cx.string_encoding) {
    case StringEncoding::utf8:
      return source.encoding == SimpleEncoding::utf8 ? store_copy(cx, source, 1) : store_to_utf8(cx, source);
    case StringEncoding::utf16:
      switch (source.encoding) {
        case SimpleEncoding::utf8:
          return store_utf8_to_utf16(cx, source);
        case SimpleEncoding::utf16:
          return store_copy(cx, source, 2);
        case SimpleEncoding::latin1:
          return store_latin1_to_utf16(cx, source);
      }
      break;
    case StringEncoding::latin1_utf16:
      if (source.encoding == SimpleEncoding::latin1) return store_copy(cx, source, 2);
      if (source.from_latin1_utf16) return store_probably_utf16(cx, source, size.is_latin1);
      return store_to_latin1_or_utf16(cx, source);
  }
  throw Trap("unknown string encoding");
}

}  // namespace

std::string load_string(LiftContext& cx, PointerPair string) {
  const Source source = source_of(cx, string);
  const std::uint64_t size = measure(source.view()).utf8_bytes;
  cx.charge(size);
  if (source.encoding == SimpleEncoding::utf8) {
    return std::string(reinterpret_cast<const char*>(source.view().data), size);
  }
  std::string text(size, '\0');
  text.resize(write_utf8(source.view(), 0, std::as_writable_bytes(std::span(text))));
  return text;
}

PointerPair store_string(LowerContext& cx, std::string_view string) {
  if (string.size() > kMaxStringByteLength) throw Trap("string is too long");
  const Source source{.host = reinterpret_cast<const std::byte*>(string.data()),
                      .code_units = static_cast<std::uint32_t>(string.size())};
  return store(cx, source, measure(source.view()));
}

PointerPair transfer_string(LiftContext& from, LowerContext& to, PointerPair string) {
  const Source source = source_of(from, string);
  from.charge(source.view().byte_length());
  return store(to, source, measure(source.view()));
}

}  // namespace weft::abi
