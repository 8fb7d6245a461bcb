// How much an instance may write, on real files.
#include "wasi/disk_quota.h"

#include <gmock/gmock.h>

#include "wasi/testing/folder.h"

namespace weft::wasi {
namespace {

using namespace testing;

constexpr OpenFlags truncate{1u << open_flag::truncate};

class DiskQuotaTest : public FolderTest {
 protected:
  std::unique_ptr<Descriptor> mount_with(std::uint64_t most) {
    quota_ = std::make_shared<DiskQuota>(most, [this] { ++refusals_; });
    Mounts mounts;
    EXPECT_TRUE(mounts.add(top_ / "in", "/", true));
    limit_ = std::make_shared<OpenFileLimit>(max_open_files, nullptr);
    return std::make_unique<Descriptor>(mounts.list().at(0), limit_, quota_);
  }
  std::shared_ptr<DiskQuota> quota_;
  int refusals_ = 0;
};

TEST_F(DiskQuotaTest, WritesEndAtTheLimitWhateverWayTheyGo) {
  const auto base = mount_with(10);
  const auto file = base->open_at(nofollow, "file", plain, both).value();
  EXPECT_EQ(file->write(bytes_of("123456"), 0).value(), 6u);
  EXPECT_EQ(file->write(bytes_of("abcdef"), 0).value(), 4u) << "as many as are left";
  EXPECT_EQ(text_of("in/file"), "abcd56t");
  EXPECT_EQ(refusals_, 0);
  EXPECT_EQ(error_of(file->write(bytes_of("x"), 0)), ErrorCode::quota);
  auto stream = file->write_via_stream(0).value();
  const auto failed = stream->write(bytes_of("x"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(std::get<LastOperationFailed>(failed.error()).value->debug_string(), "the file operation failed: quota");
  EXPECT_FALSE(file->append_via_stream().value()->write(bytes_of("x")));
  EXPECT_EQ(refusals_, 1) << "said once";
  EXPECT_EQ(file->write({}, 0).value(), 0u) << "nothing needs nothing";
  EXPECT_EQ(text_of("in/file"), "abcd56t");
}

TEST_F(DiskQuotaTest, AStreamWritesWhatIsLeftAndFails) {
  const auto base = mount_with(5);
  const auto file = base->open_at(nofollow, "file", truncate, both).value();
  EXPECT_FALSE(file->append_via_stream().value()->write(bytes_of("123456789")));
  EXPECT_EQ(text_of("in/file"), "12345");
}

TEST_F(DiskQuotaTest, WhatIsSkippedOrAddedAtTheEndCounts) {
  const auto base = mount_with(100);
  const auto file = base->open_at(nofollow, "file", plain, both).value();
  EXPECT_EQ(error_of(file->set_size(108)), ErrorCode::quota);
  EXPECT_FALSE(error_of(file->set_size(57)));
  EXPECT_EQ(quota_->used(), 50u);
  EXPECT_EQ(error_of(file->write(bytes_of("x"), 108)), ErrorCode::quota);
  EXPECT_EQ(error_of(file->write(bytes_of("x"), 107)), ErrorCode::quota) << "a hole and nothing behind it";
  EXPECT_EQ(quota_->used(), 50u) << "what came to nothing does not count";
  EXPECT_EQ(file->write(bytes_of("xy"), 106).value(), 1u);
  EXPECT_EQ(quota_->used(), 100u);
  EXPECT_FALSE(error_of(file->set_size(0))) << "less is always possible, and gives nothing back";
  EXPECT_EQ(quota_->used(), 100u);
}

TEST_F(DiskQuotaTest, EachNewNameCounts) {
  const auto base = mount_with(4 * disk_entry_bytes);
  EXPECT_FALSE(error_of(base->create_directory_at("folder")));
  EXPECT_EQ(error_of(base->create_directory_at("folder")), ErrorCode::exist);
  EXPECT_FALSE(error_of(base->symlink_at("file", "link")));
  EXPECT_FALSE(error_of(base->link_at(nofollow, "file", *base, "other")));
  EXPECT_TRUE(base->open_at(nofollow, "new", create, writing));
  EXPECT_EQ(quota_->used(), 4 * disk_entry_bytes) << "failures do not count";
  EXPECT_TRUE(base->open_at(nofollow, "new", create, writing)) << "it is there already";
  EXPECT_EQ(error_of(base->create_directory_at("one-more")), ErrorCode::quota);
  EXPECT_EQ(error_of(base->symlink_at("file", "one-more")), ErrorCode::quota);
  EXPECT_EQ(error_of(base->link_at(nofollow, "file", *base, "one-more")), ErrorCode::quota);
  EXPECT_EQ(error_of(base->open_at(nofollow, "one-more", create, writing)), ErrorCode::quota);
  EXPECT_FALSE(std::filesystem::exists(top_ / "in/one-more"));
  EXPECT_FALSE(error_of(base->unlink_file_at("link"))) << "what makes room needs none";
  EXPECT_FALSE(error_of(base->rename_at("other", *base, "third")));
}

TEST_F(DiskQuotaTest, FoldersBelowCountInTheSame) {
  const auto base = mount_with(6);
  const auto sub = base->open_at(nofollow, "sub", plain, reading).value();
  EXPECT_EQ(error_of(sub->create_directory_at("x")), ErrorCode::quota);
}

}  // namespace
}  // namespace weft::wasi
