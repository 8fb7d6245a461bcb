#include "download/url.h"

#include <gtest/gtest.h>

namespace weft::download {
namespace {

std::string parsed(std::string_view text) {
  const auto url = Url::parse(text);
  return url ? url->text() : "none";
}

TEST(Url, has_the_schemes_own_port_and_at_least_a_slash) {
  EXPECT_EQ(parsed("https://Example.com"), "https://example.com/");
  EXPECT_EQ(parsed("HTTP://example.com:8080/a?b#c"), "http://example.com:8080/a?b");
  EXPECT_EQ(parsed("https://example.com?b"), "https://example.com/?b");
  EXPECT_EQ(parsed("https://[::1]:443/a"), "https://[::1]/a");
}

TEST(Url, is_nothing_that_could_be_read_in_two_ways) {
  for (const char* text : {"", "example.com/a", "ftp://example.com/", "file:///etc/passwd", "https://", "https:///a",
                           "https://user@example.com/", "https://example.com:0/", "https://a b/", "https://a/b c",
                           "https://a/\r\nHost: b"}) {
    EXPECT_EQ(parsed(text), "none") << text;
  }
  EXPECT_EQ(parsed("https://a/" + std::string(max_url_bytes, 'b')), "none");
}

TEST(Url, is_redirected_as_a_reference_is_resolved) {
  const Url url = *Url::parse("https://a:1/b/c?d");
  const auto to = [&](std::string_view location) {
    const auto next = url.redirected(location);
    return next ? next->text() : "none";
  };
  EXPECT_EQ(to("https://x/y#z"), "https://x/y");
  EXPECT_EQ(to("http://x/y"), "http://x/y");
  EXPECT_EQ(to("//x/y"), "https://x/y");
  EXPECT_EQ(to("/y?z"), "https://a:1/y?z");
  EXPECT_EQ(to("y:z"), "none");
  EXPECT_EQ(to("y/z"), "https://a:1/b/y/z");
  EXPECT_EQ(to("?z"), "https://a:1/b/c?z");
  EXPECT_EQ(to(""), "none");
  EXPECT_EQ(to("javascript:alert(1)"), "none");
}

}  // namespace
}  // namespace weft::download
