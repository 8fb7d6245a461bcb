// The fake keeps the contract that it stands in for.
#include "provider/variables.h"

#include "provider/testing/fake_variables.h"
#include "provider/testing/variables_contract.h"

namespace weft::provider::testing {

INSTANTIATE_TEST_SUITE_P(Fake, VariablesContract,
                         ::testing::Values(VariablesBackend{
                             "fake", [](const auto& values) { return std::make_shared<FakeVariables>(values); }}));

namespace {

TEST(FakeVariables, FailsWhenItIsToldTo) {
  FakeVariables fake({{"a", "1"}});
  fake.failure = Error(Errc::unavailable, "down");
  const auto got = fake.get("a");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), Errc::unavailable);
  fake.failure.reset();
  EXPECT_TRUE(fake.get("a"));
}

}  // namespace
}  // namespace weft::provider::testing
