#include "util/sha256.h"

#include <gtest/gtest.h>

#include <string_view>

namespace weft {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(Sha256, TheExamplesOfTheStandards) {
  EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256(bytes_of("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, test case 2.
  EXPECT_EQ(hex(hmac_sha256(bytes_of("Jefe"), bytes_of("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Sha256, PiecesHashAsTheWhole) {
  EXPECT_EQ(Sha256Stream().add(bytes_of("a")).add({}).add(bytes_of("bc")).finish(), sha256(bytes_of("abc")));
}

TEST(Sha256, IsReadBackFromHexAndFromNothingElse) {
  const Sha256 digest = sha256(bytes_of("abc"));
  EXPECT_EQ(parse_sha256(hex(digest)), digest);
  std::string text = hex(digest);
  EXPECT_FALSE(parse_sha256(text.substr(1)));
  EXPECT_FALSE(parse_sha256(text + "0"));
  for (const char c : {'A', 'g', ' ', '\0', '/', ':', '`'}) {
    text.back() = c;
    EXPECT_FALSE(parse_sha256(text)) << c;
  }
}

TEST(Sha256, ComparisonSeesEveryByte) {
  const Sha256 a = sha256({});
  EXPECT_TRUE(equal_in_constant_time(a, a));
  for (std::size_t i = 0; i < a.size(); ++i) {
    Sha256 b = a;
    b[i] ^= std::byte{1};
    EXPECT_FALSE(equal_in_constant_time(a, b));
  }
}

}  // namespace
}  // namespace weft
