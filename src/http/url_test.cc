#include "http/url.h"

#include <gtest/gtest.h>

namespace weft::http {
namespace {

TEST(Url, AnAuthorityIsAHostWithOrWithoutAPort) {
  const auto plain = Authority::parse("Example.COM");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "example.com");
  EXPECT_FALSE(plain->port);
  const auto with_port = Authority::parse("example.com:8080");
  ASSERT_TRUE(with_port);
  EXPECT_EQ(with_port->port, 8080);
  EXPECT_TRUE(Authority::parse("a_b.internal."));
  EXPECT_TRUE(Authority::parse("127.0.0.1:80"));
}

TEST(Url, AnIpv6AuthorityLosesItsBrackets) {
  const auto address = Authority::parse("[2001:DB8::1]:443");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "2001:db8::1");
  EXPECT_TRUE(address->is_ipv6);
  EXPECT_EQ(address->port, 443);
  EXPECT_TRUE(Authority::parse("[::]"));
  EXPECT_TRUE(Authority::parse("[::ffff:127.0.0.1]"));
}

TEST(Url, WhatIsNoAuthorityIsRefused) {
  for (std::string_view text : {"",
                                ":80",
                                "example.com:",
                                "example.com:abc",
                                "example.com:65536",
                                "example.com:99999",
                                "example.com:0",
                                "example.com:+80",
                                "example.com:80:90",
                                "user@example.com",
                                "user:pw@example.com",
                                "exa mple.com",
                                "bad-\nhost",
                                "exam%70le.com",
                                "example.com/path",
                                "example.com?x",
                                "::1",
                                "[::1",
                                "[::1]x",
                                "[::1]:",
                                "[fe80::1%eth0]",
                                "[127.0.0.1]",
                                "[zz::1]",
                                ".example.com",
                                "a..b",
                                "\xc3\xa4.example"}) {
    EXPECT_FALSE(Authority::parse(text)) << text;
  }
  EXPECT_FALSE(Authority::parse(std::string(254, 'a')));
  EXPECT_FALSE(Authority::parse(std::string_view("a\0b", 3)));
}

TEST(Url, NumericHostsAreFourDecimalPartsOrNothing) {
  for (std::string_view text : {"127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.01",
                                "127.0.0.256", "1.2.3.4.5", "127.0.0.1.", "example.0x7f", "a.1"}) {
    EXPECT_FALSE(Authority::parse(text)) << text;
  }
  EXPECT_TRUE(Authority::parse("1.2.3.4.example"));
  EXPECT_TRUE(Authority::parse("0x7f.example"));
}

TEST(Url, AnOriginsAuthorityLeavesTheSchemesPortOut) {
  EXPECT_EQ((Origin{false, "example.com", 80}).authority(), "example.com");
  EXPECT_EQ((Origin{true, "example.com", 443}).authority(), "example.com");
  EXPECT_EQ((Origin{true, "example.com", 80}).authority(), "example.com:80");
  EXPECT_EQ((Origin{false, "::1", 3000}).authority(), "[::1]:3000");
}

TEST(Url, APathCannotLeadToAnotherHostOrLine) {
  for (std::string_view text : {"", "/", "/a/b?c=d", "?c=d", "/%7Ea", "//evil.example/x", "/\xc3\xa4", "/{}|\""}) {
    EXPECT_TRUE(is_path_with_query(text)) << text;
  }
  for (std::string_view text : {"a", "*", "http://evil.example/", "/a b", "/bad\npath", "/a\r\nHost: x", "/a#b",
                                "/\x7f", "@evil.example/", ":80/"}) {
    EXPECT_FALSE(is_path_with_query(text)) << text;
  }
}

TEST(Url, ASchemeBeginsWithALetter) {
  for (std::string_view text : {"http", "WS", "git+ssh", "x-1.2"}) EXPECT_TRUE(is_scheme(text)) << text;
  for (std::string_view text : {"", "1a", "+a", "bad\nscheme", "a b", "a:"}) EXPECT_FALSE(is_scheme(text)) << text;
}

}  // namespace
}  // namespace weft::http
