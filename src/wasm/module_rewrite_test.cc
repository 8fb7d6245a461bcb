#include "wasm/module_rewrite.h"

#include <gtest/gtest.h>

#include <cstring>

#include "wasm/testing/wat.h"

namespace weft::wasm {
namespace {

using testing::wat;

// A module, separated, with what that refers to.
struct Parts {
  explicit Parts(std::string_view text) : Parts(wat(text)) {}
  explicit Parts(std::vector<std::byte> bytes) : original(std::move(bytes)), separated(separate(original)) {
    images = separated.images().value();
    code = separated.code();
  }
  std::vector<std::byte> original;
  SeparatedModule separated;
  MemoryImages images;
  std::vector<std::byte> code;
};

TEST(Separate, TwoModulesThatDifferOnlyInDataHaveTheSameCode) {
  Parts first(R"((module (memory 1) (data (i32.const 8) "one") (func)))");
  Parts second(R"((module (memory 1) (data (i32.const 8) "other") (func)))");
  EXPECT_EQ(first.code, second.code);
  EXPECT_EQ(std::memcmp(first.images[0]->data() + 8, "one", 3), 0);
  EXPECT_EQ(std::memcmp(second.images[0]->data() + 8, "other", 5), 0);
}

TEST(Separate, WhatAToolSaysOfABuildIsNoCodeButNamesAre) {
  Parts none("(module (func))");
  for (const char* section : {"go:buildid", "build_id", "producers"}) {
    Parts one("(module (@custom \"" + std::string(section) + "\" \"one\") (func))");
    EXPECT_NE(one.original, none.original);
    EXPECT_EQ(one.code, none.code) << section;
  }
  Parts named("(module (func $f))");
  EXPECT_EQ(named.code, named.original);
  EXPECT_NE(named.code, none.code);
}

TEST(Separate, ThePiecesAreTheOriginalButForTheDataSection) {
  Parts module(R"((module (memory 1) (data (i32.const 8) "one") (func (export "f"))))");
  EXPECT_LE(module.separated.pieces.size(), 4u);
  EXPECT_EQ(module.separated.code_size(), module.code.size());
  EXPECT_EQ(module.separated.pieces.front().data(), module.original.data());
}

TEST(Separate, LaterSegmentsOverwriteEarlierOnes) {
  Parts module(R"((module (memory 1) (data (i32.const 8) "aaaa") (data (i32.const 9) "bb")))");
  EXPECT_EQ(std::memcmp(module.images[0]->data() + 8, "abba", 4), 0);
}

TEST(Separate, SegmentsOfEverySizeOverwriteEachOtherInTheirOrder) {
  const std::string pages(3 * 4096, 'a'), page(4096, 'b');
  Parts module("(module (memory 1) (data (i32.const 5) \"" + pages + "\") (data (i32.const 50) \"cc\")" +
               "(data (i32.const 51) \"" + page + "\") (data (i32.const 60) \"d\"))");
  std::string wanted = std::string(5, '\0') + pages;
  wanted.replace(50, 2, "cc").replace(51, page.size(), page).replace(60, 1, "d");
  EXPECT_EQ(std::memcmp(module.images[0]->data(), wanted.data(), wanted.size()), 0);
}

TEST(Separate, ASegmentOutsideTheInitialMemoryStaysWithTheEngineSoThatItTraps) {
  Parts module(R"((module (memory 1) (data (i32.const 65535) "ab")))");
  EXPECT_EQ(module.code, module.original);
}

TEST(Separate, AnImportedMemoryIsLeftAlone) {
  Parts module(R"((module (import "a" "m" (memory 1)) (data (i32.const 0) "ab")))");
  EXPECT_EQ(module.code, module.original);
  EXPECT_TRUE(module.images.empty());
}

TEST(Separate, NothingIsTakenAfterASegmentAtAComputedOffset) {
  Parts module(R"((module (import "a" "g" (global $g i32)) (memory 1)
      (data (global.get $g) "x") (data (i32.const 4) "later")))");
  EXPECT_EQ(module.code, module.original);
  EXPECT_EQ(module.images[0], nullptr);
}

TEST(Separate, PassiveSegmentsKeepTheirIndices) {
  Parts module(R"((module (memory 1) (data (i32.const 0) "ab") (data $p "passive")
      (func (memory.init $p (i32.const 0) (i32.const 0) (i32.const 7)))))");
  std::string_view code(reinterpret_cast<const char*>(module.code.data()), module.code.size());
  EXPECT_NE(code.find("passive"), std::string_view::npos);
  EXPECT_EQ(code.find("ab"), std::string_view::npos);
}

TEST(Separate, TruncatedInputIsLeftForTheEngineToRefuse) {
  const auto whole = wat(R"((module (memory 1) (data (i32.const 8) "one")))");
  const std::size_t data_section = whole.size() - 11;  // id, size, count, flag, offset (3 bytes), length, "one"
  ASSERT_EQ(whole[data_section], std::byte{11});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::vector<std::byte> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(separate(part).code(), part) << length;
  }
}

}  // namespace
}  // namespace weft::wasm
