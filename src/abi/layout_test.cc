#include "abi/layout.h"

#include <gtest/gtest.h>

#include <fstream>

#include "abi/testing/notation.h"
#include "abi/type_table.h"

namespace weft::abi {
namespace {

using testing::parse_type;

constexpr Layout record_of(std::initializer_list<Layout> fields) {
  RecordLayout record;
  for (const Layout field : fields) record.add(field);
  return record.layout();
}
constexpr FlatTypes repeated(CoreType type, std::uint32_t times) {
  FlatTypes flat;
  flat.append(FlatTypes(type), times);
  return flat;
}

// The bindings use the functions at compile time.
static_assert(record_of({{1, 1}, {8, 8}, {2, 2}}) == Layout{24, 8});
static_assert(discriminant_size(256) == 1 && discriminant_size(257) == 2 && discriminant_size(65536) == 2 &&
              discriminant_size(65537) == 4);
static_assert(flags_layout(8) == Layout{1, 1} && flags_layout(9) == Layout{2, 2} && flags_layout(17) == Layout{4, 4});
static_assert(join(CoreType::i32, CoreType::f32) == CoreType::i32 &&
              join(CoreType::f32, CoreType::f64) == CoreType::i64);
static_assert(repeated(CoreType::f32, 5).count() == 5 && repeated(CoreType::f32, UINT32_MAX).count() == UINT32_MAX);

TEST(Layout, SaturatesInsteadOfOverflowing) {
  Layout layout{kSaturatedSize, 8};
  EXPECT_EQ(fixed_list_layout(layout, UINT32_MAX).size, kSaturatedSize);
  EXPECT_EQ(record_of({layout, layout}).size, kSaturatedSize);
  VariantLayout variant(2);
  variant.add_payload(layout);
  EXPECT_EQ(variant.layout().size, kSaturatedSize);
}

TEST(FlatTypes, CountsBeyondWhatItKeeps) {
  FlatTypes flat = repeated(CoreType::i64, 16);
  flat.append(repeated(CoreType::f32, 100), 1000);
  EXPECT_EQ(flat.count(), 100'016u);
  EXPECT_EQ(flat[15], CoreType::i64);
  EXPECT_EQ(flat[16], CoreType::f32);
}

TEST(TypeTable, MakesEqualTypesOneObject) {
  TypeTable types;
  const TypeRef u32 = types.primitive(Kind::u32);
  EXPECT_EQ(types.list(u32), types.list(u32));
  EXPECT_EQ(types.record({{"a", u32}}), types.record({{"a", u32}}));
  EXPECT_NE(types.record({{"a", u32}}), types.record({{"b", u32}}));
  EXPECT_NE(types.record({{"0", u32}}), types.tuple({u32}));
  EXPECT_NE(types.list(u32), types.fixed_list(u32, 1));
  EXPECT_NE(types.own(ResourceIndex{1}), types.own(ResourceIndex{2}));
  EXPECT_NE(types.own(ResourceIndex{1}), types.borrow(ResourceIndex{1}));
  EXPECT_NE(types.stream(nullptr), types.future(nullptr));
  EXPECT_EQ(*types.func({{"x", u32}}, u32), *types.func({{"x", u32}}, u32));
  EXPECT_NE(*types.func({{"x", u32}}, u32), *types.func({{"x", u32}}, u32, true));
  EXPECT_NE(*types.func({{"x", u32}}, u32), *types.func({{"y", u32}}, u32));
}

TEST(TypeTable, KnowsWhatATypeContains) {
  TypeTable types;
  const auto type = [&](const char* text) { return parse_type(types, text); };
  EXPECT_TRUE(type("tuple<u8, option<string>>")->contains_pointer);
  EXPECT_FALSE(type("tuple<u8, list<u8, 4>>")->contains_pointer);
  EXPECT_FALSE(type("stream<string>")->contains_pointer);
  EXPECT_TRUE(type("list<result<_, own<0>>>")->contains_handle);
  EXPECT_FALSE(type("list<own<0>>")->contains_borrow);
  EXPECT_TRUE(type("map<u8, borrow<0>>")->contains_borrow);
  EXPECT_TRUE(type("option<future>")->contains_async_value);
  EXPECT_TRUE(type("list<error-context>")->contains_async_value);
  EXPECT_EQ(type("list<list<u8>>")->depth, 3u);
}

TEST(TypeTable, KnowsWhatIsCopiedAsBytes) {
  TypeTable types;
  const auto bulk = [&](const char* text) { return parse_type(types, text)->is_bulk; };
  EXPECT_TRUE(bulk("u8"));
  EXPECT_TRUE(bulk("tuple<u32, s16, u16>"));
  EXPECT_TRUE(bulk("list<flags#16, 3>"));
  EXPECT_FALSE(bulk("tuple<u32, s16>"));  // padding stays as it is
  EXPECT_FALSE(bulk("tuple<u32, f32>"));
  EXPECT_FALSE(bulk("bool"));
  EXPECT_FALSE(bulk("flags#15"));
  EXPECT_FALSE(bulk("own<0>"));
}

TEST(TypeTable, RefusesTypesThatCannotBePassed) {
  TypeTable types;
  const TypeRef u8 = types.primitive(Kind::u8);
  const auto code = [](TypeRef type) {
    const auto checked = TypeTable::check(type);
    return checked ? Errc::internal : checked.error().code();
  };
  EXPECT_EQ(code(types.fixed_list(u8, (1 << 28) - 1)), Errc::internal);
  EXPECT_EQ(code(types.fixed_list(u8, 1 << 28)), Errc::limit);
  EXPECT_EQ(code(types.fixed_list(types.fixed_list(u8, UINT32_MAX), UINT32_MAX)), Errc::limit);
  EXPECT_EQ(code(types.record({})), Errc::invalid);
  EXPECT_EQ(code(types.variant({})), Errc::invalid);
  EXPECT_EQ(code(types.flags(std::vector<std::string>(33, "x"))), Errc::invalid);
  EXPECT_EQ(code(types.list(types.fixed_list(u8, 0))), Errc::invalid);
  TypeRef nested = u8;
  for (std::uint32_t i = 1; i < kMaxTypeDepth; ++i) nested = types.option(nested);
  EXPECT_EQ(code(nested), Errc::internal);
  EXPECT_EQ(code(types.option(nested)), Errc::limit);
  EXPECT_FALSE(types.func({{"x", types.list(types.record({}))}}, nullptr));
  EXPECT_TRUE(types.func({}, nullptr));
}

// Doubling at each level: the work must not follow the size of the tree.
TEST(TypeTable, StaysSmallOnTypesThatStandForHugeTrees) {
  TypeTable types;
  TypeRef type = types.primitive(Kind::u64);
  const std::size_t before = types.size();
  for (int i = 0; i < 64; ++i) type = types.tuple({type, type});
  EXPECT_EQ(types.size(), before + 64);
  EXPECT_EQ(type->elem_size(), kSaturatedSize);
  EXPECT_EQ(type->flat.count(), UINT32_MAX);
  EXPECT_LT(to_string(type).size(), 10'000u);
}

std::string letters(const CoreSignature& signature) {
  std::string text;
  for (const FlatTypes* flat : {&signature.params, &signature.results}) {
    for (std::uint32_t i = 0; i < flat->count(); ++i) text += "ilfd"[static_cast<int>((*flat)[i])];
    if (flat == &signature.params) text += '>';
  }
  return text;
}

TEST(FuncType, HasTheCoreSignaturesOfTheSpecification) {
  TypeTable types;
  std::ifstream file(WEFT_ABI_SIGNATURES);
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    SCOPED_TRACE(line);
    std::vector<std::string> parts;
    for (std::size_t at = 0, bar = 0; bar != std::string::npos; at = bar + 1) {
      bar = line.find('|', at);
      parts.push_back(line.substr(at, bar - at));
    }
    std::vector<Field> params;
    for (std::size_t at = 0, end = 0; !parts[0].empty() && end != std::string::npos; at = end + 1) {
      end = parts[0].find(';', at);
      params.push_back({"p" + std::to_string(at), parse_type(types, parts[0].substr(at, end - at))});
    }
    const auto func = types.func(params, parts[1].empty() ? nullptr : parse_type(types, parts[1]));
    ASSERT_TRUE(func);
    EXPECT_EQ(letters((*func)->lift), parts[2]);
    EXPECT_EQ(letters((*func)->lift_callback), parts[3]);
    EXPECT_EQ(letters((*func)->lift_stackful), parts[4]);
    EXPECT_EQ(letters((*func)->lower), parts[5]);
    EXPECT_EQ(letters((*func)->lower_async), parts[6]);
  }
  EXPECT_GE(lines, 100);
}

}  // namespace
}  // namespace weft::abi
