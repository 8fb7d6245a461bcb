#include "wasm/module_rewrite.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "wasm/testing/wat.h"

namespace weft::wasm {
namespace {

using testing::wat;

// What is in the code of any module whose only own memory is its first.
constexpr std::string_view state_of_memory = R"((export "weft:state/memory/0" (memory 0)))";

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

std::vector<std::byte> joined(const std::vector<std::span<const std::byte>>& pieces) {
  std::vector<std::byte> out;
  for (const auto piece : pieces) out.insert(out.end(), piece.begin(), piece.end());
  return out;
}

TEST(Separate, TheShapeIsTheCodeWithoutWhatGlobalsBeginAs) {
  const auto shape = [](const char* globals) {
    Parts parts(std::string("(module (func $f) (memory 1) ") + globals + " (data (i32.const 0) \"x\"))");
    return joined(parts.separated.shape().pieces);
  };
  // Of other lengths, so that their section has another one.
  EXPECT_EQ(shape("(global (mut i32) (i32.const 7)) (global i64 (i64.const -1)) (global f32 (f32.const 1))"),
            shape("(global (mut i32) (i32.const 700000)) (global i64 (i64.const 1234567890123)) "
                  "(global f32 (f32.const 1))"));
  const auto one = shape("(global (mut i32) (i32.const 7))");
  EXPECT_NE(one, shape("(global i32 (i32.const 7))"));
  EXPECT_NE(one, shape("(global (mut i64) (i64.const 7))"));
  EXPECT_NE(one, shape("(global (mut i32) (i32.const 7)) (global (mut i32) (i32.const 7))"));
  EXPECT_NE(shape("(global f32 (f32.const 1))"), shape("(global f32 (f32.const 2))"));
  EXPECT_NE(shape("(global funcref (ref.null func))"), shape("(global funcref (ref.func $f))"));
  EXPECT_EQ(shape("(global i32 (i32.const 7)) (global i32 (i32.add (i32.const 1) (i32.const 2)))"),
            shape("(global i32 (i32.const 8)) (global i32 (i32.add (i32.const 1) (i32.const 2)))"));
  EXPECT_NE(shape("(global i32 (i32.add (i32.const 1) (i32.const 2)))"),
            shape("(global i32 (i32.add (i32.const 1) (i32.const 3)))"));
  // What is not understood stays: all of it.
  EXPECT_NE(shape("(type $s (struct)) (global i32 (i32.const 7)) (global (ref $s) (struct.new $s))"),
            shape("(type $s (struct)) (global i32 (i32.const 8)) (global (ref $s) (struct.new $s))"));
  Parts none("(module (func))");
  EXPECT_EQ(joined(none.separated.shape().pieces), none.code);
}

TEST(Separate, ASectionWhoseNameIsMalformedIsLeftForTheEngineToRefuse) {
  const std::vector<std::byte> whole = wat("(module (@custom \".debug_?\" \"\"))");
  auto malformed = whole;
  *std::ranges::find(malformed, std::byte{'?'}) = std::byte{0xff};
  EXPECT_LT(Parts(whole).code.size(), whole.size());
  EXPECT_EQ(Parts(malformed).code, malformed);
}

TEST(Separate, ThePiecesAreTheOriginalButForTheDataAndExports) {
  Parts module(R"((module (memory 1) (data (i32.const 8) "one") (func (export "f"))))");
  EXPECT_LE(module.separated.pieces.size(), 5u);
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
  EXPECT_EQ(module.code,
            wat("(module (memory 1) " + std::string(state_of_memory) + R"((data (i32.const 65535) "ab")))"));
}

TEST(Separate, AnImportedMemoryIsLeftAlone) {
  Parts module(R"((module (import "a" "m" (memory 1)) (data (i32.const 0) "ab")))");
  EXPECT_EQ(module.code, module.original);
  EXPECT_TRUE(module.images.empty());
}

TEST(Separate, NothingIsTakenAfterASegmentAtAComputedOffset) {
  Parts module(R"((module (import "a" "g" (global $g i32)) (memory 1)
      (data (global.get $g) "x") (data (i32.const 4) "later")))");
  EXPECT_EQ(module.code, wat(R"((module (import "a" "g" (global $g i32)) (memory 1))" + std::string(state_of_memory) +
                             R"((data (global.get $g) "x") (data (i32.const 4) "later")))"));
  EXPECT_EQ(module.images[0], nullptr);
}

TEST(Separate, PassiveSegmentsKeepTheirIndices) {
  Parts module(R"((module (memory 1) (data (i32.const 0) "ab") (data $p "passive")
      (func (memory.init $p (i32.const 0) (i32.const 0) (i32.const 7)))))");
  std::string_view code(reinterpret_cast<const char*>(module.code.data()), module.code.size());
  EXPECT_NE(code.find("passive"), std::string_view::npos);
  EXPECT_EQ(code.find("ab"), std::string_view::npos);
}

TEST(Separate, MemoriesAndMutableGlobalsOfTheModuleAreExportedBehindItsOwnExports) {
  Parts module(R"((module (import "a" "m" (memory 1)) (import "a" "g" (global $g (mut i32)))
      (memory $own 2) (memory $other 3) (global i32 (i32.const 7)) (global (mut i64) (i64.const -1))
      (global (mut f64) (f64.const 1.5)) (global (mut v128) (v128.const i64x2 1 2))
      (global (mut i32) (i32.add (global.get $g) (i32.const 5)))
      (export "f" (func $f)) (func $f)))");
  EXPECT_EQ(module.code, wat(R"((module (import "a" "m" (memory 1)) (import "a" "g" (global $g (mut i32)))
      (memory $own 2) (memory $other 3) (global i32 (i32.const 7)) (global (mut i64) (i64.const -1))
      (global (mut f64) (f64.const 1.5)) (global (mut v128) (v128.const i64x2 1 2))
      (global (mut i32) (i32.add (global.get $g) (i32.const 5)))
      (export "f" (func $f)) (export "weft:state/memory/0" (memory 1)) (export "weft:state/memory/1" (memory 2))
      (export "weft:state/global/0" (global 2)) (export "weft:state/global/1" (global 3))
      (export "weft:state/global/2" (global 4)) (export "weft:state/global/3" (global 5)) (func $f)))"));
}

TEST(Separate, AModuleThatUsesTheNamesOfStateItselfIsLeftAsItIs) {
  Parts module(R"((module (memory 1) (global $g (mut i32) (i32.const 0)) (export "weft:state/global/9" (global $g))))");
  EXPECT_EQ(module.code, module.original);
}

TEST(Separate, AGlobalWithAnUnknownBeginningLeavesTheExportsAsTheyAre) {
  Parts module(R"((module (type $s (struct)) (memory 1) (global (ref $s) (struct.new $s)) (export "m" (memory 0))))");
  EXPECT_EQ(module.code, module.original);
}

TEST(Separate, TruncatedInputIsLeftForTheEngineToRefuse) {
  const auto whole = wat(R"((module (memory 1) (data (i32.const 8) "one")))");
  const std::size_t data_section = whole.size() - 11;  // id, size, count, flag, offset (3 bytes), length, "one"
  ASSERT_EQ(whole[data_section], std::byte{11});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::vector<std::byte> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    if (length == data_section) continue;  // a whole module
    EXPECT_EQ(separate(part).code(), part) << length;
  }
}

}  // namespace
}  // namespace weft::wasm
