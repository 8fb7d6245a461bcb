#include "download/downloads.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "http/testing/raw_server.h"

namespace weft::download {
namespace {

namespace fs = std::filesystem;
using http::testing::Peer;
using http::testing::RawServer;

fs::path new_folder() {
  std::string pattern = fs::temp_directory_path() / "weft-downloads-XXXXXX";
  return fs::path(mkdtemp(pattern.data())) / "new" / "folder";
}

class DownloadsTest : public ::testing::Test {
 protected:
  ~DownloadsTest() override { fs::remove_all(folder.parent_path().parent_path()); }

  content::Ref ref(std::string_view expected = "hello") const {
    return {.path = "http://127.0.0.1:" + std::to_string(server.port()) + "/a.wasm",
            .digest = sha256(std::as_bytes(std::span(expected)))};
  }
  Result<std::string> read(const content::Ref& ref) const {
    TRY(const auto bytes, content::read(downloads, ref, 1000));
    return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
  std::string text(const content::Ref& asked) const {
    const auto result = read(asked);
    return result ? *result : result.error().message();
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  RawServer server{[](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
  }};
  const fs::path folder = new_folder();
  Downloads downloads{folder, {.max_bytes = 1000, .patience = std::chrono::seconds(20), .ca_file = {}, .progress = {}}};
};

TEST_F(DownloadsTest, asks_the_server_once) {
  EXPECT_EQ(text(ref()), "hello");
  EXPECT_EQ(text(ref()), "hello");
  EXPECT_EQ(server.connections(), 1U);
  EXPECT_EQ(files(), 1U);
}

TEST_F(DownloadsTest, keeps_nothing_that_has_another_digest) {
  const auto result = read(ref("something else"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Errc::invalid);
  EXPECT_NE(result.error().message().find("is not what it should be"), std::string::npos) << result.error().message();
  EXPECT_EQ(files(), 0U);
}

TEST_F(DownloadsTest, gets_again_what_was_damaged_since) {
  ASSERT_TRUE(read(ref()));
  std::ofstream(fs::directory_iterator(folder)->path()) << "damage";
  EXPECT_EQ(text(ref()), "hello");
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(DownloadsTest, refuses_what_is_no_url) {
  const auto result = read({.path = "file:///etc/passwd", .digest = ref().digest});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Errc::invalid);
}

}  // namespace
}  // namespace weft::download
