// A folder with a mount of it, and something beside it that no guest may see.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "wasi/descriptor.h"

namespace weft::wasi::testing {

inline constexpr PathFlags nofollow{};
inline constexpr PathFlags follow{1u << path_flag::symlink_follow};
inline constexpr OpenFlags plain{};
inline constexpr OpenFlags create{1u << open_flag::create};
inline constexpr DescriptorFlags reading{1u << descriptor_flag::read};
inline constexpr DescriptorFlags writing{1u << descriptor_flag::write};
inline constexpr DescriptorFlags both{reading.bits | writing.bits};

class FolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/weft-wasi-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    top_ = std::filesystem::canonical(name);
    std::filesystem::create_directories(top_ / "in/sub");
    write("secret", "secret");
    write("in/file", "content");
  }
  void TearDown() override { std::filesystem::remove_all(top_); }

  void write(const std::filesystem::path& path, std::string_view text) { std::ofstream(top_ / path) << text; }
  std::string text_of(const std::filesystem::path& path) {
    std::ostringstream out;
    out << std::ifstream(top_ / path).rdbuf();
    return out.str();
  }
  // The mount of top_/in, as one instance has it.
  std::unique_ptr<Descriptor> mount(bool writable, std::uint32_t most_open = max_open_files) {
    Mounts mounts;
    EXPECT_TRUE(mounts.add(top_ / "in", "/", writable));
    limit_ = std::make_shared<OpenFileLimit>(most_open, nullptr);
    return std::make_unique<Descriptor>(mounts.list().at(0), limit_);
  }
  static std::string text_of(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  static std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

  std::filesystem::path top_;
  std::shared_ptr<OpenFileLimit> limit_;
};

// The error of a result, or nothing when it succeeded.
template <class T>
std::optional<ErrorCode> error_of(const FileResult<T>& result) {
  if (result) return std::nullopt;
  return result.error();
}

}  // namespace weft::wasi::testing

namespace weft::wasi {
// For messages of failed expectations.
inline void PrintTo(ErrorCode code, std::ostream* out) {
  *out << weft_labels(code)[static_cast<std::size_t>(code)];
}
}  // namespace weft::wasi
