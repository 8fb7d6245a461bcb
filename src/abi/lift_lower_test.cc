#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>

#include "abi/lift.h"
#include "abi/lower.h"
#include "abi/testing/guest.h"
#include "abi/testing/notation.h"
#include "abi/transfer.h"

namespace weft::abi {
namespace {

using testing::Guest;
using testing::parse_type;
using testing::parse_value;

std::string trap_of(const auto& action) {
  try {
    action();
  } catch (const Trap& trap) {
    return trap.message();
  }
  return "no trap";
}

class LiftLower : public ::testing::Test {
 protected:
  TypeRef type(const char* text) { return parse_type(types_, text); }

  Value lift(const char* text, std::initializer_list<std::uint64_t> bits) {
    std::vector<CoreValue> core;
    for (const std::uint64_t b : bits) core.emplace_back().set_i64(b);
    LiftContext cx = guest_.lift();
    CoreValueIter values(core);
    return lift_flat_values(cx, kMaxFlatParams, values, type(text));
  }
  std::string lift_trap(const char* text, std::initializer_list<std::uint64_t> bits) {
    return trap_of([&] { lift(text, bits); });
  }
  std::string lower_trap(const char* text, const Value& value) {
    LowerContext cx = guest_.lower();
    std::array<CoreValue, 16> out;
    return trap_of([&] { lower_flat_values(cx, kMaxFlatParams, value, type(text), out); });
  }

  TypeTable types_;
  Guest guest_;
};

TEST_F(LiftLower, NormalisesWhatCoreValuesMayHoldBesides) {
  EXPECT_EQ(lift("bool", {0xFFFF'FF00}), Value(true));
  EXPECT_EQ(lift("u8", {0x1FF}), Value(std::uint8_t{0xFF}));
  EXPECT_EQ(lift("s8", {0x1FF}), Value(std::int8_t{-1}));
  EXPECT_EQ(lift("s16", {0xABCD'8000}), Value(std::numeric_limits<std::int16_t>::min()));
  EXPECT_EQ(lift("u32", {0xFFFF'FFFF'0000'0001}), Value(std::uint32_t{1}));
  EXPECT_EQ(lift("flags#3", {0xFF}), Value(Flags{7}));
  EXPECT_EQ(lift("flags#32", {0xFFFF'FFFF}), Value(Flags{0xFFFF'FFFF}));
}

TEST_F(LiftLower, SignedValuesFillTheirCoreTypeOnly) {
  LowerContext cx = guest_.lower();
  CoreValue out;
  lower_flat(cx, Value(std::int8_t{-1}), type("s8"), {&out, 1});
  EXPECT_EQ(out.i64(), 0xFFFF'FFFFu);
  lower_flat(cx, Value(std::int64_t{-1}), type("s64"), {&out, 1});
  EXPECT_EQ(out.i64(), UINT64_MAX);
}

TEST_F(LiftLower, NansBecomeCanonicalInBothDirections) {
  const Value f32 = lift("f32", {0xFFA0'0001});
  EXPECT_EQ(std::bit_cast<std::uint32_t>(*f32.as<float>()), kCanonicalFloat32Nan);
  LowerContext cx = guest_.lower();
  CoreValue out;
  lower_flat(cx, Value(std::bit_cast<double>(0xFFF0'0000'0000'0001)), type("f64"), {&out, 1});
  EXPECT_EQ(out.i64(), kCanonicalFloat64Nan);

  const auto bits = std::to_array<std::uint32_t>({0x7F80'0001, 0x3F80'0000, 0xFF80'0000, 0xFFFF'FFFF});
  std::memcpy(guest_.at(512), bits.data(), sizeof bits);
  const Value list = lift("list<f32>", {512, 4});
  EXPECT_EQ(list, parse_value(type("list<f32>"), "[x7fc00000,x3f800000,xff800000,x7fc00000]"));
}

TEST_F(LiftLower, InfinitiesAndTheSmallestNansAreToldApart) {
  EXPECT_EQ(canonicalize_nan32(0x7F80'0000), 0x7F80'0000u);
  EXPECT_EQ(canonicalize_nan32(0x7F80'0001), kCanonicalFloat32Nan);
  EXPECT_EQ(canonicalize_nan64(0xFFF0'0000'0000'0000), 0xFFF0'0000'0000'0000u);
  EXPECT_EQ(canonicalize_nan64(0xFFF0'0000'0000'0001), kCanonicalFloat64Nan);
}

TEST_F(LiftLower, NamesWhatIsWrong) {
  for (const std::uint64_t bad : {0xD800u, 0xDFFFu, 0x11'0000u, 0xFFFF'FFFFu}) {
    EXPECT_EQ(lift_trap("char", {bad}), "invalid `char` bit pattern");
  }
  EXPECT_EQ(lift_trap("char", {0xE000}), "no trap");
  EXPECT_EQ(lift_trap("variant { a, b(u32) }", {2, 0}), "invalid variant discriminant");
  EXPECT_EQ(lift_trap("enum#3", {256}), "invalid variant discriminant");
  EXPECT_EQ(lift_trap("result<_, string>", {0xFFFF'FFFF, 0, 0}), "invalid variant discriminant");
  EXPECT_EQ(lift_trap("list<u32>", {2, 0}), "list pointer is not aligned");
  EXPECT_EQ(lift_trap("list<u32>", {65536, 0}), "no trap");
  EXPECT_EQ(lift_trap("list<u32>", {65540, 0}), "list pointer/length out of bounds of memory");
  EXPECT_EQ(lift_trap("list<u32>", {65532, 2}), "list pointer/length out of bounds of memory");
  EXPECT_EQ(lift_trap("list<u64>", {8, 0x2000'0001}), "list pointer/length out of bounds of memory");
  EXPECT_EQ(lift_trap("list<u32, 17>", {2}), "pointer not aligned");
  EXPECT_EQ(lift_trap("list<u32, 17>", {65536 - 64}), "pointer out of bounds of memory");
  EXPECT_EQ(lift_trap("list<u32, 17>", {65536 - 68}), "no trap");
  EXPECT_EQ(lift_trap("own<0>", {1}), "unknown handle index 1");
  EXPECT_EQ(lift_trap("stream<u8>", {1}), "a handle is passed where none can be");
}

TEST_F(LiftLower, CharsInListsAreChecked) {
  const auto chars = std::to_array<std::uint32_t>({'a', 0xDC00, 'b'});
  std::memcpy(guest_.at(512), chars.data(), sizeof chars);
  EXPECT_EQ(lift_trap("list<char>", {512, 1}), "no trap");
  EXPECT_EQ(lift_trap("list<char>", {512, 2}), "invalid `char` bit pattern");
}

TEST_F(LiftLower, AShortListThatNamesMuchMemoryIsBounded) {
  Guest guest(StringEncoding::utf8, 1 << 20);
  std::memset(guest.at(0), 'x', 1 << 20);
  // 1000 strings of 1 MB each, all the same one.
  for (std::uint32_t i = 0; i < 1000; ++i) {
    write_as<std::uint32_t>(guest.at(8 * i), 16'000);
    write_as<std::uint32_t>(guest.at(8 * i + 4), 1'000'000);
  }
  LiftContext cx = guest.lift();
  CoreValue core[2];
  core[0].set_i32(0);
  core[1].set_i32(1000);
  CoreValueIter values(core);
  EXPECT_EQ(trap_of([&] { lift_flat(cx, values, type("list<string>")); }), "a call passes more data than its limit");
  EXPECT_GT(cx.budget, 0u);

  for (const char* elements : {"list<string>", "list<list<u8>>"}) {
    Guest other(StringEncoding::utf8, 1 << 20);
    other.hostile = [](Guest::Call) { return 0u; };
    LiftContext from = guest.lift();
    LowerContext to = other.lower();
    prepare_transfer(from, to);
    from.budget = 10'000'000;
    values = CoreValueIter(core);
    std::array<CoreValue, 2> out;
    EXPECT_EQ(trap_of([&] { transfer_flat_values(from, 16, values, type(elements), to, 16, out, type(elements)); }),
              "a call passes more data than its limit");
    EXPECT_LE(other.calls.size(), 12u);
  }
}

TEST_F(LiftLower, ManySmallElementsAreChargedForTheirHostSize) {
  Guest guest(StringEncoding::utf8, 8 << 20);
  LiftContext cx = guest.lift();
  std::memset(guest.at(0), 0, guest.size());
  CoreValue core[2];
  core[0].set_i32(0);
  core[1].set_i32(8 << 20);
  CoreValueIter values(core);
  EXPECT_EQ(trap_of([&] { lift_flat(cx, values, type("list<enum#2>")); }), "a call passes more data than its limit");
}

TEST_F(LiftLower, ReallocOfListsIsChecked) {
  const Value pair = parse_value(type("list<u32>"), "[1,2]");
  const Value empty = parse_value(type("list<u32>"), "[]");
  std::uint32_t answer = UINT32_MAX;
  guest_.hostile = [&](Guest::Call) { return answer; };
  EXPECT_EQ(lower_trap("list<u8>", parse_value(type("list<u8>"), "[]")), "realloc return: beyond end of memory");
  answer = 65540;
  EXPECT_EQ(lower_trap("list<u32>", empty), "realloc return: beyond end of memory");
  answer = 65532;
  EXPECT_EQ(lower_trap("list<u32>", pair), "realloc return: beyond end of memory");
  answer = 6;
  EXPECT_EQ(lower_trap("list<u32>", pair), "realloc return: result not aligned");
  answer = 65528;
  EXPECT_EQ(lower_trap("list<u32>", pair), "no trap");
  EXPECT_EQ(read_as<std::uint64_t>(guest_.at(65528)), 0x2'0000'0001u);
}

TEST_F(LiftLower, TheGuestMayNotCallOutWhileItsReallocRuns) {
  bool may_leave = true;
  guest_.hostile = [&](Guest::Call call) {
    may_leave = guest_.inst.may_leave;
    return guest_.allocate(call);
  };
  EXPECT_EQ(lower_trap("string", std::string("x")), "no trap");
  EXPECT_FALSE(may_leave);
  EXPECT_TRUE(guest_.inst.may_leave);
}

TEST_F(LiftLower, ATrapInReallocPassesThrough) {
  guest_.hostile = [](Guest::Call) -> std::uint32_t { throw Trap("unreachable"); };
  EXPECT_EQ(lower_trap("string", std::string("x")), "unreachable");
}

TEST_F(LiftLower, AValueOfAnotherTypeTrapsInsteadOfBeingMisread) {
  const char* const kTypes[] = {
      "bool",     "u8",           "f64",         "char",      "string",        "list<u8>",
      "list<s8>", "list<string>", "list<u8, 2>", "tuple<u8>", "tuple<u8, u8>", "option<u8>",
      "enum#2",   "flags#2",      "own<0>",      "borrow<0>", "own<1>",        "result<_, string>"};
  const char* const kValues[] = {"1",   "1",      "x0000000000000000",
                                 "1",   "\"\"",   "[1]",
                                 "[1]", "[\"\"]", "[1,2]",
                                 "(1)", "(1,2)",  "1(2)",
                                 "1",   "1",      "1",
                                 "1",   "1",      "1(\"\")"};
  for (std::size_t t = 0; t < std::size(kTypes); ++t) {
    for (std::size_t v = 0; v < std::size(kTypes); ++v) {
      const std::string trap = lower_trap(kTypes[t], parse_value(type(kTypes[v]), kValues[v]));
      const bool same_shape = t == v || (std::string_view(kTypes[t]) == "list<u8>" && v == 8);
      if (same_shape) {
        EXPECT_EQ(trap, "no trap") << kTypes[t] << " " << kTypes[v];
      } else {
        EXPECT_TRUE(trap.starts_with("a value is not of its type")) << kTypes[t] << " " << kTypes[v] << ": " << trap;
      }
    }
  }
}

TEST_F(LiftLower, TooFewCoreValuesTrap) {
  EXPECT_NE(lift_trap("u32", {}), "no trap");
  EXPECT_NE(lift_trap("tuple<u32, string>", {1, 2}), "no trap");
  EXPECT_NE(lift_trap("list<u32, 17>", {}), "no trap");
  LowerContext cx = guest_.lower();
  EXPECT_THROW(lower_flat(cx, Value(std::uint32_t{1}), type("u32"), {}), Trap);
}

TEST_F(LiftLower, FunctionsWithoutParametersUseNothing) {
  const FuncTypeRef func = *types_.func({}, nullptr);
  CoreValueIter values;
  LiftContext cx = guest_.lift();
  EXPECT_EQ(lift_flat_values(cx, kMaxFlatParams, values, func->params), Value(Record{}));
}

TEST_F(LiftLower, PaddingIsLeftAlone) {
  LowerContext cx = guest_.lower();
  store(cx, parse_value(type("tuple<u8, u32>"), "(1,2)"), type("tuple<u8, u32>"), 256);
  EXPECT_EQ(read_as<std::uint64_t>(guest_.at(256)), 0x0000'0002'AAAA'AA01u);
  EXPECT_THROW(store(cx, Value(std::uint32_t{1}), type("u32"), 258), Trap);
  EXPECT_THROW(store(cx, Value(std::uint32_t{1}), type("u32"), 65536), Trap);
}

TEST_F(LiftLower, TransferUsesTheMessagesOfComponentCalls) {
  Guest other;
  LiftContext from = guest_.lift();
  LowerContext to = other.lower();
  prepare_transfer(from, to);
  const auto transfer = [&](const char* text, std::uint32_t ptr, std::uint32_t length) {
    CoreValue core[2];
    core[0].set_i32(ptr);
    core[1].set_i32(length);
    CoreValueIter values(core);
    std::array<CoreValue, 2> out;
    return trap_of([&] { transfer_flat_values(from, 16, values, type(text), to, 16, out, type(text)); });
  };
  EXPECT_EQ(transfer("list<u32>", 2, 0), "unaligned pointer");
  EXPECT_EQ(transfer("list<u32>", 65536, 1), "list content out-of-bounds");
  EXPECT_EQ(transfer("string", 65536, 1), "string content out-of-bounds");
  other.hostile = [](Guest::Call) { return UINT32_MAX; };
  EXPECT_EQ(transfer("list<u8>", 0, 0), "list content out-of-bounds");
  EXPECT_EQ(transfer("list<u32>", 0, 0), "unaligned pointer");
  EXPECT_EQ(transfer("string", 0, 0), "string content out-of-bounds");
}

TEST_F(LiftLower, HandlesMoveBetweenTables) {
  Guest other;
  lower_own(guest_.inst.handles, ResourceIndex{0}, 42);
  lower_own(guest_.inst.handles, ResourceIndex{1}, 43);
  LiftContext from = guest_.lift();
  LowerContext to = other.lower();
  prepare_transfer(from, to);
  // The two sides know the resource by different numbers.
  const TypeRef source = type("tuple<own<0>, borrow<1>>");
  const TypeRef target = type("tuple<own<1>, borrow<0>>");
  CoreValue core[2];
  core[0].set_i32(1);
  core[1].set_i32(2);
  CoreValueIter values(core);
  std::array<CoreValue, 2> out;
  EXPECT_EQ(transfer_flat_values(from, 16, values, source, to, 16, out, target), 2u);
  EXPECT_EQ(resource_rep(other.inst, ResourceIndex{1}, out[0].i32()), 42u);
  EXPECT_EQ(resource_rep(other.inst, ResourceIndex{0}, out[1].i32()), 43u);
  EXPECT_EQ(other.borrows.num_borrows, 1u);
  EXPECT_EQ(guest_.inst.handles.size(), 1u);
  EXPECT_THROW(lift_own(guest_.inst.handles, ResourceIndex{1}, 2), Trap);  // lent
}

// Counts what passes through it.
class Objects final : public AsyncValues {
 public:
  void* lift(ComponentInstance& inst, TypeRef, std::uint32_t index) override {
    HandleEntry& entry = inst.handles.get(index, EntryKind::readable_stream_end);
    void* object = entry.object;
    inst.handles.remove(index);
    return object;
  }
  std::uint32_t lower(ComponentInstance& inst, TypeRef, void* object) override {
    return inst.handles.add({.kind = EntryKind::readable_stream_end, .object = object});
  }
};

TEST_F(LiftLower, StreamsAreLeftToTheAsyncLayer) {
  Guest other;
  Objects objects;
  int object = 0;
  EXPECT_EQ(objects.lower(guest_.inst, nullptr, &object), 1u);
  LiftContext from = guest_.lift();
  LowerContext to = other.lower();
  from.async_values = to.async_values = &objects;
  CoreValue core[1];
  core[0].set_i32(1);
  CoreValueIter values(core);
  std::array<CoreValue, 1> out;
  transfer_flat_values(from, 16, values, type("stream<u8>"), to, 16, out, type("stream<u8>"));
  LiftContext back = other.lift();
  back.async_values = &objects;
  CoreValueIter results(out);
  EXPECT_EQ(lift_flat(back, results, type("stream<u8>")), Value(AsyncValue{Kind::stream, &object}));
  EXPECT_EQ(guest_.inst.handles.size() + other.inst.handles.size(), 0u);
}

}  // namespace
}  // namespace weft::abi
