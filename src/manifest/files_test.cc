#include "manifest/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

namespace weft::manifest {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/weft-files-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    top_ = fs::canonical(name);
    app_.root = top_ / "app";
    app_.file = app_.root / "spin.toml";
    component_.id = "hello";
    for (const char* path : {"app/a.txt", "app/b.md", "app/static/index.html", "app/static/img/x.png",
                             "app/static/img/notes.md", "app/static/.hidden", "outside/secret.txt"}) {
      write(path);
    }
  }
  void TearDown() override { fs::remove_all(top_); }

  void write(const fs::path& path) {
    fs::create_directories((top_ / path).parent_path());
    std::ofstream(top_ / path) << path.string();
  }
  void link(const std::string& target, const fs::path& path) { fs::create_symlink(target, top_ / path); }

  // Guest paths of an expansion that must succeed.
  std::vector<std::string> expand(std::vector<FileMount> files, std::vector<std::string> excludes = {}) {
    const FileList list = run(std::move(files), std::move(excludes));
    EXPECT_THAT(list.diagnostics, IsEmpty()) << format_all(list.diagnostics);
    std::vector<std::string> guests;
    for (const FileMapping& mapping : list.files) {
      EXPECT_TRUE(fs::is_regular_file(mapping.host));
      guests.push_back(mapping.guest);
    }
    return guests;
  }
  FileList run(std::vector<FileMount> files, std::vector<std::string> excludes = {}) {
    component_.files = std::move(files);
    component_.exclude_files.clear();
    for (std::string& pattern : excludes) component_.exclude_files.push_back({std::move(pattern), {}});
    return expand_files(app_, component_);
  }
  // The one error of an expansion that must fail.
  Diagnostic error(FileMount mount) {
    mount.at = {7, 3};
    const FileList list = run({std::move(mount)});
    EXPECT_EQ(list.diagnostics.size(), 1u) << format_all(list.diagnostics);
    if (list.diagnostics.empty()) return {};
    EXPECT_EQ(list.diagnostics[0].severity, Severity::error);
    EXPECT_EQ(list.diagnostics[0].line, 7u);
    EXPECT_EQ(list.diagnostics[0].key, "component.hello.files[0]");
    EXPECT_FALSE(list.diagnostics[0].remedy.empty());
    return list.diagnostics[0];
  }

  fs::path top_;
  App app_;
  Component component_;
};

FileMount pattern(std::string source) {
  return {std::move(source), std::nullopt, {}};
}
FileMount placed(std::string source, std::string destination) {
  return {std::move(source), std::move(destination), {}};
}

TEST_F(Files, NoFilesGiveNoMapping) {
  EXPECT_THAT(expand({}), IsEmpty());
}

TEST_F(Files, AFileKeepsItsPath) {
  EXPECT_THAT(expand({pattern("static/index.html")}), ElementsAre("/static/index.html"));
  EXPECT_EQ(run({pattern("./a.txt")}).files.at(0).host, app_.root / "a.txt");
}

TEST_F(Files, AFolderIsTakenWithEverythingBelow) {
  EXPECT_THAT(expand({pattern("static")}),
              ElementsAre("/static/.hidden", "/static/img/notes.md", "/static/img/x.png", "/static/index.html"));
}

TEST_F(Files, PatternsMatchRelativeToTheApplication) {
  EXPECT_THAT(expand({pattern("*.txt")}), ElementsAre("/a.txt"));
  EXPECT_THAT(expand({pattern("static/*/*.png")}), ElementsAre("/static/img/x.png"));
  EXPECT_THAT(expand({pattern("**/*.md")}), ElementsAre("/b.md", "/static/img/notes.md"));
  EXPECT_THAT(expand({pattern("*.none")}), IsEmpty());
  EXPECT_THAT(expand({pattern("nowhere/*.none")}), IsEmpty());
}

TEST_F(Files, AFolderCanBePlacedElsewhere) {
  EXPECT_THAT(expand({placed("static/img", "/pictures")}), ElementsAre("/pictures/notes.md", "/pictures/x.png"));
  EXPECT_THAT(expand({placed("static/img", "/")}), ElementsAre("/notes.md", "/x.png"));
  EXPECT_THAT(expand({placed("a.txt", "/etc/b.conf")}), ElementsAre("/etc/b.conf"));
}

TEST_F(Files, ExcludesMatchPathsOfTheApplicationAndSpareASinglePlacedFile) {
  EXPECT_THAT(expand({pattern("static")}, {"**/*.md", "static/.hidden"}),
              ElementsAre("/static/img/x.png", "/static/index.html"));
  EXPECT_THAT(expand({placed("static", "/s")}, {"static/*"}), IsEmpty());
  EXPECT_THAT(expand({pattern("b.md")}, {"*.md"}), IsEmpty());
  EXPECT_THAT(expand({placed("b.md", "/b.md")}, {"*.md"}), ElementsAre("/b.md"));
}

TEST_F(Files, ALaterEntryReplacesAnEarlierOneAtTheSamePath) {
  const FileList list = run({placed("a.txt", "/x"), placed("b.md", "/x")});
  ASSERT_EQ(list.files.size(), 1u);
  EXPECT_EQ(list.files[0].host, app_.root / "b.md");
}

TEST_F(Files, WhatDoesNotExistIsAnError) {
  EXPECT_THAT(error(pattern("missing.txt")).message, HasSubstr("no file `missing.txt`"));
  EXPECT_THAT(error(placed("missing", "/m")).message, HasSubstr("no file or folder `missing`"));
  EXPECT_THAT(error(placed("a.txt", "/")).message, HasSubstr("cannot be placed at `/`"));
}

TEST_F(Files, PathsThatLeaveTheApplicationAreRefused) {
  for (const char* path :
       {"../outside", "../outside/secret.txt", "static/../../outside/*", "static/..", "static/.", "/etc/passwd", ""}) {
    error(pattern(path));
    error(placed(path, "/x"));
  }
}

TEST_F(Files, LinksOutOfTheApplicationAreRefusedWhereverTheyAre) {
  link("../../outside/secret.txt", "app/static/link.txt");
  EXPECT_THAT(error(pattern("static/link.txt")).message, HasSubstr("link out of the application's folder"));
  EXPECT_THAT(error(pattern("static")).message, HasSubstr("link out of"));
  EXPECT_THAT(error(pattern("static/*.txt")).message, HasSubstr("link out of"));
  EXPECT_THAT(error(placed("static", "/s")).message, HasSubstr("link out of"));
  for (const FileMapping& mapping : run({pattern("static")}).files) EXPECT_NE(mapping.guest, "/static/link.txt");
  EXPECT_THAT(expand({pattern("static/*.html")}), ElementsAre("/static/index.html")) << "not matched, not judged";
}

TEST_F(Files, LinkedFoldersOutOfTheApplicationAreNotEntered) {
  link((top_ / "outside").string(), "app/linked");
  for (const char* path : {"linked", "linked/secret.txt", "linked/*", "**/*.txt"}) {
    const FileList list = run({pattern(path)});
    EXPECT_TRUE(has_errors(list.diagnostics)) << path;
    for (const FileMapping& mapping : list.files) {
      EXPECT_THAT(mapping.host.string(), testing::StartsWith(app_.root.string())) << path;
    }
  }
}

TEST_F(Files, LinksInsideTheApplicationAreFollowed) {
  link("../a.txt", "app/static/copy.txt");
  link("img", "app/static/pictures");
  EXPECT_THAT(expand({pattern("static/copy.txt")}), ElementsAre("/static/copy.txt"));
  EXPECT_EQ(run({pattern("static/copy.txt")}).files[0].host, app_.root / "a.txt");
  EXPECT_THAT(expand({pattern("static/pictures")}), ElementsAre("/static/pictures/notes.md", "/static/pictures/x.png"));
}

TEST_F(Files, AFolderWhoseNameExtendsTheApplicationsIsOutside) {
  write("app-private/key.txt");
  link("../app-private/key.txt", "app/key.txt");
  EXPECT_THAT(error(pattern("key.txt")).message, HasSubstr("link out of"));
}

TEST_F(Files, LoopsOfLinksEnd) {
  link("..", "app/static/up");
  EXPECT_THAT(error(pattern("static")).message, HasSubstr("contains itself"));
  link("dangling", "app/static/img/nowhere");
  fs::remove(app_.root / "static/up");
  EXPECT_THAT(error(pattern("static/img")).message, HasSubstr("leads nowhere"));
}

TEST_F(Files, OnlyRegularFilesAreListed) {
  ASSERT_EQ(mkfifo((app_.root / "static/pipe").c_str(), 0600), 0);
  EXPECT_THAT(expand({pattern("static/p*")}), IsEmpty());
  EXPECT_THAT(error(pattern("static/pipe")).message, HasSubstr("neither a file nor a folder"));
}

TEST_F(Files, AFileNameMustBeUtf8) {
  write(std::string("app/static/bad\xff.txt"));
  EXPECT_THAT(error(pattern("static")).message, HasSubstr("not UTF-8"));
}

TEST_F(Files, DeepFoldersAreRefused) {
  std::string deep = "app/deep";
  for (std::size_t i = 0; i <= max_directory_depth; ++i) deep += "/d";
  write(deep + "/x");
  EXPECT_THAT(error(pattern("deep")).message, HasSubstr("folders deep"));
}

}  // namespace
}  // namespace weft::manifest
