#include "wasi/descriptor.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "wasi/testing/folder.h"

namespace weft::wasi {
namespace {

namespace fs = std::filesystem;
using namespace testing;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class DescriptorTest : public FolderTest {
 protected:
  std::unique_ptr<Descriptor> open(const Descriptor& base, const std::string& path, DescriptorFlags flags = reading,
                                   OpenFlags how = plain) {
    auto opened = base.open_at(nofollow, path, how, flags);
    EXPECT_TRUE(opened) << path << ": " << ::testing::PrintToString(opened.error());
    return opened ? *std::move(opened) : nullptr;
  }
  std::string read_all(InputStream& stream) {
    std::string out;
    for (;;) {
      auto bytes = stream.read(UINT64_MAX);
      if (!bytes) {
        EXPECT_TRUE(std::holds_alternative<Closed>(bytes.error()));
        return out;
      }
      EXPECT_LE(bytes->size(), max_read_bytes);
      EXPECT_FALSE(bytes->empty()) << "a file always has bytes, or ends";
      out += text_of(*bytes);
    }
  }
  std::vector<std::string> list(const Descriptor& folder) {
    auto stream = folder.read_directory().value();
    std::vector<std::string> names;
    for (;;) {
      auto entry = stream->next();
      if (!entry) {
        names.push_back(std::string("!") + ::testing::PrintToString(entry.error()));
        continue;
      }
      if (!*entry) return names;
      names.push_back((*entry)->name);
    }
  }
};

TEST_F(DescriptorTest, AFileIsReadInPiecesByStreamsThatDoNotDisturbEachOther) {
  const std::string large(200'000, 'x');
  write("in/large", large + "end");
  const auto base = mount(false);
  const auto file = open(*base, "large");
  auto whole = file->read_via_stream(0).value();
  auto tail = file->read_via_stream(200'000).value();
  EXPECT_EQ(text_of(*tail->read(2)), "en");
  EXPECT_EQ(text_of(*tail->read(0)), "") << "no bytes asked for is not the end";
  EXPECT_EQ(read_all(*whole), large + "end");
  EXPECT_EQ(read_all(*tail), "d");
  EXPECT_TRUE(std::holds_alternative<Closed>(tail->read(0).error())) << "closed for good";
  for (const std::uint64_t beyond : {std::uint64_t{1} << 40, std::uint64_t{INT64_MAX}}) {
    EXPECT_EQ(read_all(*file->read_via_stream(beyond).value()), "") << beyond;
  }
  const auto failed = file->read_via_stream(UINT64_MAX).value()->read(1);
  EXPECT_EQ(dynamic_cast<FileError&>(*std::get<LastOperationFailed>(failed.error()).value).code(), ErrorCode::invalid);
}

TEST_F(DescriptorTest, AStreamKeepsItsFileOpen) {
  const auto base = mount(false);
  auto stream = open(*base, "file")->read_via_stream(0).value();
  fs::remove(top_ / "in/file");
  EXPECT_EQ(read_all(*stream), "content");
}

TEST_F(DescriptorTest, PositionedReadsTellTheEnd) {
  const auto base = mount(false);
  const auto file = open(*base, "file");
  const auto read = [&](std::uint64_t length, std::uint64_t offset) {
    auto [bytes, end] = file->read(length, offset).value();
    return std::pair(text_of(bytes), end);
  };
  EXPECT_EQ(read(3, 0), std::pair(std::string("con"), false));
  EXPECT_EQ(read(UINT64_MAX, 3), std::pair(std::string("tent"), true));
  EXPECT_EQ(read(10, 100), std::pair(std::string(), true));
  EXPECT_EQ(read(0, 0), std::pair(std::string(), false));
  EXPECT_EQ(error_of(file->read(10, UINT64_MAX)), ErrorCode::invalid);
}

TEST_F(DescriptorTest, FilesAreWrittenAtOffsetsAtTheEndAndBeyond) {
  const auto base = mount(true);
  const auto file = open(*base, "new", both, create);
  EXPECT_EQ(file->write(bytes_of("0123456789"), 0).value(), 10u);
  auto at = file->write_via_stream(2).value();
  auto end = file->append_via_stream().value();
  EXPECT_TRUE(at->write(bytes_of("ab")));
  EXPECT_TRUE(end->write(bytes_of("xy")));
  EXPECT_TRUE(at->write(bytes_of("cd")));
  EXPECT_TRUE(end->write(bytes_of("z")));
  EXPECT_TRUE(at->flush());
  EXPECT_EQ(text_of("in/new"), "01abcd6789xyz");
  EXPECT_EQ(file->write(bytes_of("!"), 15).value(), 1u);
  EXPECT_EQ(text_of("in/new"), std::string("01abcd6789xyz\0\0!", 16));
  EXPECT_TRUE(file->set_size(2));
  EXPECT_EQ(text_of("in/new"), "01");
  EXPECT_EQ(file->write({}, 0).value(), 0u);
  EXPECT_EQ(error_of(file->write(bytes_of("x"), UINT64_MAX)), ErrorCode::file_too_large);
  EXPECT_EQ(error_of(file->set_size(UINT64_MAX)), ErrorCode::file_too_large);
  EXPECT_EQ(file->write(std::vector<std::byte>(1 << 20), 0).value(), max_write_permit) << "one piece at a time";
  EXPECT_TRUE(file->sync());
  EXPECT_TRUE(file->sync_data());
}

TEST_F(DescriptorTest, AFailedWriteSaysWhyOnceAndClosesItsStream) {
  const auto base = mount(true);
  const auto file = open(*base, "file", writing);
  auto stream = file->write_via_stream(INT64_MAX - 1).value();
  const auto failed = stream->write(bytes_of("beyond every limit"));
  ASSERT_FALSE(failed);
  const auto& error = *std::get<LastOperationFailed>(failed.error()).value;
  ASSERT_NE(dynamic_cast<const FileError*>(&error), nullptr) << error.debug_string();
  EXPECT_EQ(dynamic_cast<const FileError&>(error).code(), ErrorCode::file_too_large);
  EXPECT_THAT(error.debug_string(), ::testing::HasSubstr("file-too-large"));
  EXPECT_TRUE(std::holds_alternative<Closed>(stream->check_write().error()));
  EXPECT_TRUE(std::holds_alternative<Closed>(stream->write({}).error()));
  EXPECT_TRUE(std::holds_alternative<Closed>(stream->flush().error()));
}

TEST_F(DescriptorTest, OnlyWhatItWasOpenedForIsAllowed) {
  const auto base = mount(true);
  const auto reader = open(*base, "file");
  EXPECT_EQ(error_of(reader->write(bytes_of("x"), 0)), ErrorCode::bad_descriptor);
  EXPECT_EQ(error_of(reader->write_via_stream(0)), ErrorCode::bad_descriptor);
  EXPECT_EQ(error_of(reader->append_via_stream()), ErrorCode::bad_descriptor);
  EXPECT_EQ(error_of(reader->set_size(0)), ErrorCode::bad_descriptor);
  EXPECT_TRUE(reader->sync()) << "no effect";
  const auto writer = open(*base, "file", writing);
  EXPECT_EQ(error_of(writer->read(1, 0)), ErrorCode::bad_descriptor);
  EXPECT_EQ(error_of(writer->read_via_stream(0)), ErrorCode::bad_descriptor);
  EXPECT_EQ(text_of("in/file"), "content");
  EXPECT_TRUE(open(*base, "file", DescriptorFlags{})->read(1, 0)) << "without any right, reading is meant";
}

TEST_F(DescriptorTest, FilesAndDirectoriesAreNotTakenForEachOther) {
  const auto base = mount(true);
  EXPECT_EQ(error_of(base->read(1, 0)), ErrorCode::is_directory);
  EXPECT_EQ(error_of(base->read_via_stream(0)), ErrorCode::is_directory);
  EXPECT_EQ(error_of(base->write_via_stream(0)), ErrorCode::is_directory);
  EXPECT_EQ(error_of(base->append_via_stream()), ErrorCode::is_directory);
  EXPECT_EQ(error_of(base->set_size(0)), ErrorCode::is_directory);
  EXPECT_EQ(error_of(base->advise(0, 0, Advice::normal)), ErrorCode::bad_descriptor);
  EXPECT_EQ(error_of(base->open_at(nofollow, "sub", plain, both)), ErrorCode::is_directory);
  EXPECT_EQ(error_of(base->open_at(nofollow, "sub", create, reading)), ErrorCode::is_directory);
  const auto file = open(*base, "file");
  EXPECT_EQ(error_of(file->read_directory()), ErrorCode::not_directory);
  EXPECT_EQ(error_of(file->stat_at(nofollow, "x")), ErrorCode::not_directory);
  EXPECT_EQ(error_of(file->open_at(nofollow, ".", plain, reading)), ErrorCode::not_directory);
  EXPECT_EQ(error_of(file->unlink_file_at("x")), ErrorCode::not_directory);
  EXPECT_EQ(error_of(base->open_at(nofollow, "file", OpenFlags{1u << open_flag::directory}, reading)),
            ErrorCode::not_directory);
  EXPECT_EQ(base->type(), DescriptorType::directory);
  EXPECT_EQ(file->type(), DescriptorType::regular_file);
}

TEST_F(DescriptorTest, OpenFlagsDoWhatTheySay) {
  const auto base = mount(true);
  const OpenFlags exclusive{create.bits | 1u << open_flag::exclusive};
  const OpenFlags truncate{1u << open_flag::truncate};
  EXPECT_EQ(error_of(base->open_at(nofollow, "absent", plain, reading)), ErrorCode::no_entry);
  EXPECT_EQ(error_of(base->open_at(nofollow, "absent", truncate, writing)), ErrorCode::no_entry);
  EXPECT_EQ(error_of(base->open_at(nofollow, "file", exclusive, writing)), ErrorCode::exist);
  open(*base, "made", writing, exclusive);
  EXPECT_TRUE(fs::exists(top_ / "in/made"));
  open(*base, "file", reading, create);
  EXPECT_EQ(text_of("in/file"), "content");
  open(*base, "file", writing, truncate);
  EXPECT_EQ(text_of("in/file"), "");
  EXPECT_EQ(error_of(base->open_at(nofollow, "x", OpenFlags{create.bits | 1u << open_flag::directory}, reading)),
            ErrorCode::invalid);
  EXPECT_FALSE(fs::exists(top_ / "in/x"));
}

TEST_F(DescriptorTest, FlagsTellHowItWasOpened) {
  const auto readable = mount(false);
  const auto writable = mount(true);
  const DescriptorFlags mutate{1u << descriptor_flag::mutate_directory};
  EXPECT_EQ(readable->flags(), reading);
  EXPECT_EQ(writable->flags().bits, reading.bits | mutate.bits);
  EXPECT_EQ(open(*writable, "sub")->flags(), reading);
  EXPECT_EQ(open(*writable, "sub", {})->flags(), reading) << "without any right, reading is meant";
  EXPECT_EQ(open(*writable, "sub", mutate)->flags(), writable->flags());
  EXPECT_TRUE(open(*writable, "sub")->create_directory_at("below")) << "what lies below has the mount's right";
  EXPECT_EQ(error_of(readable->open_at(nofollow, "sub", plain, mutate)), ErrorCode::read_only);
  const DescriptorFlags synchronous{writing.bits | 1u << descriptor_flag::data_integrity_sync};
  EXPECT_EQ(open(*writable, "file", synchronous)->flags(), synchronous);
  EXPECT_EQ(open(*writable, "file", {})->flags(), reading);
  EXPECT_EQ(open(*writable, "file", {}, create)->flags(), both) << "making a file is writing";
  EXPECT_EQ(open(*writable, "file", reading, OpenFlags{1u << open_flag::truncate})->flags(), both);
  EXPECT_EQ(open(*writable, "file", writing, create)->flags(), writing);
}

TEST_F(DescriptorTest, DirectoriesListWhatIsInThem) {
  write("in/sub/ä", "");
  fs::create_symlink("nowhere", top_ / "in/sub/link");
  ASSERT_EQ(mkfifo((top_ / "in/sub/pipe").c_str(), 0600), 0);
  const auto base = mount(false);
  const auto sub = open(*base, "sub");
  EXPECT_THAT(list(*sub), UnorderedElementsAre("ä", "link", "pipe"));
  EXPECT_THAT(list(*sub), UnorderedElementsAre("ä", "link", "pipe")) << "each stream starts at the beginning";
  EXPECT_THAT(list(*base), UnorderedElementsAre("file", "sub"));
  auto stream = sub->read_directory().value();
  while (auto entry = *stream->next()) {
    const auto expected = entry->name == "link"   ? DescriptorType::symbolic_link
                          : entry->name == "pipe" ? DescriptorType::fifo
                                                  : DescriptorType::regular_file;
    EXPECT_EQ(entry->type, expected) << entry->name;
  }
}

TEST_F(DescriptorTest, ManyEntriesAndNamesThatAreNotTextAreListedOneByOne) {
  for (int i = 0; i < 3000; ++i) write("in/sub/a-name-of-some-length-" + std::to_string(i), "");
  write("in/sub/bad\xff", "");
  const auto base = mount(false);
  const auto names = list(*open(*base, "sub"));
  EXPECT_EQ(names.size(), 3001u);
  EXPECT_EQ(std::ranges::count(names, "!illegal-byte-sequence"), 1);
}

TEST_F(DescriptorTest, StatusAndHashesDescribeTheObject) {
  const timespec times[2] = {{1000, 1}, {2000, 2}};
  ASSERT_EQ(utimensat(AT_FDCWD, (top_ / "in/file").c_str(), times, 0), 0);
  const auto base = mount(true);
  const auto file = open(*base, "file");
  const DescriptorStat status = file->stat().value();
  EXPECT_EQ(status.type, DescriptorType::regular_file);
  EXPECT_EQ(status.size, 7u);
  EXPECT_EQ(status.link_count, 1u);
  EXPECT_EQ(status.data_access_timestamp->seconds, 1000u);
  EXPECT_EQ(status.data_modification_timestamp->seconds, 2000u);
  EXPECT_EQ(status.data_modification_timestamp->nanoseconds, 2u);
  EXPECT_EQ(base->stat_at(nofollow, "sub")->type, DescriptorType::directory);

  const MetadataHash hash = file->metadata_hash().value();
  EXPECT_EQ(base->metadata_hash_at(nofollow, "file").value(), hash);
  EXPECT_FALSE(base->metadata_hash_at(nofollow, "sub").value() == hash);
  ASSERT_TRUE(open(*base, "file", writing)->write(bytes_of("x"), 0));
  EXPECT_FALSE(file->metadata_hash().value() == hash) << "modified";
  EXPECT_TRUE(file->is_same_object(*open(*base, "file")));
  EXPECT_FALSE(file->is_same_object(*base));
}

TEST_F(DescriptorTest, TimesAreSetAndImpossibleOnesRefused) {
  const auto base = mount(true);
  const auto file = open(*base, "file");
  EXPECT_TRUE(file->set_times(Timestamp{{10, 20}}, NoChange{}));
  EXPECT_EQ(file->stat()->data_access_timestamp->seconds, 10u);
  EXPECT_TRUE(base->set_times_at(follow, "file", NoChange{}, Timestamp{{30, 999'999'999}}));
  EXPECT_EQ(file->stat()->data_access_timestamp->nanoseconds, 20u);
  EXPECT_EQ(file->stat()->data_modification_timestamp->seconds, 30u);
  EXPECT_TRUE(base->set_times(Now{}, Now{}));
  EXPECT_EQ(error_of(file->set_times(Timestamp{{0, 1'000'000'000}}, NoChange{})), ErrorCode::invalid);
  EXPECT_EQ(error_of(file->set_times(Timestamp{{0, UTIME_NOW}}, NoChange{})), ErrorCode::invalid);
  EXPECT_EQ(error_of(file->set_times(Timestamp{{UINT64_MAX, 0}}, NoChange{})), ErrorCode::overflow);
}

TEST_F(DescriptorTest, TimesBefore1970AreNone) {
  const timespec times[2] = {{-5, 0}, {-5, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, (top_ / "in/file").c_str(), times, 0), 0);
  const auto base = mount(false);
  EXPECT_FALSE(base->stat_at(nofollow, "file")->data_modification_timestamp);
}

TEST_F(DescriptorTest, EntriesAreMadeMovedLinkedAndRemoved) {
  const auto base = mount(true);
  EXPECT_TRUE(base->create_directory_at("a"));
  EXPECT_TRUE(base->create_directory_at("a/b/")) << "a slash at the end is fine for a directory";
  EXPECT_EQ(error_of(base->create_directory_at("a")), ErrorCode::exist);
  EXPECT_EQ(error_of(base->create_directory_at("x/y")), ErrorCode::no_entry);
  EXPECT_TRUE(base->rename_at("file", *base, "a/b/moved"));
  EXPECT_EQ(text_of("in/a/b/moved"), "content");
  const auto b = open(*base, "a/b");
  EXPECT_TRUE(b->link_at(nofollow, "moved", *base, "hard"));
  EXPECT_TRUE(open(*base, "hard")->is_same_object(*open(*b, "moved")));
  EXPECT_EQ(error_of(base->link_at(nofollow, "hard", *base, "hard")), ErrorCode::exist);
  EXPECT_EQ(error_of(base->link_at(nofollow, "absent", *base, "x")), ErrorCode::no_entry);
  EXPECT_EQ(error_of(base->link_at(nofollow, "a", *base, "x")), ErrorCode::not_permitted) << "not a file";
  EXPECT_TRUE(base->symlink_at("a/b/moved", "soft"));
  EXPECT_EQ(base->readlink_at("soft").value(), "a/b/moved");
  EXPECT_EQ(error_of(base->readlink_at("a")), ErrorCode::invalid);
  EXPECT_TRUE(base->link_at(follow, "soft", *base, "target"));
  EXPECT_TRUE(open(*base, "target")->is_same_object(*open(*base, "hard")));
  EXPECT_TRUE(base->link_at(nofollow, "soft", *base, "soft2"));
  EXPECT_EQ(base->readlink_at("soft2").value(), "a/b/moved") << "the link itself";
  EXPECT_EQ(error_of(base->link_at(follow, "a", *base, "x")), ErrorCode::not_permitted);
  EXPECT_EQ(error_of(base->remove_directory_at("a/b")), ErrorCode::not_empty);
  EXPECT_EQ(error_of(base->unlink_file_at("a")), ErrorCode::is_directory);
  EXPECT_EQ(error_of(base->remove_directory_at("hard")), ErrorCode::not_directory);
  EXPECT_TRUE(base->unlink_file_at("a/b/moved"));
  EXPECT_TRUE(base->remove_directory_at("a/b/"));
  EXPECT_EQ(text_of("in/hard"), "content");
}

TEST_F(DescriptorTest, ASlashAtTheEndMeansADirectory) {
  const auto base = mount(true);
  EXPECT_EQ(error_of(base->open_at(nofollow, "file/", plain, reading)), ErrorCode::not_directory);
  EXPECT_EQ(error_of(base->stat_at(nofollow, "file/")), ErrorCode::not_directory);
  EXPECT_EQ(error_of(base->unlink_file_at("file/")), ErrorCode::not_directory);
  EXPECT_EQ(error_of(base->unlink_file_at("sub/")), ErrorCode::is_directory);
  EXPECT_EQ(error_of(base->unlink_file_at("absent/")), ErrorCode::no_entry);
  EXPECT_EQ(error_of(base->rename_at("file/", *base, "x")), ErrorCode::not_directory);
  EXPECT_EQ(error_of(base->rename_at("file", *base, "x/")), ErrorCode::not_directory);
  EXPECT_EQ(error_of(base->rename_at("absent/", *base, "x")), ErrorCode::no_entry);
  EXPECT_TRUE(base->rename_at("sub/", *base, "moved//"));
  EXPECT_EQ(error_of(base->symlink_at("file", "x/")), ErrorCode::no_entry);
  EXPECT_EQ(error_of(base->symlink_at("file", "moved/")), ErrorCode::exist);
  EXPECT_EQ(error_of(base->link_at(nofollow, "file", *base, "x/")), ErrorCode::no_entry);
  EXPECT_EQ(error_of(base->link_at(nofollow, "file/", *base, "x")), ErrorCode::not_directory);
  EXPECT_EQ(text_of("in/file"), "content");
}

TEST_F(DescriptorTest, TheDirectoryItselfCannotBeRemovedOrMovedByItsDots) {
  const auto base = mount(true);
  for (const char* path : {".", "sub/..", "./", "sub/../."}) {
    EXPECT_FALSE(base->remove_directory_at(path)) << path;
    EXPECT_FALSE(base->unlink_file_at(path)) << path;
    EXPECT_FALSE(base->create_directory_at(path)) << path;
    EXPECT_FALSE(base->rename_at(path, *base, "x")) << path;
    EXPECT_FALSE(base->rename_at("sub", *base, path)) << path;
    EXPECT_FALSE(base->symlink_at("file", path)) << path;
    EXPECT_FALSE(base->link_at(nofollow, "file", *base, path)) << path;
    EXPECT_TRUE(base->stat_at(nofollow, path)) << path;
  }
  EXPECT_THAT(list(*base), UnorderedElementsAre("file", "sub"));
}

TEST_F(DescriptorTest, AReadOnlyMountRefusesEveryChange) {
  fs::create_symlink("file", top_ / "in/link");
  const auto base = mount(false);
  const auto writable = mount(true);
  const auto read_only = ErrorCode::read_only;
  for (const OpenFlags how :
       {create, OpenFlags{1u << open_flag::truncate}, OpenFlags{create.bits | 1u << open_flag::exclusive}}) {
    for (const char* path : {"file", "absent"}) {
      EXPECT_EQ(error_of(base->open_at(nofollow, path, how, reading)), read_only) << path;
      EXPECT_EQ(error_of(base->open_at(follow, path, how, both)), read_only) << path;
    }
  }
  EXPECT_EQ(error_of(base->open_at(nofollow, "file", plain, writing)), read_only);
  EXPECT_EQ(error_of(base->open_at(nofollow, "sub", plain, DescriptorFlags{1u << descriptor_flag::mutate_directory})),
            read_only);
  const auto sub = open(*base, "sub");
  for (const Descriptor* folder : {base.get(), sub.get()}) {
    EXPECT_EQ(error_of(folder->create_directory_at("x")), read_only);
    EXPECT_EQ(error_of(folder->symlink_at("file", "x")), read_only);
    EXPECT_EQ(error_of(folder->unlink_file_at("file")), read_only);
    EXPECT_EQ(error_of(folder->remove_directory_at("sub")), read_only);
    EXPECT_EQ(error_of(folder->rename_at("file", *writable, "x")), read_only);
    EXPECT_EQ(error_of(writable->rename_at("file", *folder, "x")), read_only);
    EXPECT_EQ(error_of(folder->link_at(nofollow, "file", *writable, "x")), read_only)
        << "it would make a file of the read-only mount writable";
    EXPECT_EQ(error_of(folder->link_at(follow, "link", *writable, "x")), read_only);
    EXPECT_EQ(error_of(writable->link_at(nofollow, "file", *folder, "x")), read_only);
    EXPECT_EQ(error_of(folder->set_times(Now{}, Now{})), read_only);
    EXPECT_EQ(error_of(folder->set_times_at(nofollow, "file", Now{}, Now{})), read_only);
  }
  const auto file = open(*base, "file");
  EXPECT_EQ(error_of(file->write(bytes_of("x"), 0)), read_only);
  EXPECT_EQ(error_of(file->write_via_stream(0)), read_only);
  EXPECT_EQ(error_of(file->append_via_stream()), read_only);
  EXPECT_EQ(error_of(file->set_size(0)), read_only);
  EXPECT_EQ(error_of(file->set_times(Now{}, Now{})), read_only);
  EXPECT_TRUE(file->sync());
  EXPECT_TRUE(base->sync());
  EXPECT_TRUE(file->advise(0, 0, Advice::will_need));
  EXPECT_EQ(error_of(file->advise(UINT64_MAX, 0, Advice::will_need)), ErrorCode::invalid);
  EXPECT_EQ(text_of("in/file"), "content");
  EXPECT_THAT(list(*base), UnorderedElementsAre("file", "link", "sub"));
}

TEST_F(DescriptorTest, AMoveToAnotherFileSystemIsCrossDevice) {
  struct stat here, there;
  ASSERT_EQ(::stat(top_.c_str(), &here), 0);
  if (::stat("/dev/shm", &there) != 0 || here.st_dev == there.st_dev) GTEST_SKIP() << "needs two file systems";
  char name[] = "/dev/shm/weft-wasi-XXXXXX";
  ASSERT_NE(mkdtemp(name), nullptr);
  Mounts mounts;
  ASSERT_TRUE(mounts.add(name, "/", true));
  const Descriptor other(mounts.list()[0], nullptr);
  const auto base = mount(true);
  EXPECT_EQ(error_of(base->rename_at("file", other, "file")), ErrorCode::cross_device);
  fs::remove_all(name);
}

TEST_F(DescriptorTest, OpenFilesOfAnInstanceAreCounted) {
  const auto base = mount(true, 3);
  auto a = open(*base, "file");
  auto stream = a->read_via_stream(0).value();
  a.reset();
  EXPECT_EQ(limit_->used(), 1u) << "the stream keeps it";
  auto b = open(*base, "sub");
  auto entries = b->read_directory().value();
  EXPECT_EQ(limit_->used(), 3u);
  EXPECT_EQ(error_of(base->open_at(nofollow, "file", plain, reading)), ErrorCode::insufficient_memory);
  EXPECT_EQ(error_of(b->read_directory()), ErrorCode::insufficient_memory);
  EXPECT_TRUE(base->stat_at(nofollow, "file")) << "looking needs no place";
  stream.reset();
  EXPECT_TRUE(base->open_at(nofollow, "file", plain, reading));
  EXPECT_FALSE(base->open_at(nofollow, "absent", plain, reading));
  entries.reset();
  b.reset();
  EXPECT_EQ(limit_->used(), 0u) << "failures keep no place";
}

TEST(OpenFileLimitTest, TheProcessHasALimitAboveItsInstances) {
  auto process = std::make_shared<OpenFileLimit>(2, nullptr);
  auto one = std::make_shared<OpenFileLimit>(2, process);
  OpenFileLimit other(2, process);
  EXPECT_TRUE(one->take());
  EXPECT_TRUE(other.take());
  EXPECT_FALSE(one->take());
  EXPECT_EQ(one->used(), 1u);
  other.give_back();
  auto file = OpenFile::reserve(one);
  EXPECT_NE(file, nullptr);
  EXPECT_EQ(OpenFile::reserve(one), nullptr);
  file.reset();
  EXPECT_EQ(process->used(), 1u);
}

TEST_F(DescriptorTest, AMountMustBeADirectoryAtAPlaceOfItsOwn) {
  Mounts mounts;
  EXPECT_EQ(mounts.add(top_ / "absent", "/", false).error().code(), Errc::not_found);
  EXPECT_FALSE(mounts.add(top_ / "in/file", "/", false));
  EXPECT_TRUE(mounts.add(top_ / "in", "/", false));
  EXPECT_FALSE(mounts.add(top_ / "in/sub", "/", false));
  EXPECT_TRUE(mounts.add(top_ / "in/sub", "/sub", true));
}

TEST(ErrorCodes, NamesAndNumbersAreTheInterfaces) {
  constexpr auto names = weft_labels(ErrorCode{});
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorCode::cross_device) + 1);
  EXPECT_EQ(names[static_cast<std::size_t>(ErrorCode::cross_device)], "cross-device");
  EXPECT_EQ(names[static_cast<std::size_t>(ErrorCode::no_entry)], "no-entry");
  EXPECT_EQ(names[static_cast<std::size_t>(ErrorCode::read_only)], "read-only");
  EXPECT_EQ(error_code_of(ENOENT), ErrorCode::no_entry);
  EXPECT_EQ(error_code_of(EROFS), ErrorCode::read_only);
  EXPECT_EQ(error_code_of(EMFILE), ErrorCode::insufficient_memory);
  EXPECT_EQ(error_code_of(EIO), ErrorCode::io);
  EXPECT_EQ(error_code_of(99999), ErrorCode::io);
}

}  // namespace
}  // namespace weft::wasi
