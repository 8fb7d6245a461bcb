// The functions as a guest calls them, on a real instance with a real folder.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "preview1/errno.h"
#include "preview1/preview1.h"
#include "wasi/testing/guest.h"

namespace weft::preview1 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using wasi::testing::guest;
using wasi::testing::Import;

constexpr std::uint32_t number(Errno error) {
  return static_cast<std::uint32_t>(error);
}

// A function of preview 1 by its core name and its core signature, and what the component says of it.
struct Func {
  std::string name;
  std::string params;  // of i32 as 'i', of i64 as 'l'
  bool result = true;
};

const std::vector<Func> funcs = {
    {"args_sizes_get", "ii"},
    {"args_get", "ii"},
    {"environ_sizes_get", "ii"},
    {"environ_get", "ii"},
    {"clock_time_get", "ili"},
    {"random_get", "ii"},
    {"proc_exit", "i", false},
    {"sock_shutdown", "ii"},
    {"fd_write", "iiii"},
    {"fd_pwrite", "iiili"},
    {"fd_read", "iiii"},
    {"fd_pread", "iiili"},
    {"fd_seek", "ilii"},
    {"fd_tell", "ii"},
    {"fd_close", "i"},
    {"fd_renumber", "ii"},
    {"fd_allocate", "ill"},
    {"fd_fdstat_get", "ii"},
    {"fd_fdstat_set_flags", "ii"},
    {"fd_fdstat_set_rights", "ill"},
    {"fd_filestat_get", "ii"},
    {"fd_filestat_set_times", "illi"},
    {"fd_prestat_get", "ii"},
    {"fd_prestat_dir_name", "iii"},
    {"fd_readdir", "iiili"},
    {"path_open", "iiiiillii"},
    {"path_filestat_get", "iiiii"},
    {"path_unlink_file", "iii"},
    {"poll_oneoff", "iiii"},
};

// A guest whose `run` is `body`. At 1024 is "file", at 1040 "../secret", at 1056 "text".
std::string guest_with(std::string_view body) {
  std::vector<Import> imports;
  std::string interface;
  for (const Func& func : funcs) {
    std::string core = "(param", typed, label = func.name;
    for (const char param : func.params) {
      core += param == 'i' ? " i32" : " i64";
      typed += " (param \"p" + std::to_string(typed.size()) + "\" " + (param == 'i' ? "u32" : "u64") + ")";
    }
    core += func.result ? ") (result i32)" : ")";
    for (char& c : label) c = c == '_' ? '-' : c;
    imports.push_back({func.name, "$preview1 \"" + label + "\"", core});
    interface += " (export \"" + label + "\" (func" + typed + (func.result ? " (result u32)" : "") + "))";
  }
  std::string text = guest(imports,
                           "(data (i32.const 1024) \"file\") (data (i32.const 1040) \"../secret\") (data (i32.const "
                           "1056) \"text\") (func (export \"run\") (result i32) (local $a i32) (local $b i32) " +
                               std::string(body) + ")");
  constexpr std::string_view begin = "(component";
  text.insert(begin.size(), "\n(import \"" + std::string(interface_name) + "\" (instance $preview1" + interface + "))");
  return text;
}

class Functions : public wasi::testing::GuestTest {
 protected:
  Functions() { add_to_registry(registry_); }
  void SetUp() override {
    char name[] = "/tmp/weft-preview1-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    top_ = std::filesystem::canonical(name);
    std::filesystem::create_directories(top_ / "in/sub");
    std::ofstream(top_ / "secret") << "secret";
    std::ofstream(top_ / "in/file") << "content";
    setup_.mounts = wasi::Mounts();
    ASSERT_TRUE(setup_.mounts.add(top_ / "in", "/data", true));
  }
  void TearDown() override { std::filesystem::remove_all(top_); }

  auto call(std::string_view body) { return run(guest_with(body)); }
  std::string text_of(const char* path) {
    std::ifstream in(top_ / path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::filesystem::path top_;
};

// Opens "file" with these rights; the descriptor, which will be 4, is at 2048.
std::string open(std::uint64_t rights, int oflags = 0, int fdflags = 0) {
  return "(call $path_open (i32.const 3) (i32.const 0) (i32.const 1024) (i32.const 4) (i32.const " +
         std::to_string(oflags) + ") (i64.const " + std::to_string(rights) + ") (i64.const 0) (i32.const " +
         std::to_string(fdflags) + ") (i32.const 2048))";
}
constexpr std::uint64_t reading = 2, writing = 64;

// An iovec at 2064.
std::string buffer(std::uint32_t at, std::uint32_t length) {
  return "(i32.store (i32.const 2064) (i32.const " + std::to_string(static_cast<std::int32_t>(at)) +
         ")) (i32.store (i32.const 2068) (i32.const " + std::to_string(static_cast<std::int32_t>(length)) + "))";
}

TEST_F(Functions, ArgumentsAndEnvironmentAreStringsEndedByNul) {
  setup_.arguments = {"tool", "a"};
  setup_.environment = {{"K", "v"}};
  EXPECT_EQ(call("(drop (call $args_sizes_get (i32.const 64) (i32.const 68)))"
                 "(i32.add (i32.mul (i32.load (i32.const 64)) (i32.const 100)) (i32.load (i32.const 68)))"),
            207u);
  EXPECT_EQ(call("(drop (call $args_get (i32.const 64) (i32.const 128)))"
                 "(i32.load8_u (i32.load (i32.const 68)))"),
            'a');
  EXPECT_EQ(call("(drop (call $environ_get (i32.const 64) (i32.const 128)))"
                 "(i32.load (i32.const 128))"),
            std::uint32_t{'K'} | '=' << 8 | 'v' << 16);
}

TEST_F(Functions, APointerBeyondTheMemoryIsATrapWhereverItIs) {
  setup_.arguments = {"tool"};
  for (const std::string body : {
           "(call $args_get (i32.const 64) (i32.const -1))",
           "(call $random_get (i32.const 4194300) (i32.const 5))",
           "(call $fd_fdstat_get (i32.const 0) (i32.const 4194296))",
           "(call $fd_write (i32.const 1) (i32.const 4194300) (i32.const 1) (i32.const 64))",
           "(call $path_unlink_file (i32.const 3) (i32.const 64) (i32.const -1))",
           "(call $poll_oneoff (i32.const 64) (i32.const 64) (i32.const 100000000) (i32.const 64))",
           "(call $fd_readdir (i32.const 3) (i32.const 64) (i32.const -1) (i64.const 0) (i32.const 64))",
       }) {
    if (body.starts_with("(call $poll")) {
      EXPECT_EQ(call(body), number(Errno::inval)) << "more than a call may have";
      continue;
    }
    const auto result = call(body);
    ASSERT_FALSE(result) << body << " returned " << *result;
    EXPECT_THAT(result.error(), HasSubstr("beyond the guest's memory")) << body;
  }
  const auto inner =
      call(buffer(64, 0x7fff0000) + "(call $fd_write (i32.const 1) (i32.const 2064) (i32.const 1) (i32.const 64))");
  ASSERT_FALSE(inner);
  EXPECT_THAT(inner.error(), HasSubstr("beyond the guest's memory"));
}

TEST_F(Functions, WhatIsWrittenToStandardOutputComesInPieces) {
  EXPECT_EQ(
      call(buffer(1024, 4) + "(i32.store (i32.const 2072) (i32.const 1056)) (i32.store (i32.const 2076) (i32.const 4))"
                             "(drop (call $fd_write (i32.const 1) (i32.const 2064) (i32.const 2) (i32.const 64)))"
                             "(i32.load (i32.const 64))"),
      8u);
  EXPECT_THAT(lines_.seen, ElementsAre("filetext"));
  EXPECT_EQ(call(buffer(64, 4) + "(call $fd_read (i32.const 1) (i32.const 2064) (i32.const 1) (i32.const 64))"),
            number(Errno::badf));
  EXPECT_EQ(call("(call $fd_seek (i32.const 1) (i64.const 0) (i32.const 1) (i32.const 64))"), number(Errno::spipe));
}

TEST_F(Functions, AFileIsReadAndWrittenWhereItsPositionIs) {
  EXPECT_EQ(call(open(reading | writing) + "(drop)" + buffer(1056, 4) +
                 "(drop (call $fd_seek (i32.const 4) (i64.const -2) (i32.const 2) (i32.const 64)))"
                 "(drop (call $fd_write (i32.const 4) (i32.const 2064) (i32.const 1) (i32.const 72)))"
                 "(drop (call $fd_tell (i32.const 4) (i32.const 80)))"
                 "(i32.load (i32.const 80))"),
            9u);
  EXPECT_EQ(text_of("in/file"), "contetext");
  EXPECT_EQ(call(open(reading) + "(drop)" + buffer(128, 100) +
                 "(drop (call $fd_pread (i32.const 4) (i32.const 2064) (i32.const 1) (i64.const 5) (i32.const 72)))"
                 "(i32.add (i32.load8_u (i32.const 128)) (i32.load (i32.const 72)))"),
            't' + 4u);
  EXPECT_EQ(call(open(reading) + "(drop) (call $fd_seek (i32.const 4) (i64.const -1) (i32.const 0) (i32.const 64))"),
            number(Errno::inval));
}

TEST_F(Functions, AppendingIsAtTheEnd) {
  EXPECT_EQ(call(open(writing, 0, 1) + "(drop)" + buffer(1056, 4) +
                 "(call $fd_write (i32.const 4) (i32.const 2064) (i32.const 1) (i32.const 72))"),
            0u);
  EXPECT_EQ(text_of("in/file"), "contenttext");
}

TEST_F(Functions, NothingIsReadWithoutTheRight) {
  const std::string read =
      buffer(64, 4) + "(call $fd_read (i32.const 4) (i32.const 2064) (i32.const 1) (i32.const 72))";
  EXPECT_EQ(call(open(writing) + "(drop)" + read), number(Errno::notcapable));
  EXPECT_EQ(call(open(reading) + "(drop)" + read), 0u);
  EXPECT_EQ(call(open(reading) +
                 "(drop) (drop (call $fd_fdstat_set_rights (i32.const 4) (i64.const 4) (i64.const 0)))" + read),
            number(Errno::notcapable))
      << "given up";
  EXPECT_EQ(call(open(reading) + "(drop) (call $fd_fdstat_set_rights (i32.const 4) (i64.const 64) (i64.const 0))"),
            number(Errno::notcapable))
      << "never had";
}

TEST_F(Functions, NoPathLeadsOutOfTheFolder) {
  EXPECT_EQ(call("(call $path_open (i32.const 3) (i32.const 1) (i32.const 1040) (i32.const 9) (i32.const 0) "
                 "(i64.const 2) (i64.const 0) (i32.const 0) (i32.const 2048))"),
            number(Errno::perm));
  EXPECT_EQ(
      call("(call $path_filestat_get (i32.const 3) (i32.const 1) (i32.const 1040) (i32.const 9) (i32.const 128))"),
      number(Errno::perm));
  EXPECT_EQ(call("(i32.store8 (i32.const 1024) (i32.const 255))" + open(reading)), number(Errno::ilseq));
  EXPECT_EQ(call("(call $path_unlink_file (i32.const 3) (i32.const 65536) (i32.const 5000))"),
            number(Errno::nametoolong));
  EXPECT_EQ(call("(call $path_unlink_file (i32.const 1) (i32.const 1024) (i32.const 4))"), number(Errno::badf));
}

TEST_F(Functions, PreopenedFoldersHaveTheirNames) {
  EXPECT_EQ(call("(drop (call $fd_prestat_get (i32.const 3) (i32.const 64)))"
                 "(i32.add (i32.load (i32.const 64)) (i32.load (i32.const 68)))"),
            5u);
  EXPECT_EQ(call("(drop (call $fd_prestat_dir_name (i32.const 3) (i32.const 64) (i32.const 5)))"
                 "(i32.load8_u (i32.const 68))"),
            'a');
  EXPECT_EQ(call("(call $fd_prestat_dir_name (i32.const 3) (i32.const 64) (i32.const 4))"), number(Errno::nametoolong));
  EXPECT_EQ(call("(call $fd_prestat_get (i32.const 4) (i32.const 64))"), number(Errno::badf));
  EXPECT_EQ(call("(call $fd_prestat_get (i32.const 0) (i32.const 64))"), number(Errno::badf));
}

TEST_F(Functions, AListingGoesOnWithTheEntryThatDidNotFit) {
  // "." and a piece of ".."'s record fit; then from its cookie on ".." and the two entries, in any order.
  EXPECT_EQ(call("(drop (call $fd_readdir (i32.const 3) (i32.const 4096) (i32.const 40) (i64.const 0) (i32.const 64)))"
                 "(i32.load (i32.const 64))"),
            40u)
      << "a full buffer says that there is more";
  EXPECT_EQ(call("(drop (call $fd_readdir (i32.const 3) (i32.const 4096) (i32.const 40) (i64.const 0) (i32.const 64)))"
                 "(drop (call $fd_readdir (i32.const 3) (i32.const 4096) (i32.const 1000) (i64.load (i32.const 4096)) "
                 "(i32.const 64)))"
                 "(i32.load (i32.const 64))"),
            3 * 24 + 2 + 4 + 3u);
  EXPECT_EQ(
      call("(drop (call $fd_readdir (i32.const 3) (i32.const 4096) (i32.const 1000) (i64.const 4) (i32.const 64)))"
           "(i32.load (i32.const 64))"),
      0u)
      << "behind the end";
  EXPECT_EQ(
      call("(drop (call $fd_readdir (i32.const 3) (i32.const 4096) (i32.const 1000) (i64.const -1) (i32.const 64)))"
           "(i32.load (i32.const 64))"),
      0u);
}

TEST_F(Functions, ADescriptorBecomesAnother) {
  const std::string stat = "(i32.load8_u (i32.const 64))";
  EXPECT_EQ(call(open(reading) +
                 "(drop) (drop (call $fd_renumber (i32.const 4) (i32.const 0)))"
                 "(drop (call $fd_fdstat_get (i32.const 0) (i32.const 64)))" +
                 stat),
            4u)
      << "standard input is the file";
  EXPECT_EQ(call("(call $fd_renumber (i32.const 3) (i32.const 9))"), number(Errno::badf));
  EXPECT_EQ(call("(drop (call $fd_close (i32.const 0)))" + open(reading) + "(drop) (i32.load (i32.const 2048))"), 0u)
      << "the lowest that is free";
  EXPECT_EQ(call("(drop (call $fd_close (i32.const 3)))" + open(reading)), number(Errno::badf));
}

TEST_F(Functions, WaitingEndsWithTheFirstThatIsReady) {
  // A clock that has come, at 4096, and a descriptor that is not open, at 4144.
  const std::string clock =
      "(i64.store (i32.const 4096) (i64.const 7)) (i32.store (i32.const 4112) (i32.const 1))"
      "(i64.store (i32.const 4120) (i64.const 1000000))";
  EXPECT_EQ(call(clock + "(drop (call $poll_oneoff (i32.const 4096) (i32.const 8192) (i32.const 1) (i32.const 64)))"
                         "(i32.add (i32.load (i32.const 64)) (i32.load (i32.const 8192)))"),
            8u);
  EXPECT_EQ(call(clock + "(i32.store8 (i32.const 4152) (i32.const 1)) (i32.store (i32.const 4160) (i32.const 99))"
                         "(i64.store (i32.const 4120) (i64.const 100000000000))"
                         "(drop (call $poll_oneoff (i32.const 4096) (i32.const 8192) (i32.const 2) (i32.const 64)))"
                         "(i32.load16_u (i32.const 8200))"),
            number(Errno::badf))
      << "what is wrong with one is told at once, of that one";
  EXPECT_EQ(call("(call $poll_oneoff (i32.const 4096) (i32.const 8192) (i32.const 0) (i32.const 64))"),
            number(Errno::inval));
}

TEST_F(Functions, ExitEndsTheGuestWithEightBitsOfItsStatus) {
  const auto result = call("(call $proc_exit (i32.const 259)) (i32.const 0)");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error(), HasSubstr("status 3"));
}

TEST_F(Functions, WhatIsNoSocketSaysSo) {
  EXPECT_EQ(call("(call $sock_shutdown (i32.const 1) (i32.const 0))"), number(Errno::notsock));
  EXPECT_EQ(call("(call $sock_shutdown (i32.const 77) (i32.const 0))"), number(Errno::badf));
}

TEST_F(Functions, TimesAndSizesThatCannotBeAreRefused) {
  EXPECT_EQ(
      call(open(reading | writing) + "(drop) (call $fd_filestat_set_times (i32.const 4) (i64.const 0) (i64.const 0) "
                                     "(i32.const 3))"),
      number(Errno::inval))
      << "a time, and now";
  EXPECT_EQ(call(open(reading | writing) + "(drop) (call $fd_allocate (i32.const 4) (i64.const 0) (i64.const 0))"),
            number(Errno::inval));
  EXPECT_EQ(call(open(reading | writing) + "(drop) (call $fd_allocate (i32.const 4) (i64.const 8) (i64.const 2))"), 0u);
  EXPECT_EQ(text_of("in/file"), std::string("content\0\0\0", 10));
  EXPECT_EQ(call("(call $clock_time_get (i32.const 2) (i64.const 0) (i32.const 64))"), number(Errno::inval));
}

}  // namespace
}  // namespace weft::preview1
