#include "component/denial.h"

#include <gtest/gtest.h>

#include "abi/type_table.h"

namespace weft::component {
namespace {

class DenialTest : public testing::Test {
 protected:
  abi::TypeRef text() const { return types.primitive(abi::Kind::string); }
  abi::TypeRef number() const { return types.primitive(abi::Kind::u32); }

  // What a function with this result answers, or "trap".
  std::string answer(abi::TypeRef result, std::string_view subject = "") {
    const auto* type = types.func({}, result).value();
    const auto value = denied_result(*type, "a:b/c@1.0.0", subject);
    return value ? abi::to_string(*value, result) : "trap";
  }
  std::string error(abi::TypeRef error) { return answer(types.result(number(), error)); }

  abi::TypeTable types;
};

TEST_F(DenialTest, IsTheErrorThatSaysItBest) {
  EXPECT_EQ(error(types.enumeration({"io", "access-denied", "other"})), "err(access-denied)");
  EXPECT_EQ(error(types.variant({{"no-such-store", nullptr}, {"access-denied", nullptr}, {"other", text()}})),
            "err(access-denied)");
  EXPECT_EQ(error(types.variant({{"connection-failed", text()}, {"other", text()}})),
            "err(other(\"\\\"a:b/c\\\" is not permitted\"))");
  EXPECT_EQ(error(types.variant({{"DNS-timeout", nullptr}, {"internal-error", types.option(text())}})),
            "err(internal-error(some(\"\\\"a:b/c\\\" is not permitted\")))");
  EXPECT_EQ(error(text()), "err(\"\\\"a:b/c\\\" is not permitted\")");
  EXPECT_EQ(error(nullptr), "err");
}

TEST_F(DenialTest, SaysOfAVariableThatItIsNotDefined) {
  const auto type = types.result(text(), types.variant({{"invalid-name", text()}, {"undefined", text()}}));
  EXPECT_EQ(answer(type, "password"), "err(undefined(\"password\"))");
}

TEST_F(DenialTest, IsNothingWhereThereIsNoError) {
  EXPECT_EQ(answer(types.list(types.tuple({text(), text()}))), "[]");
  EXPECT_EQ(answer(types.option(text())), "none");
}

TEST_F(DenialTest, IsATrapWhereNoAnswerSaysNo) {
  EXPECT_EQ(answer(nullptr), "trap");
  EXPECT_EQ(answer(number()), "trap");
  EXPECT_EQ(error(types.variant({{"other", number()}, {"odd", nullptr}})), "trap");
  EXPECT_EQ(error(number()), "trap");
}

}  // namespace
}  // namespace weft::component
