#include "bind/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "abi/type_table.h"

namespace weft::bind {
namespace {

using testing::HasSubstr;

struct Thing : host::Resource {
  static constexpr const char* resource_name = "thing";
};
struct Point {
  std::uint32_t x;
  std::string name;
  static constexpr auto labels = bind::labels("x", "name");
};
enum class Colour : std::uint8_t { red, green };
constexpr auto weft_labels(Colour) {
  return bind::labels("red", "green");
}
struct Number {
  std::uint8_t value;
  static constexpr std::string_view label = "number";
};
struct Nothing {
  static constexpr std::string_view label = "nothing";
};
struct BitsTag;
constexpr auto weft_flag_labels(BitsTag*) {
  return bind::labels("a", "b");
}

void nothing(Host) {}
std::expected<std::vector<std::uint64_t>, Colour> everything(Host, Borrow<Thing>, Point, std::tuple<bool, char32_t>,
                                                             std::optional<std::vector<std::byte>>,
                                                             std::variant<Number, Nothing>, Flags<BitsTag, 2>) {
  return {};
}
std::expected<void, std::monostate> little(Host, Own<Thing>) {
  return {};
}

class RegistryTest : public testing::Test {
 protected:
  RegistryTest() {
    registry.interface("a:b/c@1.2.0")
        .resource<Thing>()
        .func<&nothing>("nothing")
        .func<&everything>("everything")
        .func<&little>("little");
  }
  Result<component::HostBinding> bind(const std::string& name, const abi::FuncType* type) {
    return registry.bind({"a:b/c@1.0.0", name, type}, {&resource_type<Thing>()});
  }
  const abi::FuncType* func(std::vector<abi::Field> params, abi::TypeRef result) {
    return types.func(std::move(params), result).value();
  }

  Registry registry;
  abi::TypeTable types;
};

TEST_F(RegistryTest, AnyVersionOfATrackIsOffered) {
  EXPECT_TRUE(registry.offers("a:b/c@1.0.0"));
  EXPECT_TRUE(registry.offers("a:b/c@1.9.9"));
  EXPECT_FALSE(registry.offers("a:b/c@2.0.0"));
  EXPECT_EQ(registry.resource("a:b/c@1.0.0", "thing"), &resource_type<Thing>());
  EXPECT_EQ(registry.resource("a:b/c@1.0.0", "other"), nullptr);
  EXPECT_THAT(registry.tracks(), testing::ElementsAre("a:b/c@1"));
}

TEST_F(RegistryTest, AFunctionOfTheSameTypeIsBound) {
  EXPECT_TRUE(bind("nothing", func({}, nullptr)).has_value());
  EXPECT_EQ(bind("unknown", func({}, nullptr)).error().code(), Errc::not_found);
}

TEST_F(RegistryTest, AMismatchShowsBothTypesInWit) {
  auto bound =
      bind("everything", func({{"self", types.borrow(abi::ResourceIndex{0})}}, types.primitive(abi::Kind::string)));
  ASSERT_FALSE(bound.has_value());
  EXPECT_EQ(bound.error().code(), Errc::invalid);
  EXPECT_THAT(bound.error().message(), HasSubstr("the component's: func(self: borrow<thing>) -> string\n"));
  EXPECT_THAT(
      bound.error().message(),
      HasSubstr(
          "this host's:     func(self: borrow<thing>, p2: record { x: u32, name: string }, p3: tuple<bool, char>, "
          "p4: option<list<u8>>, p5: variant { number(u8), nothing }, p6: flags { a, b }) -> "
          "result<list<u64>, enum { red, green }>"));
  bound = bind("little", func({}, nullptr));
  EXPECT_THAT(bound.error().message(), HasSubstr("this host's:     func(p1: own<thing>) -> result<_, _>"));
}

}  // namespace
}  // namespace weft::bind
