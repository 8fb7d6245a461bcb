#include "component/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/test_binary.h"

namespace weft::component::test {
namespace {

using ::testing::HasSubstr;

Error decode_error(std::string_view binary, const DecodeOptions& options = {}) {
  const auto decoded = decode(shared(binary), options);
  return decoded ? Error(Errc::internal, "it decoded") : decoded.error();
}

TEST(Decode, keeps_definitions_in_binary_order_with_their_offsets) {
  const std::string binary = component(section(0, name("note") + "abc") + types({bytes({0x73}), bytes({0x70, 0x00})}) +
                                       section(1, core_module()));
  const auto decoded = decode(shared(binary));
  ASSERT_TRUE(decoded) << decoded.error().message();
  const auto& definitions = (*decoded)->definitions;
  ASSERT_EQ(definitions.size(), 4U);
  const auto& custom = std::get<ast::CustomSection>(definitions[0].def);
  EXPECT_EQ(custom.name, "note");
  EXPECT_EQ(binary.substr(custom.data.offset, custom.data.size), "abc");
  EXPECT_EQ(binary[definitions[1].offset], 0x73);
  EXPECT_EQ(binary[definitions[2].offset], 0x70);
  const auto range = std::get<ast::CoreModule>(definitions[3].def).range;
  EXPECT_EQ(binary.substr(range.offset, range.size), core_module());
  EXPECT_EQ(ast::bytes_of(**decoded, range).size(), 8U);
}

TEST(Decode, gives_nested_components_the_same_bytes) {
  const auto decoded = decode(shared(component(section(4, component(section(4, component()))))));
  ASSERT_TRUE(decoded);
  const auto& outer = std::get<ast::NestedComponent>((*decoded)->definitions[0].def);
  const auto& inner = std::get<ast::NestedComponent>(outer->definitions[0].def);
  EXPECT_EQ(inner->bytes, (*decoded)->bytes);
  EXPECT_EQ(inner->range.size, 8U);
}

TEST(Decode, keeps_the_attributes_of_names) {
  const std::string attributed =
      bytes({2}) + name("store") + vec({bytes({0}) + name("w:kv/s"), bytes({2}) + name("eu-1")}) + bytes({5, 0});
  const auto decoded = decode(shared(component(types({bytes({0x42, 0})}) + imports({attributed}))));
  ASSERT_TRUE(decoded) << decoded.error().message();
  const auto& import_def = std::get<ast::Import>((*decoded)->definitions[1].def);
  EXPECT_EQ(import_def.name.name, "store");
  EXPECT_EQ(import_def.name.implements, "w:kv/s");
  EXPECT_EQ(import_def.name.external_id, "eu-1");
}

TEST(Decode, names_the_offset_of_a_fault) {
  EXPECT_EQ(decode_error(component(types({bytes({0x62})}))).message(),
            "offset 0xb: invalid leading byte (0x62) for component defined type");
}

TEST(Decode, refuses_every_truncation_of_a_component) {
  const std::string binary =
      component(types({bytes({0x72, 1}) + name("field") + bytes({0x7f})}) + imports({import("f", bytes({3, 1}))}));
  const size_t after_types = 8 + 2 + 10;
  for (size_t n = 0; n < binary.size(); ++n) {
    const bool at_section_border = n == 8 || n == after_types;
    EXPECT_EQ(decode(shared(binary.substr(0, n))).has_value(), at_section_border) << n;
  }
}

TEST(Decode, refuses_numbers_beyond_their_range_and_accepts_padded_ones) {
  EXPECT_TRUE(decode(shared(component(bytes({7, 0x81, 0x80, 0x80, 0x80, 0x00, 0})))));
  EXPECT_THAT(decode_error(component(bytes({7, 0x81, 0x80, 0x80, 0x80, 0x70, 0}))).message(),
              HasSubstr("integer too large"));
  EXPECT_THAT(decode_error(component(bytes({7, 0x81, 0x80, 0x80, 0x80, 0x80, 0x00, 0}))).message(),
              HasSubstr("integer representation too long"));
}

TEST(Decode, refuses_bad_utf8) {
  for (const std::string_view bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    EXPECT_THAT(decode_error(component(section(0, name(bad)))).message(), HasSubstr("malformed UTF-8 encoding"));
  }
  EXPECT_TRUE(decode(shared(component(section(0, name("\xf0\x9f\xa6\x80"))))));
}

TEST(Decode, refuses_bytes_left_in_a_section) {
  EXPECT_THAT(decode_error(component(section(7, bytes({0, 0})))).message(), HasSubstr("section size mismatch"));
}

TEST(Decode, does_not_believe_counts) {
  EXPECT_THAT(decode_error(component(section(7, leb(0xffffffff) + bytes({0x73})))).message(),
              HasSubstr("unexpected end-of-file"));
}

TEST(Decode, refuses_gated_features_by_name) {
  const auto expect_gated = [](const std::string& sections, std::string_view what) {
    const Error error = decode_error(component(sections));
    EXPECT_EQ(error.code(), Errc::unsupported) << error.message();
    EXPECT_THAT(error.message(), HasSubstr(what));
  };
  expect_gated(section(9, bytes({0, 0, 0})), "values");
  expect_gated(section(12, bytes({0})), "values");
  expect_gated(canons({bytes({0x42, 0})}), "shared-everything threads");
  expect_gated(canons({bytes({0x0a, 0x7e, 0})}), "memory64");
  expect_gated(types({bytes({0x3f, 0x7e, 0})}), "memory64");
  expect_gated(imports({bytes({2}) + name("a:b/c@1") + vec({bytes({1}) + name(".0.0")}) + bytes({5, 0})}),
               "version suffixes");
}

TEST(Decode, reserves_the_byte_of_cancellable) {
  const std::string yield = component(canons({bytes({0x0c, 1})}));
  EXPECT_THAT(decode_error(yield).message(), HasSubstr("non-zero reserved byte"));
  EXPECT_TRUE(decode(shared(yield), {.limits = {}, .accept_cancellable = true}));
  EXPECT_THAT(decode_error(component(canons({bytes({0x0c, 2})}))).message(), HasSubstr("invalid boolean value"));
}

TEST(Decode, limits_nesting_of_components_and_types) {
  std::string nested = component();
  std::string type = bytes({0x42, 0});
  for (int i = 0; i < 5000; ++i) nested = component(section(4, nested));
  for (int i = 0; i < 5000; ++i) type = bytes({0x42, 1, 1}) + type;
  EXPECT_EQ(decode_error(nested).code(), Errc::limit);
  EXPECT_EQ(decode_error(component(types({type}))).code(), Errc::limit);
}

TEST(Decode, limits_items_and_sizes) {
  const std::string binary = component(types({bytes({0x73}), bytes({0x73}), bytes({0x73})}));
  DecodeOptions options;
  options.limits.max_items = 2;
  EXPECT_EQ(decode_error(binary, options).code(), Errc::limit);
  options = {};
  options.limits.max_bytes = binary.size() - 1;
  EXPECT_EQ(decode_error(binary, options).code(), Errc::limit);
  options = {};
  options.limits.max_module_bytes = 7;
  EXPECT_EQ(decode_error(component(section(1, core_module())), options).code(), Errc::limit);
}

TEST(Decode, refuses_a_repeated_canonical_option) {
  const std::string lower = bytes({1, 0, 0}) + vec({bytes({3, 0}), bytes({3, 0})});
  EXPECT_THAT(decode_error(component(canons({lower}))).message(), HasSubstr("`memory` is specified more than once"));
}

}  // namespace
}  // namespace weft::component::test
