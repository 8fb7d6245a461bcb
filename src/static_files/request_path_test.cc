#include "static_files/request_path.h"

#include <gtest/gtest.h>

#include <optional>

namespace weft::static_files {
namespace {

std::optional<std::string> path_of(std::string_view path, DotFiles dot_files = DotFiles::hidden) {
  std::string to = "left over";
  if (!file_path(path, dot_files, to)) return std::nullopt;
  return to;
}

TEST(RequestPath, SegmentsAreDecodedOnceAndByThemselves) {
  EXPECT_EQ(path_of(""), "");
  EXPECT_EQ(path_of("/"), "");
  EXPECT_EQ(path_of("/a/b.txt"), "a/b.txt");
  EXPECT_EQ(path_of("/a/b/"), "a/b");
  EXPECT_EQ(path_of("/%61%2Etxt"), "a.txt");
  EXPECT_EQ(path_of("/a%20b+c"), "a b+c");
  EXPECT_EQ(path_of("/%25%32%66"), "%2f") << "decoded once";
  EXPECT_EQ(path_of("/gr%C3%BC%C3%9Fe"), "gr\u00fc\u00dfe");
  EXPECT_EQ(path_of("/a\\..\\b"), "a\\..\\b") << "a name like any other";
  EXPECT_EQ(path_of("/...a"), std::nullopt);
}

TEST(RequestPath, NothingLeadsOutOfItsSegment) {
  for (const char* path :
       {"/..",       "/../x", "/a/../b", "/a/..",   "/a/../",           "/.",      "/./a", "/a/.",
        "/%2e%2e/x", "/.%2E", "/%2e",    "/a%2fb",  "/a%2F..%2Fb",      "/..%2fx", "//",   "//a",
        "/a//b",     "/a//",  "///",     "/%00",    "/a%00.txt",        "/%",      "/%4",  "/%zz",
        "/%4g",      "/a%",   "/%%41",   "/%u0041", "/%c0%ae%c0%ae%2f", "/..%00",  "/%2f", "/%5c%2f"}) {
    EXPECT_EQ(path_of(path, DotFiles::served), std::nullopt) << path;
    EXPECT_EQ(path_of(path, DotFiles::hidden), std::nullopt) << path;
  }
}

TEST(RequestPath, HiddenNamesAreServedOnlyWhereThatIsAskedFor) {
  for (const char* path : {"/.env", "/.git/config", "/a/.htpasswd", "/%2eenv", "/a/.well-known/x", "/.well-knownx"}) {
    EXPECT_EQ(path_of(path), std::nullopt) << path;
    EXPECT_TRUE(path_of(path, DotFiles::served)) << path;
  }
  EXPECT_EQ(path_of("/.well-known/security.txt"), ".well-known/security.txt");
  EXPECT_EQ(path_of("/.well-known/.env"), std::nullopt);
}

}  // namespace
}  // namespace weft::static_files
