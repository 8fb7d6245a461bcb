// A folder of a test's own: an application with a folder `site`, and something beside it that is nobody's business.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace weft::static_files::testing {

class FolderTest : public ::testing::Test {
 protected:
  FolderTest() {
    char name[] = "/tmp/weft-static-XXXXXX";
    EXPECT_NE(mkdtemp(name), nullptr);
    top_ = std::filesystem::canonical(name);
    std::filesystem::create_directories(top_ / "app/site");
    write("app/secret.txt", "secret");
  }
  ~FolderTest() override { std::filesystem::remove_all(top_); }

  void write(const std::filesystem::path& path, std::string_view bytes) {
    std::filesystem::create_directories((top_ / path).parent_path());
    std::ofstream(top_ / path, std::ios::binary) << bytes;
  }

  std::filesystem::path top_;
};

}  // namespace weft::static_files::testing
