// What holds for values of any type.
#include <gtest/gtest.h>

#include <random>

#include "call/from_json.h"
#include "call/json_text.h"
#include "call/testing/random.h"
#include "call/to_json.h"

namespace weft::call {
namespace {

TEST(JsonProperty, EveryValueOfEveryTypeComesBackAsItWas) {
  std::mt19937 random(11);
  std::vector<std::uint8_t> data;
  std::size_t structured = 0;
  for (int round = 0; round < 20'000; ++round) {
    data.resize(random() % 300);
    for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(random());
    testing::Choices choices(data);
    abi::TypeTable types;
    const abi::TypeRef type = testing::draw_type(types, choices);
    const abi::Value value = testing::draw_value(type, choices);
    for (const Bytes bytes : {Bytes::array, Bytes::base64}) {
      const auto text = to_json(value, type, bytes);
      ASSERT_TRUE(text) << abi::to_string(type);
      const auto read = read_json(*text);
      ASSERT_TRUE(read) << *text << ": " << read.error().message();
      const auto again = from_json(*read, type);
      ASSERT_TRUE(again) << *text << " as " << abi::to_string(type) << ": " << again.error().text();
      ASSERT_EQ(abi::to_string(*again, type), abi::to_string(value, type)) << *text;
      ASSERT_TRUE(*again == value) << *text << " as " << abi::to_string(type);
    }
    if (!abi::is_scalar(type->kind)) ++structured;
  }
  EXPECT_GT(structured, 7'000u);
}

TEST(JsonProperty, EveryNumberComesBackAsItWas) {
  std::mt19937_64 random(12);
  abi::TypeTable types;
  const abi::TypeRef single = types.primitive(abi::Kind::f32);
  const abi::TypeRef real = types.primitive(abi::Kind::f64);
  for (int round = 0; round < 50'000; ++round) {
    const std::uint64_t bits = random();
    const abi::Value narrow(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    const abi::Value wide(std::bit_cast<double>(bits));
    const auto narrow_text = to_json(narrow, single).value();
    const auto wide_text = to_json(wide, real).value();
    ASSERT_TRUE(from_json(read_json(narrow_text).value(), single).value() == narrow) << narrow_text;
    ASSERT_TRUE(from_json(read_json(wide_text).value(), real).value() == wide) << wide_text;
  }
}

}  // namespace
}  // namespace weft::call
