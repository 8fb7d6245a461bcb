#include "abi/testing/property.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace weft::abi {
namespace {

TEST(LiftLowerProperty, HoldsForRandomTypesAndMemories) {
  std::mt19937 random(7);
  std::map<testing::Outcome, int> outcomes;
  std::vector<std::uint8_t> data;
  for (int round = 0; round < 20'000; ++round) {
    data.resize(random() % 400);
    for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(random());
    ASSERT_NO_THROW(++outcomes[testing::check_lift_lower(data)]) << "round " << round;
  }
  EXPECT_GT(outcomes[testing::Outcome::passed], 5000);
  EXPECT_GT(outcomes[testing::Outcome::trapped], 1000);
}

}  // namespace
}  // namespace weft::abi
