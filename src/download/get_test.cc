#include "download/get.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "http/testing/raw_server.h"
#include "util/file_descriptor.h"

namespace weft::download {
namespace {

using http::testing::Peer;
using http::testing::RawServer;

class Get : public ::testing::Test {
 protected:
  FileDescriptor file{memfd_create("answer", MFD_CLOEXEC)};
  GetOptions options{.max_bytes = 1000, .patience = std::chrono::seconds(20), .ca_file = {}, .progress = {}};

  Result<void> get(unsigned short port) {
    return download::get(*Url::parse("http://127.0.0.1:" + std::to_string(port) + "/a.wasm?b"), file.get(), options);
  }
  std::string written() const {
    std::string bytes(static_cast<std::size_t>(lseek(file.get(), 0, SEEK_END)), '\0');
    EXPECT_EQ(pread(file.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    return bytes;
  }
  static RawServer::Script answering(std::string answer) {
    return [answer](Peer& peer) {
      peer.read_head();
      peer.write(answer);
    };
  }
};

TEST_F(Get, writes_what_the_server_answers_and_tells_how_far_it_is) {
  std::string head;
  RawServer server([&](Peer& peer) {
    head = peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  });
  std::uint64_t last = 0;
  options.progress = [&](const Url&, std::uint64_t done, std::uint64_t total) {
    last = done;
    EXPECT_EQ(total, 5U);
  };
  ASSERT_TRUE(get(server.port()));
  EXPECT_EQ(written(), "hello");
  EXPECT_EQ(last, 5U);
  EXPECT_TRUE(head.starts_with("GET /a.wasm?b HTTP/1.1\r\n")) << head;
}

TEST_F(Get, follows_redirections_and_not_for_ever) {
  RawServer server([](Peer& peer) {
    for (std::string head; !(head = peer.read_head()).empty();) {
      if (head.starts_with("GET /there ")) {
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      } else {
        peer.write("HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n");
      }
    }
  });
  ASSERT_TRUE(get(server.port()));
  EXPECT_EQ(written(), "ok");

  RawServer endless(answering("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"));
  const auto result = get(endless.port());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Errc::unavailable);
  EXPECT_EQ(endless.connections(), max_redirections + 1);
}

TEST_F(Get, is_refused_with_the_url_and_the_reason) {
  const std::pair<const char*, const char*> answers[] = {
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "the server answers 404 Not Found"},
      {"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "redirects, but not to a URL"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", "the answer ends early"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", "more than 1000 bytes"},
      {"nonsense\r\n\r\n", ""},
  };
  for (const auto& [answer, reason] : answers) {
    RawServer server(answering(answer));
    const auto result = get(server.port());
    ASSERT_FALSE(result) << answer;
    EXPECT_NE(result.error().message().find(reason), std::string::npos) << result.error().message();
    EXPECT_NE(result.error().message().find("/a.wasm?b: "), std::string::npos) << result.error().message();
  }
}

TEST_F(Get, stops_at_the_limit_when_the_server_does_not_say_the_length) {
  RawServer server(answering("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(200'000, 'x')));
  const auto result = get(server.port());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Errc::limit);
  EXPECT_LE(written().size(), options.max_bytes);
}

TEST_F(Get, does_not_wait_for_ever) {
  options.patience = std::chrono::seconds(1);
  RawServer server([](Peer& peer) { peer.read_to_end(); });
  const auto result = get(server.port());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Errc::unavailable);
}

}  // namespace
}  // namespace weft::download
