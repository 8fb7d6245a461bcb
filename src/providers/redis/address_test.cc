#include "providers/redis/address.h"

#include <gtest/gtest.h>

namespace weft::provider::redis {
namespace {

Address parsed(std::string_view url) {
  const auto address = Address::parse(url);
  EXPECT_TRUE(address) << url << ": " << address.error().message();
  return address.value_or(Address{});
}

TEST(Address, HasDefaultsForWhatAUrlLeavesOut) {
  const Address address = parsed("redis://localhost");
  EXPECT_EQ(address.host, "localhost");
  EXPECT_EQ(address.port, 6379);
  EXPECT_EQ(address.database, 0u);
  EXPECT_FALSE(address.tls);
  EXPECT_EQ(address.text(), "localhost:6379");
}

TEST(Address, HasEveryPart) {
  const Address address = parsed("rediss://me:p%40ss%3A@db.example.com:7000/3#insecure");
  EXPECT_EQ(address.user, "me");
  EXPECT_EQ(address.password.reveal(), "p@ss:");
  EXPECT_EQ(address.host, "db.example.com");
  EXPECT_EQ(address.port, 7000);
  EXPECT_EQ(address.database, 3u);
  EXPECT_TRUE(address.tls);
  EXPECT_FALSE(address.check_certificate);
  EXPECT_EQ(address.text(), "db.example.com:7000");
  EXPECT_EQ(parsed("redis://:secret@[::1]:1").password.reveal(), "secret");
  EXPECT_EQ(parsed("redis://[::1]:1").text(), "[::1]:1");
  EXPECT_EQ(parsed("redis://h?db=5").database, 5u);
  EXPECT_TRUE(parsed("valkeys://h").check_certificate);
}

TEST(Address, OfASocketIsItsPath) {
  const Address address = parsed("unix:///run/my%20redis.sock?db=2&user=u&pass=p%25");
  EXPECT_EQ(address.socket, "/run/my redis.sock");
  EXPECT_EQ(address.text(), "/run/my redis.sock");
  EXPECT_EQ(address.database, 2u);
  EXPECT_EQ(address.user, "u");
  EXPECT_EQ(address.password.reveal(), "p%");
  EXPECT_EQ(parsed("redis+unix:///s").socket, "/s");
}

TEST(Address, WhatIsNoneIsRefusedWithoutBeingQuoted) {
  for (const char* url :
       {"", "localhost", "http://h", "redis://", "redis://:6379", "redis://h:0", "redis://h:99999", "redis://h:x",
        "redis://h/x", "redis://h/-1", "redis://h#other", "redis://h?ttl=1", "redis://[::1", "redis://[::1]x",
        "redis://u:%zz@h", "redis://u:%4@h", "unix://relative", "redis://secret@h:x", "redis://h/99999999999"}) {
    const auto address = Address::parse(url);
    ASSERT_FALSE(address) << url;
    EXPECT_EQ(address.error().code(), Errc::invalid);
    EXPECT_EQ(address.error().message().find("secret"), std::string::npos);
  }
  EXPECT_FALSE(Address::parse("redis://" + std::string(5000, 'h')));
}

}  // namespace
}  // namespace weft::provider::redis
