#include "provider/key_value.h"

#include "provider/memory_key_value.h"
#include "provider/testing/fake_key_value.h"
#include "provider/testing/key_value_contract.h"

namespace weft::provider {
namespace {

using testing::KeyValueCase;
using testing::KeyValueContract;
using testing::KeyValueHarness;

class MemoryHarness final : public KeyValueHarness {
 public:
  KeyValueStore& store() override { return store_; }

 private:
  MemoryKeyValue store_;
};

INSTANTIATE_TEST_SUITE_P(Memory, KeyValueContract,
                         ::testing::Values(KeyValueCase{"memory", [] { return std::make_unique<MemoryHarness>(); }}));

TEST(KeyValueLimits, AreErrorsThatNameTheSizeAndTheLimit) {
  EXPECT_TRUE(check_key(std::string(max_key_bytes, 'k')));
  const auto key = check_key(std::string(max_key_bytes + 1, 'k'));
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code(), Errc::limit);
  EXPECT_EQ(key.error().message(), "a key of 65537 bytes exceeds the limit of 65536 bytes");
  EXPECT_TRUE(check_value(max_result_bytes));
  EXPECT_FALSE(check_value(max_result_bytes + 1));
}

TEST(KeyValueLimits, OfABatchCountEveryKeyForMoreThanItsBytes) {
  EXPECT_TRUE(check_keys(std::vector<std::string>(1000)));
  EXPECT_FALSE(check_keys(std::vector<std::string>(max_result_bytes / key_overhead_bytes + 1)));
  EXPECT_FALSE(check_keys({std::string(max_key_bytes + 1, 'k')}));
  KeyValues values;
  values.emplace_back("a", Bytes(max_result_bytes / 2));
  EXPECT_TRUE(check_pairs(values));
  values.emplace_back("b", Bytes(max_result_bytes / 2));
  EXPECT_FALSE(check_pairs(values));
}

TEST(FakeKeyValue, FailsOnceWhenToldTo) {
  Loop loop;
  testing::FakeKeyValue store;
  ASSERT_TRUE(testing::run(loop, store.set("a", testing::bytes("1"))));
  store.fail_next(Errc::unavailable, "gone");
  const auto failed = testing::run(loop, store.get("a"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Errc::unavailable);
  EXPECT_EQ(testing::run(loop, store.get("a")).value(), testing::bytes("1"));
  EXPECT_EQ(store.gets, 2u);
  EXPECT_EQ(store.sets, 1u);
}

}  // namespace
}  // namespace weft::provider
