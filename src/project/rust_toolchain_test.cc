#include "project/rust_toolchain.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace weft::project {
namespace {

namespace fs = std::filesystem;

// A PATH of one folder, in which `rustc` is a script that writes a line to `asked` each time.
class Toolchain : public testing::Test {
 protected:
  Toolchain() {
    char name[] = "/tmp/weft-rust-XXXXXX";
    folder_ = mkdtemp(name);
    fs::create_directories(folder_ / "app");
    setenv("PATH", (folder_ / "bin").c_str(), 1);
    fs::create_directories(folder_ / "bin");
  }
  ~Toolchain() override {
    setenv("PATH", path_.c_str(), 1);
    fs::remove_all(folder_);
  }

  void rustc(const std::string& says) {
    const fs::path file = folder_ / "bin/rustc";
    std::ofstream(file) << "#!/bin/sh\necho asked >>" << (folder_ / "asked").string() << "\nprintf '" << says << "'\n";
    fs::permissions(file, fs::perms::owner_all);
    older(file);
  }
  // Every change has a time of its own, however fast the test is.
  void older(const fs::path& file) {
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(100 - ++changes_));
  }
  std::ptrdiff_t asked() const {
    std::ifstream file(folder_ / "asked");
    return std::count(std::istreambuf_iterator<char>(file), {}, '\n');
  }
  RustToolchain find() const { return find_rust(folder_ / "app"); }

  fs::path folder_;

 private:
  std::string path_ = std::getenv("PATH");
  int changes_ = 0;
};

TEST_F(Toolchain, IsAskedAgainOnlyWhenAnotherOneMayAnswer) {
  rustc("info: installing\\n/opt/rust\\naarch64-apple-darwin\\nwasm32-wasi\\n");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(find().sysroot, "/opt/rust");
    EXPECT_TRUE(find().knows_wasm32_wasi);
  }
  EXPECT_EQ(asked(), 1);

  rustc("/opt/newer\\nwasm32-wasip1\\n");
  EXPECT_EQ(find().sysroot, "/opt/newer");
  EXPECT_FALSE(find().knows_wasm32_wasi);
  EXPECT_EQ(asked(), 2);

  for (const char* name : {"app/rust-toolchain.toml", "rust-toolchain"}) {
    std::ofstream(folder_ / name) << "nightly";
    const auto before = asked();
    find();
    EXPECT_EQ(asked(), before + 1) << name;
    older(folder_ / name);
    find();
    EXPECT_EQ(asked(), before + 2) << name;
  }
}

TEST_F(Toolchain, ThatIsMissingIsFoundOnceItIsThere) {
  EXPECT_TRUE(find().sysroot.empty());
  rustc("/opt/rust\\n");
  EXPECT_EQ(find().sysroot, "/opt/rust");
}

}  // namespace
}  // namespace weft::project
