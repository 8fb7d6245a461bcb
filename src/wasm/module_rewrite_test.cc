#include "wasm/module_rewrite.h"

#include <gtest/gtest.h>

#include <cstring>

#include "wasm/testing/wat.h"

namespace weft::wasm {
namespace {

using testing::wat;

TEST(Separate, TwoModulesThatDifferOnlyInDataHaveTheSameCode) {
  auto first = separate(wat(R"((module (memory 1) (data (i32.const 8) "one") (func)))")).value();
  auto second = separate(wat(R"((module (memory 1) (data (i32.const 8) "other") (func)))")).value();
  EXPECT_EQ(first.code, second.code);
  EXPECT_EQ(std::memcmp(first.images[0]->data() + 8, "one", 3), 0);
  EXPECT_EQ(std::memcmp(second.images[0]->data() + 8, "other", 5), 0);
}

TEST(Separate, LaterSegmentsOverwriteEarlierOnes) {
  auto module = separate(wat(R"((module (memory 1) (data (i32.const 8) "aaaa") (data (i32.const 9) "bb")))")).value();
  EXPECT_EQ(std::memcmp(module.images[0]->data() + 8, "abba", 4), 0);
}

TEST(Separate, ASegmentOutsideTheInitialMemoryStaysWithTheEngineSoThatItTraps) {
  auto original = wat(R"((module (memory 1) (data (i32.const 65535) "ab")))");
  EXPECT_EQ(separate(original)->code, original);
}

TEST(Separate, AnImportedMemoryIsLeftAlone) {
  auto original = wat(R"((module (import "a" "m" (memory 1)) (data (i32.const 0) "ab")))");
  auto module = separate(original).value();
  EXPECT_EQ(module.code, original);
  EXPECT_TRUE(module.images.empty());
}

TEST(Separate, NothingIsTakenAfterASegmentAtAComputedOffset) {
  auto original = wat(R"((module (import "a" "g" (global $g i32)) (memory 1)
      (data (global.get $g) "x") (data (i32.const 4) "later")))");
  auto module = separate(original).value();
  EXPECT_EQ(module.code, original);
  EXPECT_EQ(module.images[0], nullptr);
}

TEST(Separate, PassiveSegmentsKeepTheirIndices) {
  auto module = separate(wat(R"((module (memory 1) (data (i32.const 0) "ab") (data $p "passive")
      (func (memory.init $p (i32.const 0) (i32.const 0) (i32.const 7)))))"))
                    .value();
  std::string_view code(reinterpret_cast<const char*>(module.code.data()), module.code.size());
  EXPECT_NE(code.find("passive"), std::string_view::npos);
  EXPECT_EQ(code.find("ab"), std::string_view::npos);
}

TEST(Separate, TruncatedInputIsLeftForTheEngineToRefuse) {
  auto whole = wat(R"((module (memory 1) (data (i32.const 8) "one")))");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    std::span<const std::byte> part(whole.data(), length);
    auto module = separate(part);
    ASSERT_TRUE(module.has_value());
  }
}

}  // namespace
}  // namespace weft::wasm
