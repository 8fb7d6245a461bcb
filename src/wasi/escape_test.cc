// Every way out of a mount that we know of, tried.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "wasi/descriptor.h"
#include "wasi/testing/folder.h"

namespace weft::wasi {
namespace {

namespace fs = std::filesystem;
using namespace testing;

class Escape : public FolderTest {
 protected:
  // The error of every operation at `path`, which all must refuse; the first one's is returned.
  void refused_by_all(const std::string& path, std::initializer_list<ErrorCode> allowed) {
    const auto base = mount(true);
    const auto expect = [&](const char* what, std::optional<ErrorCode> error) {
      EXPECT_TRUE(error && std::ranges::find(allowed, *error) != allowed.end())
          << what << " " << path.substr(0, 100) << ": " << (error ? ::testing::PrintToString(*error) : "succeeded");
    };
    expect("open", error_of(base->open_at(follow, path, plain, reading)));
    expect("open to write", error_of(base->open_at(follow, path, plain, both)));
    expect("create", error_of(base->open_at(follow, path, create, both)));
    expect("truncate", error_of(base->open_at(follow, path, OpenFlags{1u << open_flag::truncate}, reading)));
    expect("open a directory", error_of(base->open_at(follow, path, OpenFlags{1u << open_flag::directory}, reading)));
    expect("stat", error_of(base->stat_at(follow, path)));
    expect("hash", error_of(base->metadata_hash_at(follow, path)));
    expect("set times", error_of(base->set_times_at(follow, path, Now{}, Now{})));
    expect("link of", error_of(base->link_at(follow, path, *base, "stolen")));
    unchanged();
  }
  // The same for what does not follow a link at the end.
  void refused_without_following(const std::string& path, std::initializer_list<ErrorCode> allowed) {
    refused_by_all(path, allowed);
    const auto base = mount(true);
    const auto expect = [&](const char* what, std::optional<ErrorCode> error) {
      EXPECT_TRUE(error && std::ranges::find(allowed, *error) != allowed.end())
          << what << " " << path.substr(0, 100) << ": " << (error ? ::testing::PrintToString(*error) : "succeeded");
    };
    expect("open", error_of(base->open_at(nofollow, path, plain, reading)));
    expect("create", error_of(base->open_at(nofollow, path, create, both)));
    expect("stat", error_of(base->stat_at(nofollow, path)));
    expect("make a directory", error_of(base->create_directory_at(path)));
    expect("remove a directory", error_of(base->remove_directory_at(path)));
    expect("unlink", error_of(base->unlink_file_at(path)));
    expect("rename from", error_of(base->rename_at(path, *base, "stolen")));
    expect("rename to", error_of(base->rename_at("file", *base, path)));
    expect("link of", error_of(base->link_at(nofollow, path, *base, "stolen")));
    expect("link to", error_of(base->link_at(nofollow, "file", *base, path)));
    expect("symlink at", error_of(base->symlink_at("file", path)));
    expect("read link", error_of(base->readlink_at(path)));
    unchanged();
  }
  void unchanged() {
    EXPECT_EQ(text_of("secret"), "secret");
    EXPECT_EQ(text_of("in/file"), "content");
    EXPECT_FALSE(fs::exists(fs::symlink_status(top_ / "in/stolen")));
    EXPECT_EQ(std::distance(fs::directory_iterator(top_), fs::directory_iterator()), 2);
  }
};

TEST_F(Escape, DotsDoNotLeadOut) {
  for (const char* path : {"..", "../", "../secret", "../new", "sub/../../secret", "./../secret", "../in/file",
                           "sub/../../in/file", "sub//..//..//secret", "sub/../.."}) {
    refused_without_following(path, {ErrorCode::not_permitted});
  }
}

TEST_F(Escape, AbsolutePathsAreRefused) {
  for (const std::string& path : {std::string("/"), std::string("/etc/passwd"), (top_ / "in/file").string(),
                                  std::string("//etc/passwd"), std::string("/new")}) {
    refused_without_following(path, {ErrorCode::not_permitted});
  }
}

TEST_F(Escape, LinksOutAreNotFollowedAtTheEnd) {
  fs::create_symlink("../secret", top_ / "in/out");
  fs::create_symlink(top_ / "secret", top_ / "in/absolute");
  fs::create_symlink(top_ / "in/file", top_ / "in/absolute-inside");
  fs::create_symlink("../absent", top_ / "in/dangling");
  fs::create_symlink("out", top_ / "in/twice");
  for (const char* path : {"out", "absolute", "absolute-inside", "dangling", "twice", "sub/../out"}) {
    refused_by_all(path, {ErrorCode::not_permitted});
  }
  const auto base = mount(true);
  EXPECT_EQ(error_of(base->open_at(nofollow, "out", plain, reading)), ErrorCode::loop);
  EXPECT_EQ(error_of(base->open_at(nofollow, "dangling", create, both)), ErrorCode::loop);
  EXPECT_EQ(base->stat_at(nofollow, "out")->type, DescriptorType::symbolic_link);
  EXPECT_EQ(error_of(base->readlink_at("absolute")), ErrorCode::not_permitted) << "it would tell a path of the host";
  unchanged();
}

TEST_F(Escape, LinksOutAreNotFollowedOnTheWay) {
  fs::create_symlink("..", top_ / "in/up");
  fs::create_symlink(top_, top_ / "in/top");
  fs::create_symlink("sub/../..", top_ / "in/around");
  for (const char* path : {"up/secret", "top/secret", "around/secret", "up/new", "up/in/file", "top/in/file"}) {
    refused_without_following(path, {ErrorCode::not_permitted});
  }
}

TEST_F(Escape, ASlashAfterALinkDoesNotFollowItOut) {
  fs::create_symlink("..", top_ / "in/up");
  const auto base = mount(true);
  EXPECT_EQ(error_of(base->remove_directory_at("up/")), ErrorCode::not_permitted);
  EXPECT_FALSE(base->unlink_file_at("up/"));
  EXPECT_FALSE(base->rename_at("up/", *base, "stolen"));
  EXPECT_FALSE(base->rename_at("sub", *base, "up/"));
  EXPECT_FALSE(base->create_directory_at("up/"));
  EXPECT_FALSE(base->link_at(nofollow, "file", *base, "up/"));
  EXPECT_FALSE(base->symlink_at("file", "up/"));
  EXPECT_FALSE(base->readlink_at("up/"));
  unchanged();
}

TEST_F(Escape, LinksMadeByAGuestLeadNowhereElse) {
  const auto base = mount(true);
  EXPECT_EQ(error_of(base->symlink_at("/etc/passwd", "link")), ErrorCode::not_permitted);
  EXPECT_EQ(error_of(base->symlink_at("", "link")), ErrorCode::no_entry);
  ASSERT_TRUE(base->symlink_at("../secret", "link")) << "its text is free";
  EXPECT_EQ(error_of(base->open_at(follow, "link", plain, reading)), ErrorCode::not_permitted);
  ASSERT_TRUE(base->symlink_at("..", "sub/up"));
  ASSERT_TRUE(base->rename_at("sub/up", *base, "up")) << "one level higher it leads out";
  EXPECT_EQ(error_of(base->open_at(follow, "up/secret", plain, reading)), ErrorCode::not_permitted);
  EXPECT_EQ(error_of(base->symlink_at("file", "up/x")), ErrorCode::not_permitted);
}

TEST_F(Escape, AHardLinkOfALinkLeadsOutNoMoreThanTheLink) {
  fs::create_symlink("../secret", top_ / "in/out");
  const auto base = mount(true);
  ASSERT_TRUE(base->link_at(nofollow, "out", *base, "sub/again")) << "the link itself, and not where it leads";
  EXPECT_EQ(base->stat_at(nofollow, "sub/again")->type, DescriptorType::symbolic_link);
  write("in/secret", "inside");
  const auto opened = base->open_at(follow, "sub/again", plain, both);
  ASSERT_TRUE(opened) << "one level lower it leads to another file";
  ASSERT_TRUE((*opened)->write(bytes_of("written"), 0));
  EXPECT_EQ(text_of("in/secret"), "written");
  EXPECT_EQ(error_of(base->link_at(follow, "out", *base, "stolen")), ErrorCode::not_permitted);
  unchanged();
}

TEST_F(Escape, AFolderBelowLeadsNoHigherThanItself) {
  write("in/sub/own", "own");
  const auto base = mount(true);
  const auto sub = base->open_at(nofollow, "sub", OpenFlags{1u << open_flag::directory}, reading);
  ASSERT_TRUE(sub);
  const Descriptor& below = **sub;
  for (const char* path : {"..", "../file", "../new", "../../secret", "../sub/own"}) {
    EXPECT_EQ(error_of(below.open_at(follow, path, plain, reading)), ErrorCode::not_permitted) << path;
    EXPECT_EQ(error_of(below.open_at(follow, path, create, both)), ErrorCode::not_permitted) << path;
    EXPECT_EQ(error_of(below.create_directory_at(path)), ErrorCode::not_permitted) << path;
    EXPECT_EQ(error_of(below.unlink_file_at(path)), ErrorCode::not_permitted) << path;
    EXPECT_EQ(error_of(below.rename_at("own", below, path)), ErrorCode::not_permitted) << path;
    EXPECT_EQ(error_of(below.link_at(nofollow, "own", below, path)), ErrorCode::not_permitted) << path;
    EXPECT_EQ(error_of(below.symlink_at("own", path)), ErrorCode::not_permitted) << path;
  }
  ASSERT_TRUE(below.rename_at("own", *base, "given")) << "to another folder that it was given";
  fs::rename(top_ / "in/sub", top_ / "moved");
  EXPECT_EQ(error_of(below.open_at(follow, "../secret", plain, reading)), ErrorCode::not_permitted)
      << "also when somebody moved it out";
  fs::remove(top_ / "moved");
  EXPECT_EQ(error_of(below.open_at(follow, "new", create, writing)), ErrorCode::no_entry);
  EXPECT_EQ(error_of(below.create_directory_at("new")), ErrorCode::no_entry);
  unchanged();
}

TEST_F(Escape, WritesGoToTheFileThatWasOpenedWhateverTakesItsName) {
  const auto base = mount(true);
  const auto file = base->open_at(nofollow, "file", plain, both).value();
  auto stream = file->append_via_stream().value();
  fs::rename(top_ / "in/file", top_ / "in/kept");
  fs::create_symlink("../secret", top_ / "in/file");
  ASSERT_TRUE(stream->write(bytes_of("!")));
  ASSERT_FALSE(error_of(file->set_size(4)));
  ASSERT_FALSE(error_of(file->set_times(Now{}, Now{})));
  EXPECT_EQ(text_of("in/kept"), "cont");
  EXPECT_EQ(text_of("secret"), "secret");
}

TEST_F(Escape, LoopsOfLinksEnd) {
  fs::create_symlink("b", top_ / "in/a");
  fs::create_symlink("a", top_ / "in/b");
  fs::create_symlink("self/x", top_ / "in/self");
  for (const char* path : {"a", "b", "self", "a/x", "self/y"}) refused_by_all(path, {ErrorCode::loop});
  std::string before = "file";
  for (int i = 0; i < 100; ++i) {
    const std::string next = "link-" + std::to_string(i);
    fs::create_symlink(before, top_ / "in" / next);
    before = next;
  }
  refused_by_all(before, {ErrorCode::loop});
}

TEST_F(Escape, NamesWithNulAreRefused) {
  using namespace std::string_literals;
  for (const std::string& path : {"\0"s, "file\0"s, "file\0x"s, "\0../secret"s, "sub/\0"s}) {
    refused_without_following(path, {ErrorCode::invalid});
  }
  EXPECT_EQ(error_of(mount(true)->symlink_at("a\0b"s, "x")), ErrorCode::invalid);
}

TEST_F(Escape, EmptyAndHugePathsAreRefused) {
  refused_without_following("", {ErrorCode::no_entry});
  refused_without_following(std::string(256, 'a'), {ErrorCode::name_too_long});
  refused_without_following(std::string(max_path_bytes + 1, 'a'), {ErrorCode::name_too_long});
  refused_without_following(std::string(10'000'000, '/').insert(0, "a"), {ErrorCode::name_too_long});
  std::string deep;
  while (deep.size() <= max_path_bytes) deep += "../";
  refused_without_following(deep, {ErrorCode::name_too_long});
  const auto base = mount(true);
  EXPECT_EQ(error_of(base->symlink_at(std::string(max_path_bytes + 1, 'a'), "x")), ErrorCode::name_too_long);
  std::string longest = "file";
  while (longest.size() + 2 <= max_path_bytes) longest.insert(0, "./");
  EXPECT_TRUE(base->stat_at(nofollow, longest)) << longest.size();
}

TEST(EscapeProc, MagicLinksLeadNowhere) {
  Mounts mounts;
  ASSERT_TRUE(mounts.add("/proc", "/", true));
  const Descriptor base(mounts.list()[0], nullptr);
  for (const char* path :
       {"self/root/etc/passwd", "self/cwd", "self/root", "self/exe", "self/fd/0", "thread-self/root"}) {
    for (const PathFlags flags : {nofollow, follow}) {
      EXPECT_FALSE(base.open_at(flags, path, plain, reading)) << path;
    }
    EXPECT_FALSE(base.stat_at(follow, path)) << path;
  }
  EXPECT_FALSE(base.readlink_at("self/exe")) << "it would tell a path of the host";
  EXPECT_TRUE(base.open_at(follow, "self/status", plain, reading)) << "an ordinary link inside is followed";
}

TEST_F(Escape, OnlyFilesAndDirectoriesAreOpenedAndNothingIsWaitedFor) {
  ASSERT_EQ(mkfifo((top_ / "in/pipe").c_str(), 0600), 0);
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s", (top_ / "in/socket").c_str());
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const auto base = mount(true);
  for (const char* path : {"pipe", "socket"}) {
    for (const DescriptorFlags flags : {reading, writing, both}) {
      EXPECT_EQ(error_of(base->open_at(follow, path, plain, flags)), ErrorCode::unsupported) << path;
      EXPECT_EQ(error_of(base->open_at(follow, path, create, flags)), ErrorCode::unsupported) << path;
    }
  }
  EXPECT_EQ(base->stat_at(nofollow, "pipe")->type, DescriptorType::fifo);
  EXPECT_EQ(base->stat_at(nofollow, "socket")->type, DescriptorType::socket);

  Mounts mounts;
  ASSERT_TRUE(mounts.add("/dev", "/", true));
  const Descriptor devices(mounts.list()[0], nullptr);
  for (const char* path : {"null", "zero", "tty", "random"}) {
    EXPECT_EQ(error_of(devices.open_at(follow, path, plain, both)), ErrorCode::unsupported) << path;
  }
}

// Somebody who may change the directory exchanges a real folder `flip/x` and a link out of the mount, without a pause.
TEST_F(Escape, RacingRenamesNeverLeadOut) {
  fs::create_directories(top_ / "in/flip/x");
  write("in/flip/x/name", "content");
  fs::create_directories(top_ / "out");
  write("out/name", "secret");
  fs::create_symlink("../../out", top_ / "in/link");
  const auto time_of_secret = fs::last_write_time(top_ / "out/name");
  const FileDescriptor in(::open((top_ / "in").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> flips = 0;
  std::thread attacker([&] {
    while (!stop) flips += renameat2(in.get(), "flip/x", in.get(), "link", RENAME_EXCHANGE) == 0 ? 1 : 0;
  });

  const auto base = mount(true);
  std::uint64_t done = 0, refused = 0;
  const auto count = [&](const auto& result) { ++(result ? done : refused); };
  const auto expect_harmless = [&](const FileResult<bind::Own<Descriptor>>& opened) {
    count(opened);
    if (opened) EXPECT_EQ(text_of(std::get<0>((*opened)->read(100, 0).value())), "content");
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(700);
  while (std::chrono::steady_clock::now() < until || flips < 1000) {
    expect_harmless(base->open_at(follow, "flip/x/name", plain, reading));
    expect_harmless(base->open_at(follow, "flip/x/../x/name", plain, reading));
    if (auto status = base->stat_at(follow, "flip/x/name")) EXPECT_EQ(status->size, 7u);
    count(base->link_at(follow, "flip/x/name", *base, "stolen"));
    if (auto stolen = base->open_at(nofollow, "stolen", plain, reading)) expect_harmless(stolen);
    count(base->unlink_file_at("stolen"));
    count(base->open_at(follow, "flip/x/made", create, writing));
    count(base->create_directory_at("flip/x/folder"));
    count(base->symlink_at("y", "flip/x/soft"));
    count(base->rename_at("flip/x/made", *base, "flip/x/moved"));
    count(base->link_at(nofollow, "flip/x/moved", *base, "flip/x/hard"));
    count(base->set_times_at(follow, "flip/x/name", Timestamp{{1, 0}}, Timestamp{{1, 0}}));
    for (const char* name : {"flip/x/hard", "flip/x/moved", "flip/x/soft"}) count(base->unlink_file_at(name));
    count(base->remove_directory_at("flip/x/folder"));
  }
  stop = true;
  attacker.join();
  EXPECT_GT(done, 0u);
  EXPECT_GT(refused, 0u) << "the race was never lost, so nothing was tested";
  EXPECT_EQ(text_of("out/name"), "secret");
  EXPECT_EQ(fs::last_write_time(top_ / "out/name"), time_of_secret);
  EXPECT_EQ(std::distance(fs::directory_iterator(top_ / "out"), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace weft::wasi
