#include "manifest/file_url.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace weft::manifest {
namespace {

TEST(FileUrl, PathsComeBack) {
  for (const char* path : {"/", "/a/b.wasm", "/with space/100%/ü?#", "/tmp/+&='"}) {
    EXPECT_EQ(path_of_file_url(file_url(path)), std::filesystem::path(path)) << path;
  }
  EXPECT_EQ(path_of_file_url("file://localhost/a"), std::filesystem::path("/a"));
  for (const char* url : {"file://host/a", "file:a", "http://a/b", "file:///%0", "file:///%zz", "file:///a%00b", ""}) {
    EXPECT_EQ(path_of_file_url(url), std::nullopt) << url;
  }
}

}  // namespace
}  // namespace weft::manifest
