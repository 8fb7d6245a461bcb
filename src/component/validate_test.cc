#include "component/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "component/test_binary.h"

namespace weft::component::test {
namespace {

using ::testing::HasSubstr;

const std::string kFunc = bytes({0x40, 0, 1, 0});      // (func)
const std::string kResource = bytes({0x3f, 0x7f, 0});  // (resource (rep i32))
const std::string kSubResource = bytes({3, 1});        // (type (sub resource))
std::string eq(int index) {
  return bytes({3, 0, index});
}
std::string type_idx(int index) {
  return bytes({3, index});
}
std::string returns(int type) {
  return bytes({0x40, 0, 0, type});
}
std::string record_of(int type) {
  return bytes({0x72, 1}) + name("x") + bytes({type});
}
std::string instantiate(int index, const std::vector<std::string>& args) {
  return bytes({0, index}) + vec(args);
}
std::string nested(const std::string& sections) {
  return section(4, component(sections));
}

TEST(Validate, an_empty_component_is_valid) {
  EXPECT_EQ(error_of(component()), "");
}

TEST(Validate, yields_imports_exports_and_index_spaces) {
  const auto decoded = decode(
      shared(component(types({kFunc, bytes({0x73})}) + imports({import("f", bytes({1, 0})), import("t", eq(1))}) +
                       exports({export_of("g", bytes({1, 0}))}))));
  ASSERT_TRUE(decoded);
  const auto valid = validate(**decoded);
  ASSERT_TRUE(valid) << valid.error().message();
  ASSERT_EQ(valid->type->imports.size(), 2U);
  const auto* func = std::get_if<const FuncType*>(valid->type->imports.find("f"));
  ASSERT_NE(func, nullptr);
  EXPECT_EQ(*valid->type->exports.find("g"), ExternType(*func));
  const IndexSpaces& spaces = valid->index_spaces.at(decoded->get());
  EXPECT_EQ(spaces.types.size(), 3U);
  EXPECT_EQ(spaces.funcs, (std::vector<const FuncType*>{*func, *func}));
  const auto* renamed = std::get<const ValueType*>(spaces.types[2]);
  EXPECT_EQ(renamed->alias_of, std::get<const ValueType*>(spaces.types[1]));
}

TEST(Validate, a_core_type_cannot_be_made_of_a_module_type) {
  const std::string takes_ref_0 = bytes({0x60, 1, 0x64, 0, 0});  // (func (param (ref 0)))
  EXPECT_THAT(error_of(component(section(3, vec({bytes({0x50, 0}), takes_ref_0})))),
              HasSubstr("type index 0 is a module type"));
  EXPECT_EQ(error_of(component(section(3, vec({bytes({0x60, 0, 0}), takes_ref_0})))), "");
}

TEST(Validate, indices_must_refer_backwards) {
  EXPECT_THAT(error_of(component(types({bytes({0x70, 1}), bytes({0x73})}))), HasSubstr("type index out of bounds"));
  EXPECT_EQ(error_of(component(types({bytes({0x73}), bytes({0x70, 0})}))), "");
}

TEST(Validate, errors_carry_the_offset_of_the_innermost_definition) {
  EXPECT_THAT(error_of(component(nested(types({bytes({0x70, 9})})))),
              ::testing::StartsWith("offset 0x15: unknown type"));
}

const std::string kTwoResources = types({kResource, kResource});
// Imports "a" (sub resource) and "b" (eq a).
const std::string kSameTwice = nested(imports({import("a", kSubResource), import("b", eq(0))}));

TEST(Validate, resource_types_are_generative) {
  const auto with = [](int a, int b) {
    return component(kTwoResources + kSameTwice +
                     instances({instantiate(0, {name("a") + type_idx(a), name("b") + type_idx(b)})}));
  };
  EXPECT_EQ(error_of(with(0, 0)), "");
  EXPECT_THAT(error_of(with(0, 1)), HasSubstr("resource types are not the same"));
}

TEST(Validate, each_instantiation_has_resources_of_its_own) {
  const std::string defines = nested(types({kResource}) + exports({export_of("r", type_idx(0))}));
  const std::string twice = instances({instantiate(0, {}), instantiate(0, {})}) +
                            aliases({bytes({3, 0, 0}) + name("r"), bytes({3, 0, 1}) + name("r")});
  const auto check = [&](int a, int b) {
    return error_of(component(defines + twice + kSameTwice +
                              instances({instantiate(1, {name("a") + type_idx(a), name("b") + type_idx(b)})})));
  };
  EXPECT_EQ(check(0, 0), "");
  EXPECT_THAT(check(0, 1), HasSubstr("resource types are not the same"));
}

TEST(Validate, supplied_types_replace_imported_ones_in_exports) {
  // The child re-exports what it is given: the parent gets its own resource back, still its own.
  const std::string child = nested(imports({import("in", kSubResource)}) + exports({export_of("out", type_idx(0))}));
  const std::string parent = types({kResource}) + child + instances({instantiate(0, {name("in") + type_idx(0)})}) +
                             aliases({bytes({3, 0, 0}) + name("out")});
  EXPECT_EQ(error_of(component(parent + canons({bytes({0x02, 1})}))), "");
}

TEST(Validate, resource_new_needs_a_local_resource) {
  EXPECT_EQ(error_of(component(types({kResource}) + canons({bytes({0x02, 0})}))), "");
  EXPECT_THAT(error_of(component(imports({import("r", kSubResource)}) + canons({bytes({0x02, 0})}))),
              HasSubstr("not a local resource"));
  EXPECT_EQ(error_of(component(imports({import("r", kSubResource)}) + canons({bytes({0x03, 0})}))), "");
}

TEST(Validate, functions_use_types_with_external_names_only) {
  const std::string record = types({record_of(0x7f)});
  EXPECT_THAT(error_of(component(record + types({returns(0)}) + imports({import("f", bytes({1, 1}))}))),
              HasSubstr("func not valid to be used as import"));
  EXPECT_EQ(error_of(component(record + imports({import("t", eq(0))}) + types({returns(1)}) +
                               imports({import("f", bytes({1, 2}))}))),
            "");
}

TEST(Validate, imports_cannot_rename_what_an_export_named) {
  EXPECT_THAT(error_of(component(types({record_of(0x7f)}) + exports({export_of("b", type_idx(0))}) +
                                 imports({import("c", eq(1))}))),
              HasSubstr("type not valid to be used as import"));
}

TEST(Validate, borrows_cannot_be_returned) {
  EXPECT_THAT(error_of(component(types({kResource, bytes({0x68, 0}), bytes({0x70, 1}), returns(2)}))),
              HasSubstr("function result cannot contain a `borrow` type"));
}

TEST(Validate, outer_aliases_cannot_carry_resources_into_a_component) {
  EXPECT_THAT(error_of(component(types({kResource, bytes({0x69, 0})}) + nested(aliases({bytes({3, 2, 1, 1})})))),
              HasSubstr("transitively refers to resources"));
  EXPECT_EQ(error_of(component(types({record_of(0x7f)}) + nested(aliases({bytes({3, 2, 1, 0})})))), "");
  EXPECT_THAT(error_of(component(aliases({bytes({3, 2, 1, 0})}))), HasSubstr("invalid outer alias count of 1"));
}

TEST(Validate, ascribed_types_hide_and_never_add) {
  const std::string instance =
      types({kFunc, bytes({0x42, 0}), bytes({0x42, 2, 1}) + kFunc + bytes({4}) + extern_name("f") + bytes({1, 0})}) +
      imports({import("f", bytes({1, 0}))}) +
      instances({bytes({1, 1}) + extern_name("f") + bytes({1, 0}), bytes({1, 0})});
  const auto ascribe = [&](int item, int type) {
    return error_of(component(instance + exports({extern_name("i") + bytes({5, item, 1, 5, type})})));
  };
  EXPECT_EQ(ascribe(0, 1), "");
  EXPECT_EQ(ascribe(0, 2), "");
  EXPECT_THAT(ascribe(1, 2), HasSubstr("ascribed type of export is not compatible"));
}

TEST(Validate, method_names_need_their_resource) {
  const std::string method = types({bytes({0x68, 0}), bytes({0x40, 1}) + name("self") + bytes({1, 1, 0})});
  const auto with_resource_named = [&](std::string_view resource) {
    return error_of(component(imports({import(resource, kSubResource)}) + method +
                              imports({import("[method]r.f", bytes({1, 2}))})));
  };
  EXPECT_EQ(with_resource_named("r"), "");
  EXPECT_THAT(with_resource_named("q"), HasSubstr("does not match expected resource name `q`"));
}

TEST(Validate, lowered_functions_need_the_options_of_their_types) {
  const std::string import_string =
      types({bytes({0x40, 1}) + name("s") + bytes({0x73, 1, 0})}) + imports({import("f", bytes({1, 0}))});
  EXPECT_THAT(error_of(component(import_string + canons({bytes({1, 0, 0, 0})}))),
              HasSubstr("canonical option `memory` is required"));
}

TEST(Validate, a_lifted_function_has_the_flattened_signature) {
  const std::string core =
      section(1, core_module(section(1, vec({bytes({0x60, 1, 0x7f, 0})})) + section(3, bytes({1, 0})) +
                             section(7, vec({name("f") + bytes({0, 0})})) + section(10, vec({bytes({2, 0, 0x0b})}))));
  const std::string f = core + section(2, vec({bytes({0, 0, 0})})) + aliases({bytes({0, 0, 1, 0}) + name("f")});
  const std::string lift = canons({bytes({0, 0, 0, 0, 0})});
  EXPECT_EQ(error_of(component(f + types({bytes({0x40, 1}) + name("p") + bytes({0x79, 1, 0})}) + lift)), "");
  EXPECT_THAT(error_of(component(f + types({kFunc}) + lift)),
              HasSubstr("lowered parameter types `[]` do not match parameter types `[I32]`"));
}

TEST(Validate, doubling_value_types_cost_nothing) {
  std::vector<std::string> defs = {bytes({0x73})};
  for (uint64_t i = 0; i < 60; ++i) {
    const std::string list = type_ref(defs.size());
    defs.push_back(bytes({0x70}) + type_ref(defs.size() - 1));
    defs.push_back(bytes({0x6f, 2}) + list + list);
  }
  const std::string last = type_ref(defs.size() - 1);
  defs.push_back(bytes({0x40, 0, 0}) + last);
  const std::string func = leb(defs.size() - 1);
  EXPECT_EQ(error_of(component(types(defs) + imports({import("f", bytes({1}) + func)}))), "");
}

TEST(Validate, value_types_are_limited_in_size_and_depth) {
  std::vector<std::string> doubling = {bytes({0x77})}, deep = {bytes({0x77})};
  for (uint64_t i = 0; i < 60; ++i) doubling.push_back(bytes({0x6f, 2}) + type_ref(i) + type_ref(i));
  for (uint64_t i = 0; i < 100'000; ++i) deep.push_back(bytes({0x6b}) + type_ref(i));
  EXPECT_THAT(error_of(component(types(doubling))), HasSubstr("exceeds maximum byte size"));
  EXPECT_THAT(error_of(component(types(deep))), HasSubstr("nested too deeply"));
}

TEST(Validate, renaming_a_large_type_often_is_refused_soon) {
  std::vector<std::string> fields, renames;
  for (int i = 0; i < 20'000; ++i) fields.push_back(name("f" + std::to_string(i)) + bytes({0x7f}));
  for (int i = 0; i < 20'000; ++i) renames.push_back(import("t" + std::to_string(i), eq(0)));
  EXPECT_THAT(error_of(component(types({bytes({0x72}) + vec(fields)}) + imports(renames))), HasSubstr("too complex"));
}

TEST(Validate, doubling_instance_types_are_refused_soon) {
  // Each instance type exports two instances of the one before; the first exports a resource, so that all are copied.
  std::vector<std::string> defs = {bytes({0x42, 1, 4}) + extern_name("r") + kSubResource};
  for (int i = 0; i < 60; ++i) {
    const std::string outer = bytes({2, 3, 2, 1, i});
    const std::string exports_two = bytes({4}) + extern_name("a") + bytes({5, 0, 4}) + extern_name("b") + bytes({5, 0});
    defs.push_back(bytes({0x42, 3}) + outer + exports_two);
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(error_of(component(types(defs))), HasSubstr("too complex"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace weft::component::test
