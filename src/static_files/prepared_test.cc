#include "static_files/prepared.h"

#include <gtest/gtest.h>

namespace weft::static_files {
namespace {

PreparedKey key(std::uint64_t inode, Coding coding = Coding::gzip) {
  return {.version = {.inode = inode, .size = 1}, .coding = coding};
}

PreparedPtr made(std::size_t bytes, std::string tag = "\"t\"") {
  auto prepared = std::make_shared<Prepared>();
  prepared->tag = std::move(tag);
  prepared->bytes.assign(bytes, 'x');
  return prepared;
}

TEST(Prepared, OneOfTwoThatWereMadeAtOnceIsKept) {
  PreparedStore store;
  const PreparedPtr first = store.add(key(1), made(10, "first"));
  EXPECT_EQ(store.add(key(1), made(10, "second")), first);
  EXPECT_EQ(store.find(key(1))->tag, "first");
  EXPECT_EQ(store.find(key(1, Coding::brotli)), nullptr);
  EXPECT_EQ(store.find(key(2)), nullptr);
}

TEST(Prepared, MemoryIsBoundedAndWhatIsUsedStays) {
  PreparedStore store(10'000);
  PreparedHere here;
  for (std::uint64_t i = 0; i < 100; ++i) {
    here.met(key(i), store.add(key(i), made(1000)));
    EXPECT_LE(store.bytes(), 10'000u);
    EXPECT_NE(here.find(key(0)), nullptr) << "used again and again, after " << i;
  }
  EXPECT_EQ(here.find(key(50)), nullptr);
  EXPECT_NE(here.find(key(99)), nullptr);
}

TEST(Prepared, WhatIsTooLargeGoesWithTheNextOne) {
  PreparedStore store(100);
  EXPECT_NE(store.add(key(1), made(1000)), nullptr);
  store.add(key(2), made(10));
  EXPECT_EQ(store.find(key(1)), nullptr);
}

TEST(Prepared, ALoopKeepsNothingAlive) {
  PreparedHere here;
  {
    PreparedStore store;
    here.met(key(1), store.add(key(1), made(10)));
    EXPECT_NE(here.find(key(1)), nullptr);
  }
  EXPECT_EQ(here.find(key(1)), nullptr);
}

}  // namespace
}  // namespace weft::static_files
