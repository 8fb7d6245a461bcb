#include "static_files/site.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "static_files/testing/folder.h"

namespace weft::static_files {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Kind = Found::Kind;

class Sites : public testing::FolderTest {
 protected:
  Sites() {
    write("app/site/index.html", "home");
    write("app/site/a.txt", "a");
    write("app/site/sub/index.html", "sub");
    write("app/site/bare/x.txt", "x");
  }

  void make(SiteSettings settings) {
    settings.source = "site";
    auto site = Site::create(top_ / "app", std::move(settings), std::make_shared<PreparedStore>());
    ASSERT_TRUE(site) << site.error().message();
    site_ = *std::move(site);
  }
  Found find(std::string_view path, std::string_view accepted = "") {
    http::Fields request;
    if (!accepted.empty()) request.append("accept-encoding", accepted);
    auto found = site_->find(path, negotiate(request), Wait::yes);
    EXPECT_TRUE(found) << path;
    return found ? *std::move(found) : Found{.kind = Kind::failed};
  }
  std::string text_of(const Found& found) {
    if (!found.file.descriptor) return "-";
    return read_whole(found.file, Wait::yes).value();
  }

  std::shared_ptr<const Site> site_;
};

TEST_F(Sites, APathIsAFileAFolderOrNothing) {
  make({});
  EXPECT_EQ(text_of(find("/a.txt")), "a");
  EXPECT_EQ(text_of(find("/")), "home");
  EXPECT_EQ(text_of(find("/sub/")), "sub");
  EXPECT_EQ(text_of(find("/bare/x.txt")), "x");
  EXPECT_EQ(find("").kind, Kind::folder);
  EXPECT_EQ(find("/sub").kind, Kind::folder);
  for (const char* path : {"/b.txt", "/bare", "/bare/", "/a.txt/", "/a.txt/b", "/sub/x", "/index.html/"}) {
    EXPECT_EQ(find(path).kind, Kind::missing) << path;
    EXPECT_EQ(text_of(find(path)), "-") << path;
  }
  const std::string long_name(5000, 'x');
  EXPECT_EQ(find("/" + long_name).kind, Kind::missing);
}

TEST_F(Sites, NothingOutsideIsReached) {
  fs::create_symlink("../secret.txt", top_ / "app/site/out.txt");
  fs::create_symlink(top_ / "app/site/a.txt", top_ / "app/site/absolute.txt");
  fs::create_symlink("..", top_ / "app/site/up");
  fs::create_symlink("a.txt", top_ / "app/site/inside.txt");
  fs::create_symlink("loop", top_ / "app/site/loop");
  fs::create_symlink("/proc/self/root/etc/passwd", top_ / "app/site/magic");
  make({});
  for (const char* path : {"/out.txt", "/absolute.txt", "/up/secret.txt", "/up/", "/up", "/loop", "/magic",
                           "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt"}) {
    EXPECT_EQ(find(path).kind, Kind::missing) << path;
    EXPECT_EQ(text_of(find(path)), "-") << path;
  }
  EXPECT_EQ(text_of(find("/inside.txt")), "a") << "links inside are followed";
}

TEST_F(Sites, OnlyRegularFilesAreServedAndNoneIsWaitedFor) {
  ASSERT_EQ(mkfifo((top_ / "app/site/pipe").c_str(), 0600), 0);
  ASSERT_EQ(mkfifo((top_ / "app/site/sub/pipe.txt").c_str(), 0600), 0);
  fs::create_directories(top_ / "app/site/odd/index.html");
  make({});
  EXPECT_EQ(find("/pipe").kind, Kind::missing);
  EXPECT_EQ(find("/sub/pipe.txt").kind, Kind::missing);
  EXPECT_EQ(find("/odd/").kind, Kind::missing);
  EXPECT_EQ(find("/odd").kind, Kind::missing);
}

TEST_F(Sites, WhatIsMissingHasAPageOrAFallback) {
  write("app/site/404.html", "no such page");
  make({.not_found = "404.html"});
  EXPECT_EQ(find("/b").kind, Kind::missing);
  EXPECT_EQ(text_of(find("/b")), "no such page");
  EXPECT_EQ(find("/b").type->content_type, "text/html; charset=utf-8");
  make({.fallback = "index.html"});
  EXPECT_EQ(find("/b/c").kind, Kind::fallback);
  EXPECT_EQ(text_of(find("/b/c")), "home");
  EXPECT_EQ(text_of(find("/../secret.txt")), "home") << "not the file that it names";
  fs::remove(top_ / "app/site/index.html");
  EXPECT_EQ(find("/b/c").kind, Kind::missing) << "the page may go while it is served";
}

TEST_F(Sites, ARouteOfOnePathServesTheIndexAlone) {
  make({.index = "a.txt", .whole_tree = false});
  EXPECT_EQ(text_of(find("")), "a");
}

TEST_F(Sites, ACompressedFileBesideItIsServedUnlessItIsOlder) {
  write("app/site/app.js", "plain");
  write("app/site/app.js.gz", "gzipped");
  write("app/site/app.js.br", "brotlied");
  make({.precompressed = true});
  EXPECT_EQ(text_of(find("/app.js")), "plain");
  EXPECT_EQ(text_of(find("/app.js", "gzip, br")), "brotlied");
  EXPECT_EQ(find("/app.js", "gzip, br").type->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(find("/app.js", "gzip, br").coding, Coding::brotli);
  EXPECT_EQ(text_of(find("/app.js", "gzip")), "gzipped");
  EXPECT_EQ(text_of(find("/app.js", "zstd")), "plain");
  EXPECT_EQ(text_of(find("/app.js", "identity, gzip;q=0.5")), "plain");
  const timespec old[2] = {{1000, 0}, {1000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, (top_ / "app/site/app.js.br").c_str(), old, 0), 0);
  EXPECT_EQ(text_of(find("/app.js", "gzip, br")), "gzipped");
  fs::remove(top_ / "app/site/app.js.gz");
  fs::create_symlink("../secret.txt", top_ / "app/site/app.js.gz");
  EXPECT_EQ(text_of(find("/app.js", "gzip, br")), "plain");
  make({});
  EXPECT_EQ(text_of(find("/app.js", "gzip, br")), "plain") << "only where that is asked for";
}

TEST_F(Sites, AFolderThatWasReplacedIsServedAtOnce) {
  make({});
  fs::rename(top_ / "app/site", top_ / "app/old");
  EXPECT_EQ(find("/a.txt").kind, Kind::missing);
  write("app/site/a.txt", "new");
  EXPECT_EQ(text_of(find("/a.txt")), "new");
}

TEST_F(Sites, WhatIsInMemoryIsFoundWithoutWaiting) {
  make({});
  find("/a.txt");
  const auto found = site_->find("/a.txt", {}, Wait::no);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, Kind::file);
}

TEST_F(Sites, AFolderThatCannotBeServedIsNamed) {
  fs::create_symlink("..", top_ / "app/outside");
  const auto error = [this](SiteSettings settings) {
    const auto site = Site::create(top_ / "app", std::move(settings), std::make_shared<PreparedStore>());
    return site ? std::string() : site.error().message();
  };
  EXPECT_EQ(error({.source = "site"}), "");
  EXPECT_THAT(error({.source = "none"}), HasSubstr("there is no folder " + (top_ / "app/none").string()));
  EXPECT_THAT(error({.source = "secret.txt"}), HasSubstr("is no folder"));
  EXPECT_THAT(error({.source = "outside"}), HasSubstr("leads out"));
  EXPECT_THAT(error({.source = "site", .fallback = "none.html"}), HasSubstr("site/none.html: No such file"));
  EXPECT_THAT(error({.source = "site", .not_found = "sub"}), HasSubstr("site/sub: Is a directory"));
}

}  // namespace
}  // namespace weft::static_files
