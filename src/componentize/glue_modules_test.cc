#include "componentize/glue_modules.h"

#include <gtest/gtest.h>

#include "component/core_shape.h"

namespace weft::componentize {
namespace {

using component::CoreFuncType;
using component::CoreValKind;

std::vector<CoreFuncType> types(std::size_t count) {
  std::vector<CoreFuncType> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    const CoreValKind kinds[] = {CoreValKind::i32, CoreValKind::i64, CoreValKind::f32, CoreValKind::f64};
    for (std::size_t param = 0; param < i % 5; ++param) out[i].params.emplace_back(kinds[(i + param) % 4]);
    if (i % 2 == 0) out[i].results.emplace_back(kinds[i % 4]);
  }
  return out;
}

// What bypass.h leaves out is known by its code, so that the forms here must be just those.
TEST(GlueModules, AShimAndItsFixupAreKnownAsSuch) {
  // Beyond 63 and 127 numbers take another byte.
  for (const std::size_t count : {1u, 46u, 70u, 200u}) {
    const auto all = types(count);
    const auto shim = component::read_shim(shim_module(all));
    const auto fixup = component::read_fixup(fixup_module(all));
    ASSERT_TRUE(shim && fixup) << count;
    EXPECT_EQ(shim->table, shim_table);
    EXPECT_EQ(shim->slots, count);
    ASSERT_EQ(shim->funcs.size(), count);
    ASSERT_EQ(fixup->elements.size(), count);
    EXPECT_EQ(fixup->table, count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto& func = shim->funcs.find(std::to_string(i))->second;
      EXPECT_EQ(func.slot, i);
      EXPECT_EQ(func.type, all[i]);
      EXPECT_EQ(fixup->elements[i].type, all[i]);
      EXPECT_EQ(fixup->elements[i].import, i);
    }
  }
}

TEST(GlueModules, AStartModuleIsACallAndARunModuleCanWait) {
  EXPECT_TRUE(component::is_start_call(start_module()));
  EXPECT_TRUE(component::is_inert(run_module()));
  EXPECT_FALSE(component::has_start(run_module()));
}

}  // namespace
}  // namespace weft::componentize
