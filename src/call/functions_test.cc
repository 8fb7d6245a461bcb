#include "call/functions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::call {
namespace {

using ::testing::HasSubstr;

Function named(const char* interface, const char* name) {
  return {.interface = interface, .name = name, .func = {}, .type = nullptr, .refusal = {}};
}

class Functions : public ::testing::Test {
 protected:
  // The full name, or the error.
  std::string find(std::string_view name, char separator = '#') {
    const auto found = find_function(all_, name, separator);
    return found ? (*found)->full_name(separator) : found.error().message();
  }

  std::vector<Function> all_ = {named("", "greet"),
                                named("acme:shop/cart@1.2.0", "total"),
                                named("acme:shop/cart@1.2.0", "add"),
                                named("acme:shop/stock@1.2.0", "add"),
                                named("other:shop/cart@2.0.0", "total"),
                                named("inline", "add")};
};

TEST_F(Functions, AreFoundByAsMuchOfTheirNameAsIsClear) {
  EXPECT_EQ(find("greet"), "greet");
  EXPECT_EQ(find("acme:shop/cart@1.2.0#total"), "acme:shop/cart@1.2.0#total");
  EXPECT_EQ(find("acme:shop/cart#total"), "acme:shop/cart@1.2.0#total");
  EXPECT_EQ(find("stock#add"), "acme:shop/stock@1.2.0#add");
  EXPECT_EQ(find("inline#add"), "inline#add");
  EXPECT_EQ(find("acme:shop/cart/total", '/'), "acme:shop/cart@1.2.0/total");
  EXPECT_EQ(find("stock/add", '/'), "acme:shop/stock@1.2.0/add");
  EXPECT_EQ(find("greet", '/'), "greet");
}

TEST_F(Functions, AnAmbiguousNameListsWhatItMayMean) {
  EXPECT_EQ(find("cart#total"),
            "cart#total may be any of acme:shop/cart@1.2.0#total, other:shop/cart@2.0.0#total: write more of its name");
  EXPECT_THAT(find("add"),
              HasSubstr("add may be any of acme:shop/cart@1.2.0#add, acme:shop/stock@1.2.0#add, inline#add"));
}

TEST_F(Functions, AFunctionOfTheComponentItselfGoesBeforeThoseOfInterfaces) {
  all_.push_back(named("acme:shop/greetings@1.2.0", "greet"));
  EXPECT_EQ(find("greet"), "greet");
  EXPECT_EQ(find("greetings#greet"), "acme:shop/greetings@1.2.0#greet");
}

TEST_F(Functions, AnUnknownNameGetsTheNearestOne) {
  EXPECT_EQ(find("gret"), "the component exports no function gret; did you mean `greet`?");
  EXPECT_EQ(find("cart#toatl"), "the component exports no function cart#toatl; did you mean `cart#total`?");
  EXPECT_EQ(find("acme:shop/cart#totl"),
            "the component exports no function acme:shop/cart#totl; did you mean `acme:shop/cart#total`?");
  EXPECT_THAT(find("something-else"), HasSubstr("one of: greet, acme:shop/cart@1.2.0#total"));
  EXPECT_THAT(find(""), HasSubstr("one of: greet"));
  EXPECT_THAT(find("#"), HasSubstr("exports no function #"));
  all_.clear();
  EXPECT_EQ(find("greet"), "the component exports no function greet; it exports none at all");
}

}  // namespace
}  // namespace weft::call
