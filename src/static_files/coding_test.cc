#include "static_files/coding.h"

#include <gtest/gtest.h>

namespace weft::static_files {
namespace {

std::string order(std::initializer_list<std::string_view> lines) {
  http::Fields request;
  for (const std::string_view line : lines) request.append("Accept-Encoding", line);
  std::string names;
  const Preferences preferences = negotiate(request);
  for (const Coding coding : preferences.codings()) {
    if (!names.empty()) names += ' ';
    names += name_of(coding);
  }
  return names;
}

TEST(Coding, WhoDoesNotAskGetsTheBytesAsTheyAre) {
  EXPECT_EQ(order({}), "identity");
  EXPECT_EQ(order({""}), "identity");
}

TEST(Coding, EachExampleOfTheSpecificationIsReadAsItSays) {
  // RFC 9110, 12.5.3.
  EXPECT_EQ(order({"compress, gzip"}), "gzip identity");
  EXPECT_EQ(order({"*"}), "br zstd gzip identity");
  EXPECT_EQ(order({"compress;q=0.5, gzip;q=1.0"}), "gzip identity");
  EXPECT_EQ(order({"gzip;q=1.0, identity; q=0.5, *;q=0"}), "gzip identity");
}

TEST(Coding, WeightsDecideAndTheSmallestComesFirstAmongEquals) {
  const struct {
    const char* field;
    const char* order;
  } cases[] = {
      {"gzip, deflate, br, zstd", "br zstd gzip identity"},
      {"gzip;q=0.9, br;q=0.8", "gzip br identity"},
      {"gzip;q=0.001, br;q=0.002", "br gzip identity"},
      {"identity, gzip;q=0.5", "identity gzip"},
      {"identity;q=0, gzip", "gzip"},
      {"*;q=0", ""},
      {"identity;q=0", ""},
      {"br;q=0, *;q=0.5", "zstd gzip identity"},
      {"GZIP;Q=1", "gzip identity"},
      {"x-gzip", "gzip identity"},
      {"gzip;q=0, x-gzip;q=1", "gzip identity"},
      {"\tgzip ;\tq=0.5 ,, br ; q=0.25", "gzip br identity"},
      {"gzip;q=1.000", "gzip identity"},
  };
  for (const auto& c : cases) EXPECT_EQ(order({c.field}), c.order) << c.field;
}

TEST(Coding, ALineMoreIsPartOfTheList) {
  EXPECT_EQ(order({"gzip;q=0.5", "br"}), "br gzip identity");
}

TEST(Coding, WhatIsMalformedIsPassedOver) {
  for (const char* element : {"gzip;q=1.001", "gzip;q=2", "gzip;q=.5", "gzip;q=0.1234", "gzip;q=", "gzip;q=-1",
                              "gzip;x=1", "gzip;q=1;q=0", "g zip", "gzip;", "gzip;q=1.5", "gzip;q=0,5x"}) {
    EXPECT_EQ(order({std::string(element) + ", br;q=0.5"}), "br identity") << element;
  }
}

}  // namespace
}  // namespace weft::static_files
