#include "abi/strings.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "abi/testing/guest.h"

namespace weft::abi {
namespace {

using testing::Guest;

constexpr StringEncoding kEncodings[] = {StringEncoding::utf8, StringEncoding::utf16, StringEncoding::latin1_utf16};

// Slow and obvious: the other opinion.
namespace naive {

std::string utf8(const std::u32string& text) {
  std::string out;
  for (const char32_t c : text) {
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      out += static_cast<char>(0xC0 | c >> 6);
      tail(0);
    } else if (c < 0x10000) {
      out += static_cast<char>(0xE0 | c >> 12);
      tail(6), tail(0);
    } else {
      out += static_cast<char>(0xF0 | c >> 18);
      tail(12), tail(6), tail(0);
    }
  }
  return out;
}

std::string utf16(const std::u32string& text) {
  std::string out;
  const auto unit = [&](char32_t u) { out += static_cast<char>(u), out += static_cast<char>(u >> 8); };
  for (const char32_t c : text) {
    if (c < 0x10000) {
      unit(c);
    } else {
      unit(0xD800 + (c - 0x10000) / 0x400);
      unit(0xDC00 + (c - 0x10000) % 0x400);
    }
  }
  return out;
}

// Decodes by trying every code point that the bytes could stand for.
std::optional<std::u32string> decode_utf8(std::string_view bytes) {
  std::u32string text;
  while (!bytes.empty()) {
    bool found = false;
    for (std::size_t n = 1; n <= 4 && n <= bytes.size() && !found; ++n) {
      char32_t c = static_cast<unsigned char>(bytes[0]);
      if (n > 1) c &= 0x7Fu >> n;
      for (std::size_t i = 1; i < n; ++i) c = c << 6 | (static_cast<unsigned char>(bytes[i]) & 0x3F);
      if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) || utf8(std::u32string(1, c)) != bytes.substr(0, n)) continue;
      text += c;
      bytes.remove_prefix(n);
      found = true;
    }
    if (!found) return std::nullopt;
  }
  return text;
}

std::optional<std::u32string> decode_utf16(std::string_view bytes) {
  std::u32string text;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const auto unit = [&](std::size_t at) -> char32_t {
      return static_cast<unsigned char>(bytes[at]) | static_cast<char32_t>(static_cast<unsigned char>(bytes[at + 1]))
                                                         << 8;
    };
    const char32_t c = unit(i);
    if (c < 0xD800 || c >= 0xE000) {
      text += c;
    } else if (c < 0xDC00 && i + 2 < bytes.size() && unit(i + 2) >= 0xDC00 && unit(i + 2) < 0xE000) {
      text += 0x10000 + (c - 0xD800) * 0x400 + (unit(i + 2) - 0xDC00);
      i += 2;
    } else {
      return std::nullopt;
    }
  }
  return text;
}

}  // namespace naive

std::u32string random_text(std::mt19937& random) {
  static constexpr std::pair<char32_t, char32_t> kRanges[] = {{0, 0x7F},       {0x80, 0xFF},     {0x100, 0x7FF},
                                                              {0x800, 0xD7FF}, {0xE000, 0xFFFF}, {0x10000, 0x10FFFF}};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::size_t widest = 1 + below(6);
  std::u32string text(below(3) == 0 ? below(200) : below(12), U' ');
  for (char32_t& c : text) {
    const auto [low, high] = kRanges[below(3) == 0 ? below(widest) : 0];
    c = low + static_cast<char32_t>(below(high - low + 1));
  }
  return text;
}

bool is_latin1(const std::u32string& text) {
  return std::ranges::all_of(text, [](char32_t c) { return c < 0x100; });
}

// Puts the text into the guest; latin1+utf16 as Latin-1 where possible, unless `wide`.
PointerPair put(Guest& guest, StringEncoding encoding, const std::u32string& text, bool wide) {
  std::string bytes = encoding == StringEncoding::utf8 ? naive::utf8(text) : naive::utf16(text);
  auto length = static_cast<std::uint32_t>(bytes.size());
  if (encoding == StringEncoding::utf16) length /= 2;
  if (encoding == StringEncoding::latin1_utf16) {
    length = length / 2 | kUtf16Tag;
    if (!wide && is_latin1(text)) {
      bytes.assign(text.begin(), text.end());
      length = static_cast<std::uint32_t>(text.size());
    }
  }
  guest.put(512, bytes);
  return {512, length};
}

TEST(Strings, SurviveEveryPairOfEncodings) {
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    const std::u32string text = random_text(random);
    const bool wide = random() % 2 == 0;
    for (const StringEncoding from : kEncodings) {
      for (const StringEncoding to : kEncodings) {
        Guest a(from, 4096);
        Guest b(to, 4096);
        LiftContext lift = a.lift();
        LowerContext lower = b.lower();
        const PointerPair source = put(a, from, text, wide);
        ASSERT_EQ(load_string(lift, source), naive::utf8(text));
        const PointerPair moved = transfer_string(lift, lower, source);
        LiftContext back = b.lift();
        ASSERT_EQ(load_string(back, moved), naive::utf8(text)) << static_cast<int>(from) << static_cast<int>(to);
        ASSERT_EQ(load_string(back, store_string(lower, naive::utf8(text))), naive::utf8(text));
        if (to == StringEncoding::latin1_utf16) {
          ASSERT_EQ((moved.length & kUtf16Tag) == 0, is_latin1(text));
        }
      }
    }
  }
}

TEST(Strings, InvalidTextTrapsExactlyWhereItIsInvalid) {
  std::mt19937 random(2);
  int valid = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::u32string text = random_text(random);
    const bool utf8 = round % 2 == 0;
    std::string bytes = utf8 ? naive::utf8(text) : naive::utf16(text);
    for (std::size_t i = random() % 3; i > 0 && !bytes.empty(); --i) {
      char& byte = bytes[random() % bytes.size()];
      static constexpr unsigned char kHostile[] = {0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xE0,
                                                   0xED, 0xF0, 0xF4, 0xF5, 0xFF, 0xD8};
      byte = static_cast<char>(random() % 2 == 0 ? kHostile[random() % sizeof kHostile] : random());
    }
    if (utf8 && !bytes.empty() && random() % 4 == 0) bytes.pop_back();
    const auto expected = utf8 ? naive::decode_utf8(bytes) : naive::decode_utf16(bytes);
    valid += expected.has_value();
    Guest guest(utf8 ? StringEncoding::utf8 : StringEncoding::utf16, 4096);
    Guest other(utf8 ? StringEncoding::utf16 : StringEncoding::utf8, 4096);
    guest.put(512, bytes);
    LiftContext cx = guest.lift();
    LowerContext to = other.lower();
    const PointerPair source{512, static_cast<std::uint32_t>(bytes.size() / (utf8 ? 1 : 2))};
    if (expected) {
      ASSERT_EQ(load_string(cx, source), naive::utf8(*expected));
    } else {
      ASSERT_THROW(load_string(cx, source), Trap);
      ASSERT_THROW(transfer_string(cx, to, source), Trap);
      ASSERT_TRUE(other.calls.empty());
    }
  }
  EXPECT_GT(valid, 2000);
  EXPECT_LT(valid, 18'000);
}

std::string trap_of(Guest& guest, PointerPair string) {
  LiftContext cx = guest.lift();
  try {
    load_string(cx, string);
  } catch (const Trap& trap) {
    return trap.message();
  }
  return "no trap";
}

TEST(Strings, NameWhatIsWrong) {
  Guest utf8(StringEncoding::utf8, 4096);
  utf8.put(0, "\xFF\xC3");
  EXPECT_EQ(trap_of(utf8, {0, 1}), "invalid utf-8 sequence");
  EXPECT_EQ(trap_of(utf8, {1, 1}), "incomplete utf-8 byte sequence");
  EXPECT_EQ(trap_of(utf8, {4095, 2}), "string pointer/length out of bounds of memory");
  EXPECT_EQ(trap_of(utf8, {0xdeadbeef, 0}), "string pointer/length out of bounds of memory");
  EXPECT_EQ(trap_of(utf8, {4096, 0}), "no trap");
  EXPECT_EQ(trap_of(utf8, {0, UINT32_MAX}), "string pointer/length out of bounds of memory");
  Guest utf16(StringEncoding::utf16, 4096);
  EXPECT_EQ(trap_of(utf16, {1, 0}), "string pointer is not aligned");
  EXPECT_EQ(trap_of(utf16, {0, UINT32_MAX}), "string pointer/length out of bounds of memory");
  utf16.put(0, std::string_view("\x00\xDC", 2));
  EXPECT_EQ(trap_of(utf16, {0, 1}), "invalid utf-16: unpaired surrogate");
}

// The string that makes the destination take the longest way: ASCII, then Latin-1, then beyond.
const std::u32string kHardText = U"ab\u00E9\u00FFc\u4E2D\U0001F600";

// Makes one call of realloc answer `wrong`, each call in turn, and expects a trap.
void expect_traps_at_every_call(StringEncoding from, StringEncoding to, std::uint32_t wrong, bool odd_only) {
  for (const bool narrow : {false, true}) {
    for (std::size_t call = 0; call < 3; ++call) {
      Guest a(from, 4096);
      Guest b(to, 4096);
      std::uint32_t align = 0;
      b.hostile = [&](Guest::Call c) {
        if (b.calls.size() != call + 1) return b.allocate(c);
        align = c.align;
        return wrong;
      };
      LiftContext lift = a.lift();
      LowerContext lower = b.lower();
      const PointerPair source = put(a, from, narrow ? U"ab\u00E9" : kHardText, true);
      bool trapped = false;
      try {
        transfer_string(lift, lower, source);
      } catch (const Trap&) {
        trapped = true;
      }
      const bool reached = b.calls.size() == call + 1 && align != 0;
      if (reached && !(odd_only && align == 1)) {
        EXPECT_TRUE(trapped) << static_cast<int>(from) << static_cast<int>(to) << call;
      }
    }
  }
}

TEST(Strings, WhatReallocReturnsIsCheckedAfterEveryCall) {
  for (const StringEncoding from : kEncodings) {
    for (const StringEncoding to : kEncodings) {
      expect_traps_at_every_call(from, to, UINT32_MAX - 1, false);
      expect_traps_at_every_call(from, to, 4095 + 3, false);
      expect_traps_at_every_call(from, to, 4095, false);
      expect_traps_at_every_call(from, to, 513, true);
    }
  }
}

// Both sides share a memory and realloc answers with any place in it: the outcome is the guest's own problem, as long
// as nothing outside is touched.
TEST(Strings, OverlappingMemoryIsHarmless) {
  std::mt19937 random(3);
  for (int round = 0; round < 20'000; ++round) {
    Guest guest(kEncodings[random() % 3], 2048);
    Guest host(kEncodings[random() % 3], 64);
    guest.hostile = [&](Guest::Call call) {
      if (random() % 8 == 0) guest.move();
      return static_cast<std::uint32_t>(random() % 1024) & ~(call.align - 1);
    };
    LowerContext lower = guest.lower();
    lower.string_encoding = kEncodings[random() % 3];
    LiftContext lift = guest.lift();
    lift.string_encoding = kEncodings[random() % 3];
    const PointerPair source = put(guest, lift.string_encoding, random_text(random), random() % 2 == 0);
    try {
      transfer_string(lift, lower, source);
    } catch (const Trap&) {
    }
  }
}

TEST(Strings, OfTheHostMustBeValid) {
  Guest guest;
  LowerContext cx = guest.lower();
  EXPECT_THROW(store_string(cx, "\xC3"), Trap);
  EXPECT_TRUE(guest.calls.empty());
}

TEST(Strings, WithoutReallocTrap) {
  Guest guest;
  LowerContext cx = guest.lower();
  cx.realloc = {};
  EXPECT_THROW(store_string(cx, ""), Trap);
}

}  // namespace
}  // namespace weft::abi
