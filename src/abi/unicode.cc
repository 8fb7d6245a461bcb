#include "abi/unicode.h"

#include <algorithm>
#include <cstring>

#include "abi/memory.h"
#include "abi/trap.h"

namespace weft::abi {
namespace {

constexpr std::uint64_t kNonAsciiBytes = 0x8080'8080'8080'8080;
constexpr std::uint64_t kNonAsciiUnits = 0xFF80'FF80'FF80'FF80;

[[noreturn]] void changed_while_read() {
  throw Trap("a string changed while it was passed");
}

// One decoder per encoding: `at` and `units` count code units; `next` returns a code point and moves on, or traps.

struct Utf8Decoder {
  const std::byte* data;
  std::uint32_t units;
  std::uint32_t at;

  bool done() const { return at >= units; }
  std::uint32_t ascii_run() const {
    std::uint32_t i = at;
    while (units - i >= 8 && (read_as<std::uint64_t>(data + i) & kNonAsciiBytes) == 0) i += 8;
    while (i < units && unit(i) < 0x80) ++i;
    return i - at;
  }
  std::uint8_t unit(std::uint32_t i) const { return static_cast<std::uint8_t>(data[i]); }

  [[gnu::always_inline]] char32_t next() {
    const char32_t lead = unit(at);
    if (lead < 0x80) return ++at, lead;
    const std::uint32_t left = units - at;
    if (lead >= 0xC2 && lead <= 0xDF && left >= 2 && is_tail(1)) {
      const char32_t c = (lead & 0x1F) << 6 | tail(1);
      at += 2;
      return c;
    }
    if ((lead & 0xF0) == 0xE0 && left >= 3 && is_tail(1) && is_tail(2)) {
      const char32_t c = (lead & 0x0F) << 12 | tail(1) << 6 | tail(2);
      // Neither overlong nor a surrogate.
      if (c >= 0x800 && (c < 0xD800 || c > 0xDFFF)) return at += 3, c;
    }
    if (lead >= 0xF0 && lead <= 0xF4 && left >= 4 && is_tail(1) && is_tail(2) && is_tail(3)) {
      const char32_t c = (lead & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3);
      if (c >= 0x1'0000 && c <= 0x10'FFFF) return at += 4, c;
    }
    invalid();
  }

 private:
  bool is_tail(std::uint32_t i) const { return (unit(at + i) & 0xC0) == 0x80; }
  char32_t tail(std::uint32_t i) const { return unit(at + i) & 0x3F; }

  // Tells text that stops within a code point from text that is wrong.
  [[noreturn, gnu::cold, gnu::noinline]] void invalid() const {
    const std::uint8_t lead = unit(at);
    const std::uint32_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    bool incomplete = lead >= 0xC2 && lead <= 0xF4 && units - at < length;
    for (std::uint32_t i = 1; i < units - at && incomplete; ++i) incomplete = is_tail(i);
    if (incomplete && units - at > 1) {
      // The second byte's range also excludes overlong forms, surrogates and what lies above U+10FFFF.
      const std::uint8_t second = unit(at + 1);
      incomplete = !(lead == 0xE0 && second < 0xA0) && !(lead == 0xED && second > 0x9F) &&
                   !(lead == 0xF0 && second < 0x90) && !(lead == 0xF4 && second > 0x8F);
    }
    throw Trap(incomplete ? "incomplete utf-8 byte sequence" : "invalid utf-8 sequence");
  }
};

struct Utf16Decoder {
  const std::byte* data;
  std::uint32_t units;
  std::uint32_t at;

  bool done() const { return at >= units; }
  std::uint32_t ascii_run() const {
    std::uint32_t i = at;
    while (units - i >= 4 && (read_as<std::uint64_t>(data + std::size_t{i} * 2) & kNonAsciiUnits) == 0) i += 4;
    while (i < units && unit(i) < 0x80) ++i;
    return i - at;
  }
  std::uint16_t unit(std::uint32_t i) const { return read_as<std::uint16_t>(data + std::size_t{i} * 2); }

  [[gnu::always_inline]] char32_t next() {
    const char32_t first = unit(at);
    if (first < 0xD800 || first > 0xDFFF) return ++at, first;
    if (first > 0xDBFF || units - at < 2) throw Trap("invalid utf-16: unpaired surrogate");
    const char32_t second = unit(at + 1);
    if (second < 0xDC00 || second > 0xDFFF) throw Trap("invalid utf-16: unpaired surrogate");
    at += 2;
    return 0x1'0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
  }
};

// ASCII is the one part it shares with Utf8Decoder.
struct Latin1Decoder : Utf8Decoder {
  [[gnu::always_inline]] char32_t next() { return unit(at++); }
};

auto with_decoder(const TextView& text, std::uint32_t from, const auto& use) {
  switch (text.encoding) {
    case SimpleEncoding::utf16:
      return use(Utf16Decoder{text.data, text.code_units, from});
    case SimpleEncoding::latin1:
      return use(Latin1Decoder{{text.data, text.code_units, from}});
    default:
      return use(Utf8Decoder{text.data, text.code_units, from});
  }
}

constexpr std::uint32_t utf8_length(char32_t c) {
  return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x1'0000 ? 3 : 4;
}

void put_utf8(char32_t c, std::byte* out) {
  const std::uint32_t length = utf8_length(c);
  if (length == 1) {
    out[0] = static_cast<std::byte>(c);
    return;
  }
  constexpr std::uint8_t kLeads[] = {0, 0, 0xC0, 0xE0, 0xF0};
  for (std::uint32_t i = length - 1; i > 0; --i, c >>= 6) out[i] = static_cast<std::byte>(0x80 | (c & 0x3F));
  out[0] = static_cast<std::byte>(kLeads[length] | c);
}

// Copies `count` ASCII code units of `In` as units of `Out`.
template <class Out, class In>
void copy_ascii(const std::byte* from, std::byte* to, std::size_t count) {
  if constexpr (sizeof(Out) == sizeof(In)) {
    std::memmove(to, from, count * sizeof(In));
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      write_as(to + i * sizeof(Out), static_cast<Out>(read_as<In>(from + i * sizeof(In))));
    }
  }
}

template <class Decoder>
using UnitOf = decltype(Decoder{}.unit(0));

}  // namespace

TextSize measure(const TextView& text) {
  return with_decoder(text, 0, [](auto decoder) {
    TextSize size;
    while (!decoder.done()) {
      const std::uint32_t run = decoder.ascii_run();
      decoder.at += run;
      size.utf8_bytes += run;
      while (!decoder.done()) {
        const char32_t c = decoder.next();
        size.utf8_bytes += utf8_length(c);
        size.is_latin1 &= c < 0x100;
        if (c < 0x80) break;
      }
    }
    return size;
  });
}

std::uint32_t ascii_prefix(const TextView& text) {
  return with_decoder(text, 0, [](const auto& decoder) { return decoder.ascii_run(); });
}

std::size_t write_utf8(const TextView& text, std::uint32_t from, std::span<std::byte> out) {
  return with_decoder(text, from, [&](auto decoder) {
    using Unit = UnitOf<decltype(decoder)>;
    std::size_t written = 0;
    while (!decoder.done()) {
      const std::uint32_t run = decoder.ascii_run();
      if (run > out.size() - written) changed_while_read();
      copy_ascii<std::uint8_t, Unit>(decoder.data + decoder.at * sizeof(Unit), out.data() + written, run);
      decoder.at += run;
      written += run;
      while (!decoder.done()) {
        const char32_t c = decoder.next();
        if (utf8_length(c) > out.size() - written) changed_while_read();
        put_utf8(c, out.data() + written);
        written += utf8_length(c);
        if (c < 0x80) break;
      }
    }
    return written;
  });
}

std::size_t write_utf16(const TextView& text, std::uint32_t from, std::span<std::byte> out) {
  return with_decoder(text, from, [&](auto decoder) {
    using Unit = UnitOf<decltype(decoder)>;
    std::size_t written = 0;
    const auto put = [&](char32_t unit) {
      if (out.size() - written < 2) changed_while_read();
      write_as(out.data() + written, static_cast<std::uint16_t>(unit));
      written += 2;
    };
    while (!decoder.done()) {
      const std::uint32_t run = decoder.ascii_run();
      if (run > (out.size() - written) / 2) changed_while_read();
      copy_ascii<std::uint16_t, Unit>(decoder.data + decoder.at * sizeof(Unit), out.data() + written, run);
      decoder.at += run;
      written += std::size_t{run} * 2;
      while (!decoder.done()) {
        const char32_t c = decoder.next();
        if (c < 0x1'0000) {
          put(c);
        } else {
          put(0xD800 + ((c - 0x1'0000) >> 10));
          put(0xDC00 + ((c - 0x1'0000) & 0x3FF));
        }
        if (c < 0x80) break;
      }
    }
    return written;
  });
}

std::size_t encode_utf8(char32_t code_point, std::span<std::byte, 4> out) {
  put_utf8(code_point, out.data());
  return utf8_length(code_point);
}

Latin1Prefix write_latin1(const TextView& text, std::span<std::byte> out) {
  return with_decoder(text, 0, [&](auto decoder) {
    using Unit = UnitOf<decltype(decoder)>;
    Latin1Prefix prefix;
    while (!decoder.done()) {
      const auto room = static_cast<std::uint32_t>(out.size() - prefix.code_points);
      const std::uint32_t run = std::min(decoder.ascii_run(), room);
      copy_ascii<std::uint8_t, Unit>(decoder.data + decoder.at * sizeof(Unit), out.data() + prefix.code_points, run);
      decoder.at += run;
      prefix.code_points += run;
      prefix.code_units = decoder.at;
      if (decoder.done() || prefix.code_points == out.size()) break;
      const char32_t c = decoder.next();
      if (c > 0xFF) break;
      out[prefix.code_points++] = static_cast<std::byte>(c);
      prefix.code_units = decoder.at;
    }
    return prefix;
  });
}

}  // namespace weft::abi
