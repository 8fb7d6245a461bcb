#include "bind/abi.h"

#include <gtest/gtest.h>

#include "abi/lift.h"
#include "abi/lower.h"
#include "abi/testing/guest.h"
#include "abi/testing/notation.h"
#include "bind/registry.h"

namespace weft::bind {
namespace {

using abi::testing::Guest;
using abi::testing::parse_type;

enum class Color : std::uint8_t { red, green, dark_blue };
constexpr auto weft_labels(Color) {
  return labels("red", "green", "dark-blue");
}

struct Point {
  std::int32_t x;
  std::uint8_t kind;
  std::string name;
  static constexpr auto labels = bind::labels("x", "kind", "name");
  bool operator==(const Point&) const = default;
};

struct Nothing {
  static constexpr std::string_view label = "nothing";
  bool operator==(const Nothing&) const = default;
};
struct Number {
  std::uint64_t value;
  static constexpr std::string_view label = "number";
  bool operator==(const Number&) const = default;
};
struct Text {
  std::string value;
  static constexpr std::string_view label = "text";
  bool operator==(const Text&) const = default;
};
using Choice = std::variant<Nothing, Number, Text>;

struct ModeTag;
using Mode = Flags<ModeTag, 3>;
constexpr auto weft_flag_labels(ModeTag*) {
  return labels("read", "write", "sync");
}

class Thing : public host::Resource {
 public:
  static constexpr const char* resource_name = "thing";
  explicit Thing(int n) : number(n) {}
  int number;
};
class Other : public host::Resource {
 public:
  static constexpr const char* resource_name = "other";
};

class Binding : public ::testing::Test {
 protected:
  abi::TypeRef u8() { return types.primitive(abi::Kind::u8); }
  abi::TypeRef string() { return types.primitive(abi::Kind::string); }
  abi::TypeRef point() {
    return types.record({{.label = "x", .type = types.primitive(abi::Kind::s32)},
                         {.label = "kind", .type = u8()},
                         {.label = "name", .type = string()}});
  }
  abi::TypeRef choice() {
    return types.variant({{.label = "nothing", .type = nullptr},
                          {.label = "number", .type = types.primitive(abi::Kind::u64)},
                          {.label = "text", .type = string()}});
  }

  template <class T>
  bool fits(abi::TypeRef type) {
    return Abi<T>::check(type, resources);
  }

  // Through memory and through core values: what is lowered by the C++ type is lifted by it, and by the values whose
  // type is known at run time.
  template <class T>
  void expect_round_trip(abi::TypeRef type, T value) {
    ASSERT_TRUE(fits<T>(type));
    Guest guest;
    abi::LowerContext lower_cx = guest.lower();
    Lower lower{lower_cx, table};
    abi::LiftContext lift_cx = guest.lift();
    Lift lift{lift_cx, table};

    const std::uint32_t at = guest.allocate({0, 0, type->alignment(), static_cast<std::uint32_t>(type->elem_size())});
    Abi<T>::lower(lower, abi::MemorySink{lower_cx.memory, at}, value, type);
    EXPECT_EQ(Abi<T>::lift(lift, abi::MemorySource{lift_cx.memory, at}, type), value);
    const abi::Value in_memory = abi::load(lift_cx, at, type);

    if (type->flat.count() > abi::kMaxFlatParams) return;
    std::array<abi::CoreValue, abi::kMaxFlatParams> flat;
    abi::CoreValue* next = flat.data();
    Abi<T>::lower(lower, abi::FlatSink{&next}, value, type);
    EXPECT_EQ(static_cast<std::uint32_t>(next - flat.data()), type->flat.count());
    const std::span<const abi::CoreValue> core(flat.data(), type->flat.count());
    abi::CoreValueIter static_iter(core), dynamic_iter(core);
    EXPECT_EQ(Abi<T>::lift(lift, abi::FlatSource{&static_iter}, type), value);
    EXPECT_EQ(static_iter.remaining(), 0u);
    EXPECT_EQ(abi::lift_flat(lift_cx, dynamic_iter, type), in_memory);
  }

  abi::TypeTable types;
  host::ResourceTable table;
  ResourceTypes resources{&resource_type<Thing>(), &resource_type<Other>()};
};

TEST_F(Binding, EveryKindOfValueMakesTheRoundTrip) {
  expect_round_trip<bool>(types.primitive(abi::Kind::boolean), true);
  expect_round_trip<std::int8_t>(types.primitive(abi::Kind::s8), -5);
  expect_round_trip<std::uint16_t>(types.primitive(abi::Kind::u16), 65'535);
  expect_round_trip<std::int64_t>(types.primitive(abi::Kind::s64), INT64_MIN);
  expect_round_trip<float>(types.primitive(abi::Kind::f32), 1.5f);
  expect_round_trip<double>(types.primitive(abi::Kind::f64), -0.25);
  expect_round_trip<char32_t>(types.primitive(abi::Kind::character), U'\U0001F600');
  expect_round_trip<std::string>(string(), "grüße");
  expect_round_trip<std::string>(string(), "");
  expect_round_trip<std::vector<std::byte>>(types.list(u8()), {std::byte{1}, std::byte{255}});
  expect_round_trip<std::vector<std::uint32_t>>(types.list(types.primitive(abi::Kind::u32)), {1, 2, 3});
  expect_round_trip<std::vector<std::string>>(types.list(string()), {"a", "", "bc"});
  expect_round_trip<std::optional<std::string>>(types.option(string()), "x");
  expect_round_trip<std::optional<std::string>>(types.option(string()), std::nullopt);
  expect_round_trip<std::tuple<std::uint8_t, std::string>>(types.tuple({u8(), string()}), {7, "seven"});
  expect_round_trip<Color>(types.enumeration({"red", "green", "dark-blue"}), Color::dark_blue);
  expect_round_trip<Mode>(types.flags({"read", "write", "sync"}), Mode{5});
  expect_round_trip<Point>(point(), {-1, 200, "here"});
  expect_round_trip<std::vector<Point>>(types.list(point()), {{1, 2, "a"}, {3, 4, "b"}});
  expect_round_trip<Choice>(choice(), Nothing{});
  expect_round_trip<Choice>(choice(), Number{UINT64_MAX});
  expect_round_trip<Choice>(choice(), Text{"t"});
  using Outcome = std::expected<std::string, std::uint8_t>;
  expect_round_trip<Outcome>(types.result(string(), u8()), "ok");
  expect_round_trip<Outcome>(types.result(string(), u8()), std::unexpected(std::uint8_t{9}));
  using Silent = std::expected<void, std::monostate>;
  expect_round_trip<Silent>(types.result(nullptr, nullptr), {});
  expect_round_trip<Silent>(types.result(nullptr, nullptr), std::unexpected(std::monostate()));
}

TEST_F(Binding, ATypeThatDiffersAnywhereIsRefused) {
  EXPECT_FALSE(fits<std::uint32_t>(types.primitive(abi::Kind::s32)));
  EXPECT_FALSE(fits<std::string>(types.list(u8())));
  EXPECT_FALSE(fits<std::vector<std::byte>>(types.list(types.primitive(abi::Kind::s8))));
  EXPECT_FALSE(fits<Color>(types.enumeration({"red", "green"})));
  EXPECT_FALSE(fits<Color>(types.enumeration({"red", "green", "blue"})));
  EXPECT_FALSE(fits<Mode>(types.flags({"read", "write"})));
  EXPECT_FALSE(fits<Mode>(types.flags({"read", "sync", "write"})));
  EXPECT_FALSE(fits<Point>(types.record({{.label = "x", .type = types.primitive(abi::Kind::s32)}})));
  EXPECT_FALSE(fits<Point>(types.record({{.label = "y", .type = types.primitive(abi::Kind::s32)},
                                         {.label = "kind", .type = u8()},
                                         {.label = "name", .type = string()}})));
  EXPECT_FALSE(fits<Choice>(types.variant({{.label = "nothing", .type = u8()},
                                           {.label = "number", .type = types.primitive(abi::Kind::u64)},
                                           {.label = "text", .type = string()}})));
  EXPECT_FALSE(fits<std::optional<std::string>>(types.result(string(), nullptr)));
  EXPECT_FALSE((fits<std::expected<void, std::uint8_t>>(types.result(u8(), u8()))));
  EXPECT_FALSE((fits<std::tuple<std::uint8_t>>(types.tuple({u8(), u8()}))));
}

TEST_F(Binding, ResourceTypesAreOneTypeEach) {
  const abi::ResourceIndex thing{0}, other{1};
  EXPECT_TRUE(fits<Own<Thing>>(types.own(thing)));
  EXPECT_TRUE(fits<Borrow<Thing>>(types.borrow(thing)));
  EXPECT_FALSE(fits<Own<Thing>>(types.own(other)));
  EXPECT_FALSE(fits<Own<Thing>>(types.borrow(thing)));
  EXPECT_FALSE(fits<Borrow<Other>>(types.borrow(thing)));
}

TEST_F(Binding, AnOwnedObjectGoesToTheGuestAndComesBack) {
  Guest guest;
  abi::LowerContext lower_cx = guest.lower();
  Lower lower{lower_cx, table};
  abi::LiftContext lift_cx = guest.lift();
  Lift lift{lift_cx, table};
  const abi::TypeRef own = types.own(abi::ResourceIndex{0});
  abi::CoreValue core;
  abi::CoreValue* next = &core;
  Abi<Own<Thing>>::lower(lower, abi::FlatSink{&next}, std::make_unique<Thing>(42), own);
  {
    abi::CoreValueIter iter({&core, 1});
    auto borrowed = Abi<Borrow<Thing>>::lift(lift, abi::FlatSource{&iter}, types.borrow(abi::ResourceIndex{0}));
    EXPECT_EQ(borrowed->number, 42);
    abi::CoreValueIter again({&core, 1});
    EXPECT_THROW(Abi<Own<Thing>>::lift(lift, abi::FlatSource{&again}, own), abi::Trap)
        << "a lent handle cannot be given away";
    guest.lenders.deliver_resolve();
  }
  abi::CoreValueIter iter({&core, 1});
  Own<Thing> back = Abi<Own<Thing>>::lift(lift, abi::FlatSource{&iter}, own);
  EXPECT_EQ(back->number, 42);
  abi::CoreValueIter stale({&core, 1});
  EXPECT_THROW(Abi<Own<Thing>>::lift(lift, abi::FlatSource{&stale}, own), abi::Trap);
}

TEST_F(Binding, AListOutsideTheMemoryTraps) {
  Guest guest;
  abi::LiftContext lift_cx = guest.lift();
  Lift lift{lift_cx, table};
  for (auto [ptr, length] :
       {std::pair<std::uint32_t, std::uint32_t>{65'500, 100}, {0, 0x4000'0001}, {0xFFFF'FFFF, 1}}) {
    std::array<abi::CoreValue, 2> core;
    core[0].set_i32(ptr);
    core[1].set_i32(length);
    abi::CoreValueIter bytes(core), words(core);
    EXPECT_THROW(Abi<std::span<const std::byte>>::lift(lift, abi::FlatSource{&bytes}, types.list(u8())), abi::Trap);
    EXPECT_THROW(Abi<std::vector<std::uint32_t>>::lift(lift, abi::FlatSource{&words},
                                                       types.list(types.primitive(abi::Kind::u32))),
                 abi::Trap);
  }
}

TEST_F(Binding, OverlappingListsCannotMakeTheHostTakeMoreThanItsBudget) {
  // A list of 4 000 strings of 64 KiB, all of them the same bytes.
  Guest guest;
  abi::LiftContext lift_cx = guest.lift();
  Lift lift{lift_cx, table};
  for (std::uint32_t i = 0; i < 4000; ++i) {
    abi::write_as(guest.at(1024 + i * 8), std::uint32_t{0});
    abi::write_as(guest.at(1024 + i * 8 + 4), std::uint32_t{65'000});
  }
  std::memset(guest.at(0), 'x', 1024);
  for (std::uint32_t i = 33'024; i < 65'536; ++i) *guest.at(i) = std::byte{'x'};
  std::array<abi::CoreValue, 2> core;
  core[0].set_i32(1024);
  core[1].set_i32(4000);
  abi::CoreValueIter iter(core);
  EXPECT_THROW(Abi<std::vector<std::string>>::lift(lift, abi::FlatSource{&iter}, types.list(string())), abi::Trap);
}

std::string greet(Host, std::string name) {
  return "hello " + name;
}
void use(Host, Borrow<Thing>) {}

TEST_F(Binding, ARegistryServesEveryVersionOfATrackAndSaysWhatItLacks) {
  Registry registry;
  registry.interface("my:pkg/greeter@0.2.0").resource<Thing>().func<&greet>("greet").func<&use>("use");
  EXPECT_TRUE(registry.offers("my:pkg/greeter@0.2.9"));
  EXPECT_FALSE(registry.offers("my:pkg/greeter@0.3.0"));
  EXPECT_EQ(registry.resource("my:pkg/greeter@0.2.5", "thing"), &resource_type<Thing>());
  auto right = types.func({{.label = "any", .type = string()}}, string()).value();
  EXPECT_TRUE(registry.bind({"my:pkg/greeter@0.2.7", "greet", right}, resources).has_value());
  auto wrong = types.func({{.label = "any", .type = u8()}}, string()).value();
  auto refused = registry.bind({"my:pkg/greeter@0.2.7", "greet", wrong}, resources);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Errc::invalid);
  EXPECT_NE(refused.error().message().find("func(any: u8) -> string"), std::string::npos);
  EXPECT_NE(refused.error().message().find("func(any: string) -> string"), std::string::npos);
  auto missing = registry.bind({"my:pkg/greeter@0.2.7", "part", right}, resources);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code(), Errc::not_found);
}

}  // namespace
}  // namespace weft::bind
