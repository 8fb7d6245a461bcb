#include "component/core_module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/test_binary.h"

namespace weft::component::test {
namespace {

using ::testing::HasSubstr;

Result<CoreModuleInterface> read(const std::string& module, CoreTypeStore& store) {
  const auto buffer = shared(module);
  return read_module_interface(*buffer, {0, module.size()}, store);
}

std::string error(const std::string& module) {
  CoreTypeStore store;
  const auto result = read(module, store);
  return result ? "" : result.error().message();
}

const std::string kFuncType = bytes({0x60, 1, 0x7f, 0});

TEST(CoreModule, yields_imports_and_exports_with_canonical_types) {
  CoreTypeStore store;
  const std::string module =
      core_module(section(1, vec({kFuncType, kFuncType})) + section(2, vec({name("env") + name("f") + bytes({0, 0})})) +
                  section(3, bytes({1, 1})) + section(5, bytes({1, 0x01, 1, 2})) +
                  section(6, bytes({1, 0x7f, 1, 0x41, 0x80, 0x7f, 0x0b})) +
                  section(7, vec({name("g") + bytes({0, 1}), name("m") + bytes({2, 0}), name("x") + bytes({3, 0})})));
  const auto result = read(module, store);
  ASSERT_TRUE(result) << result.error().message();
  ASSERT_EQ(result->imports.size(), 1U);
  ASSERT_EQ(result->exports.size(), 3U);
  EXPECT_EQ(result->imports[0].type, result->exports[0].type);
  EXPECT_EQ(std::get<CoreMemoryType>(result->exports[1].type).limits.max, 2U);
  EXPECT_TRUE(std::get<CoreGlobalType>(result->exports[2].type).is_mutable);
}

TEST(CoreModule, reads_flags_of_memories) {
  CoreTypeStore store;
  const auto result = read(core_module(section(5, vec({bytes({0x07, 1, 2}), bytes({0x08, 1, 0})})) +
                                       section(7, vec({name("a") + bytes({2, 0}), name("b") + bytes({2, 1})}))),
                           store);
  ASSERT_TRUE(result) << result.error().message();
  const auto& shared64 = std::get<CoreMemoryType>(result->exports[0].type);
  EXPECT_TRUE(shared64.limits.shared && shared64.limits.is64);
  EXPECT_EQ(std::get<CoreMemoryType>(result->exports[1].type).page_size_log2, 0);
}

TEST(CoreModule, skips_initialisers_of_globals_and_tables) {
  const std::string v128 = bytes({0x7b, 0, 0xfd, 12}) + std::string(16, '\x0b') + bytes({0x0b});
  const std::string extended = bytes({0x7f, 0, 0x41, 1, 0x41, 2, 0x6a, 0x0b});
  const std::string table = bytes({0x40, 0, 0x70, 0, 1, 0xd0, 0x70, 0x0b});
  EXPECT_EQ(error(core_module(section(4, vec({table})) + section(6, vec({v128, extended})))), "");
}

TEST(CoreModule, equal_recursion_groups_are_one_type) {
  CoreTypeStore store;
  // rec (sub (struct (ref null 0))) (func)
  const std::string group = bytes({0x4e, 2, 0x50, 0, 0x5f, 1, 0x63, 0, 0, 0x60, 0, 0});
  const std::string shifted = bytes({0x4e, 2, 0x50, 0, 0x5f, 1, 0x63, 2, 0, 0x60, 0, 0});
  const std::string other = bytes({0x4e, 2, 0x50, 0, 0x5f, 1, 0x63, 1, 0, 0x60, 0, 0});
  const auto first_func = [&](const std::vector<std::string>& groups, int index) {
    const auto result = read(core_module(section(1, vec(groups)) + section(3, bytes({1, index})) +
                                         section(7, vec({name("f") + bytes({0, 0})}))),
                             store);
    return result ? std::get<CoreFuncRef>(result->exports[0].type).type : UINT32_MAX;
  };
  const uint32_t id = first_func({group}, 1);
  EXPECT_NE(id, UINT32_MAX);
  EXPECT_EQ(first_func({group, shifted}, 3), id);
  EXPECT_NE(first_func({other}, 1), id);
}

TEST(CoreModule, refuses_what_it_cannot_trust) {
  EXPECT_THAT(error(component()), HasSubstr("expected a version header for a module"));
  EXPECT_THAT(error(core_module(section(3, bytes({1, 0})))), HasSubstr("type index out of bounds"));
  EXPECT_THAT(error(core_module(section(7, vec({name("f") + bytes({0, 0})})))), HasSubstr("index out of bounds"));
  EXPECT_THAT(error(core_module(section(3, bytes({0})) + section(1, bytes({0})))), HasSubstr("section out of order"));
  EXPECT_THAT(error(core_module(section(5, vec({bytes({0}) + leb(65537)})))), HasSubstr("memory size must be at most"));
  EXPECT_THAT(error(core_module(section(1, leb(5'000'000) + std::string(20'000'000, '\x60')))), HasSubstr("offset"));
}

TEST(CoreModule, two_level_import_names_are_unique) {
  const auto import_of = [](std::string_view module, std::string_view item) {
    return name(module) + name(item) + bytes({3, 0x7f, 0});
  };
  EXPECT_THAT(error(core_module(section(2, vec({import_of("a", "b"), import_of("a", "b")})))),
              HasSubstr("duplicate import name `a:b`"));
  EXPECT_EQ(error(core_module(section(2, vec({import_of("a:", "b"), import_of("a", ":b")})))), "");
}

TEST(CoreModule, matches_by_the_core_rules) {
  const CoreTypeStore store;
  const CoreMemoryType two_pages{.limits = {.min = 2, .max = 4}};
  const auto matches = [&](const CoreExternType& actual, const CoreExternType& expected) {
    return store.match(actual, expected).has_value();
  };
  EXPECT_TRUE(matches(two_pages, CoreMemoryType{.limits = {.min = 1}}));
  EXPECT_TRUE(matches(two_pages, CoreMemoryType{.limits = {.min = 2, .max = 4}}));
  EXPECT_FALSE(matches(two_pages, CoreMemoryType{.limits = {.min = 3}}));
  EXPECT_FALSE(matches(two_pages, CoreMemoryType{.limits = {.min = 1, .max = 3}}));
  EXPECT_FALSE(matches(two_pages, CoreMemoryType{.limits = {.min = 1, .is64 = true}}));
  const CoreGlobalType constant{.type = CoreValKind::i32};
  EXPECT_TRUE(matches(constant, constant));
  EXPECT_FALSE(matches(constant, CoreGlobalType{.type = CoreValKind::i32, .is_mutable = true}));
  EXPECT_FALSE(matches(constant, two_pages));
}

}  // namespace
}  // namespace weft::component::test
