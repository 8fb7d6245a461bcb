#include "content/folder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <string_view>

namespace weft::content {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/weft-content-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    top_ = fs::canonical(name);
    fs::create_directories(top_ / "app/sub");
    write("app/a.wasm", "content");
    write("secret", "secret");
    store_ = FolderStore::create(top_ / "app").value();
  }
  void TearDown() override { fs::remove_all(top_); }

  void write(const fs::path& path, std::string_view text) { std::ofstream(top_ / path) << text; }
  Result<std::string> read_text(const Ref& ref, std::size_t max = 1000) {
    TRY(auto bytes, read(*store_, ref, max));
    return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
  Error error_of(const Ref& ref, std::size_t max = 1000) {
    auto bytes = read(*store_, ref, max);
    EXPECT_FALSE(bytes) << ref.path;
    return bytes ? Error(Errc::internal, "no error") : bytes.error();
  }

  fs::path top_;
  std::unique_ptr<FolderStore> store_;
};

Sha256 digest_of(std::string_view text) {
  return sha256(std::as_bytes(std::span(text)));
}

TEST_F(Folder, ContentIsReadByRelativeAndAbsolutePath) {
  EXPECT_EQ(read_text({"a.wasm"}).value(), "content");
  EXPECT_EQ(read_text({"./sub/../a.wasm"}).value(), "content");
  EXPECT_EQ(read_text({(top_ / "app/a.wasm").string()}).value(), "content");
  EXPECT_EQ(read_text({"../secret"}).value(), "secret") << "a manifest may name a component elsewhere";
}

TEST_F(Folder, WhatCannotBeReadIsNamedWithItsCause) {
  EXPECT_EQ(error_of({"missing.wasm"}).code(), Errc::not_found);
  EXPECT_THAT(error_of({"missing.wasm"}).message(), HasSubstr("no file " + (top_ / "app/missing.wasm").string()));
  EXPECT_EQ(error_of({"a.wasm/b"}).code(), Errc::not_found);
  EXPECT_THAT(error_of({"sub"}).message(), HasSubstr("/sub is a folder"));
  EXPECT_EQ(error_of({""}).code(), Errc::not_found);
  EXPECT_EQ(error_of({std::string("a.wasm\0.txt", 11)}).code(), Errc::not_found);
}

TEST_F(Folder, ANamedPipeIsNotWaitedFor) {
  ASSERT_EQ(mkfifo((top_ / "app/pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of({"pipe"}).message(), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of({"/dev/null"}).message(), HasSubstr("not a regular file"));
}

TEST_F(Folder, SizesAreLimited) {
  EXPECT_EQ(read_text({"a.wasm"}, 7).value(), "content");
  EXPECT_EQ(error_of({"a.wasm"}, 6).code(), Errc::limit);
  EXPECT_THAT(error_of({"a.wasm"}, 6).message(), HasSubstr("a.wasm has 7 bytes; the limit is 6 bytes"));
}

TEST_F(Folder, ADigestIsChecked) {
  EXPECT_EQ(read_text({"a.wasm", digest_of("content")}).value(), "content");
  const Error error = error_of({"a.wasm", digest_of("other")});
  EXPECT_EQ(error.code(), Errc::invalid);
  EXPECT_THAT(error.message(), HasSubstr(hex(digest_of("content"))));
}

TEST_F(Folder, LinksAreFollowedOnlyWhereThatIsAskedFor) {
  fs::create_symlink("../secret", top_ / "app/out");
  fs::create_symlink("../app/sub", top_ / "app/folder");
  write("app/sub/b", "b");
  EXPECT_EQ(read_text({"out"}).value(), "secret");
  for (const char* path : {"out", "../secret", "folder/b"}) {
    EXPECT_EQ(error_of({path, {}, Links::refuse}).code(), Errc::denied) << path;
  }
  EXPECT_EQ(error_of({(top_ / "secret").string(), {}, Links::refuse}).code(), Errc::denied);
  EXPECT_EQ(read_text({(top_ / "app/sub/b").string(), {}, Links::refuse}).value(), "b");
}

TEST_F(Folder, CopiesAreWholeHaveTheirTimeAndAreChecked) {
  const std::string large(300'000, 'x');
  write("app/large", large);
  const timespec times[2] = {{1000, 0}, {2000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, (top_ / "app/large").c_str(), times, 0), 0);
  const FileDescriptor to(open((top_ / "copy").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_EQ(copy(*store_, {"large", digest_of(large)}, to.get(), 300'000).value(), 300'000u);
  EXPECT_EQ(read_text({"../copy"}, 300'000).value(), large);
  struct stat status;
  ASSERT_EQ(fstat(to.get(), &status), 0);
  EXPECT_EQ(status.st_mtim.tv_sec, 2000);
  const FileDescriptor other(open((top_ / "other").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_EQ(copy(*store_, {"large", digest_of("small")}, other.get(), 300'000).error().code(), Errc::invalid);
  EXPECT_EQ(copy(*store_, {"large"}, other.get(), 299'999).error().code(), Errc::limit);
}

TEST_F(Folder, AFileWhoseSizeIsNotKnownIsCopiedToItsEnd) {
  // Files the kernel makes up have size 0 and cannot be copied by it.
  const auto proc = FolderStore::create("/proc").value();
  const FileDescriptor to(open((top_ / "copy").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_GT(copy(*proc, {"self/status"}, to.get(), 1'000'000).value(), 100u);
  const FileDescriptor tight(open((top_ / "tight").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_EQ(copy(*proc, {"self/status"}, tight.get(), 100).error().code(), Errc::limit);
}

TEST(FolderStoreRoot, MustBeAFolder) {
  EXPECT_EQ(FolderStore::create("/nowhere/at/all").error().code(), Errc::not_found);
  EXPECT_FALSE(FolderStore::create("/etc/passwd"));
}

}  // namespace
}  // namespace weft::content
