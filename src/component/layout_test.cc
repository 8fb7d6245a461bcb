#include "component/layout.h"

#include <gtest/gtest.h>

#include "component/canon_types.h"
#include "component/type_arena.h"

namespace weft::component {
namespace {

class Layout : public ::testing::Test {
 protected:
  const ValueType* prim(PrimValType type) { return arena_.primitive(type); }
  const ValueType* pair(const ValueType* a, const ValueType* b) { return arena_.add(RecordType{{{"a", a}, {"b", b}}}); }

  TypeArena arena_;
};

TEST_F(Layout, records_are_padded_to_their_alignment) {
  const ValueType* type = pair(prim(PrimValType::u8), prim(PrimValType::u64));
  EXPECT_EQ(type->size64, 16U);
  EXPECT_EQ(type->align64, 8U);
  EXPECT_EQ(arena_.add(TupleType{{type, prim(PrimValType::u8)}})->size64, 24U);
}

TEST_F(Layout, pointers_count_with_64_bits) {
  EXPECT_EQ(prim(PrimValType::string)->size64, 16U);
  EXPECT_EQ(arena_.add(ListType{prim(PrimValType::u8), std::nullopt})->size64, 16U);
  EXPECT_EQ(arena_.add(ListType{prim(PrimValType::u16), 3})->size64, 6U);
}

TEST_F(Layout, variants_join_their_cases) {
  const ValueType* type = arena_.add(VariantType{{{"a", prim(PrimValType::f32)}, {"b", prim(PrimValType::u32)}}});
  EXPECT_EQ(type->size64, 8U);
  ASSERT_EQ(type->flat.count, 2);
  EXPECT_EQ(type->flat.types[1], CoreValKind::i32);
  const ValueType* wide = arena_.add(ResultType{prim(PrimValType::f64), prim(PrimValType::f32)});
  EXPECT_EQ(wide->flat.types[1], CoreValKind::i64);
  const ValueType* longer = arena_.add(ResultType{prim(PrimValType::u8), prim(PrimValType::string)});
  EXPECT_EQ(longer->flat.count, 3);
}

TEST_F(Layout, doubling_records_saturate_at_once) {
  const ValueType* type = prim(PrimValType::u64);
  for (int i = 0; i < 150; ++i) type = pair(type, type);
  EXPECT_GE(type->size64, kMaxValueSize);
  EXPECT_TRUE(type->flat.overflow());
}

TEST_F(Layout, lists_of_doubling_records_stay_small) {
  const ValueType* type = prim(PrimValType::u64);
  for (int i = 0; i < 60; ++i) {
    const ValueType* list = arena_.add(ListType{type, std::nullopt});
    type = pair(list, list);
  }
  EXPECT_EQ(type->size64, 32U);
  EXPECT_EQ(type->flat.count, 4);
}

TEST_F(Layout, equal_types_have_equal_structure_numbers_and_distinct_nodes) {
  const ValueType* a = pair(prim(PrimValType::u8), prim(PrimValType::u8));
  const ValueType* b = pair(prim(PrimValType::u8), prim(PrimValType::u8));
  EXPECT_NE(a, b);
  EXPECT_EQ(a->structure, b->structure);
  EXPECT_NE(a->structure, pair(prim(PrimValType::u8), prim(PrimValType::s8))->structure);
  const ResourceType* r = arena_.add_resource(arena_.fresh_resource());
  const ResourceType* s = arena_.add_resource(arena_.fresh_resource());
  EXPECT_EQ(arena_.add(OwnType{r})->structure, arena_.add(OwnType{arena_.alias(r)})->structure);
  EXPECT_NE(arena_.add(OwnType{r})->structure, arena_.add(OwnType{s})->structure);
}

TEST_F(Layout, functions_flatten_as_the_canonical_abi_says) {
  using Types = std::vector<CoreValType>;
  FuncType func;
  for (int i = 0; i < 5; ++i) func.params.push_back({"p", prim(PrimValType::u32)});
  func.result = prim(PrimValType::string);
  const CoreValType i32 = CoreValKind::i32;
  const CoreFuncType lift = flatten_functype(func, {}, CanonContext::lift);
  EXPECT_EQ(lift.params, Types(5, i32));
  EXPECT_EQ(lift.results, Types{i32});
  const CoreFuncType lower = flatten_functype(func, {}, CanonContext::lower);
  EXPECT_EQ(lower.params, Types(6, i32));
  EXPECT_TRUE(lower.results.empty());
  const CoreFuncType async_lower = flatten_functype(func, {.async = true}, CanonContext::lower);
  EXPECT_EQ(async_lower.params, Types(2, i32));
  EXPECT_EQ(async_lower.results, Types{i32});
  EXPECT_TRUE(flatten_functype(func, {.async = true}, CanonContext::lift).results.empty());
  EXPECT_EQ(flatten_functype(func, {.async = true, .callback = true}, CanonContext::lift).results, Types{i32});
}

}  // namespace
}  // namespace weft::component
