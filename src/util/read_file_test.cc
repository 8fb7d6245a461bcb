#include "util/read_file.h"

#include <gtest/gtest.h>

#include <fstream>

namespace weft {
namespace {

class ReadFile : public testing::Test {
 protected:
  std::filesystem::path file(std::string_view text) {
    std::ofstream(path_, std::ios::binary) << text;
    return path_;
  }
  ~ReadFile() override { std::filesystem::remove(path_); }
  std::filesystem::path path_ = testing::TempDir() + "read_file_test." + std::to_string(getpid());
};

TEST_F(ReadFile, IsTheWholeFileUpToTheLimit) {
  EXPECT_EQ(read_file(file(""), 10), "");
  EXPECT_EQ(read_file(file("0123456789"), 10), "0123456789");
  EXPECT_EQ(read_file(file("0123456789a"), 10).error().code(), Errc::limit);
  const std::string large(100'000, 'x');
  EXPECT_EQ(read_file(file(large), 100'000), large);
  EXPECT_EQ(read_file(path_, 99'999).error().code(), Errc::limit);
}

TEST_F(ReadFile, SaysWhichFileItCannotRead) {
  const auto missing = read_file("/nowhere/at/all", 10);
  EXPECT_EQ(missing.error().code(), Errc::not_found);
  EXPECT_NE(missing.error().message().find("/nowhere/at/all"), std::string::npos);
  EXPECT_EQ(read_file("/", 10).error().code(), Errc::io);
}

}  // namespace
}  // namespace weft
