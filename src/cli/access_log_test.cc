#include "cli/access_log.h"

#include <gtest/gtest.h>

namespace weft::cli {
namespace {

using namespace std::chrono_literals;

http::RequestHead request(std::string target) {
  http::RequestHead head;
  head.method = "GET";
  head.path_with_query = std::move(target);
  head.client_address = "127.0.0.1:5000";
  return head;
}

TEST(AccessLog, ALineHasWhatTheRequestCost) {
  const auto head = request("/users/7");
  host::Account account{.cpu_nanoseconds = 310'999, .peak_memory_bytes = 1'114'112};
  trigger::Access access{
      .request = head, .component = "it", .status = 200, .duration = 1'240'500ns, .account = &account, .cold = false};
  EXPECT_EQ(access_line(access), "GET /users/7 200 1240us cpu 310us memory 1088KiB warm from 127.0.0.1:5000 HTTP/1.1");
  access.cold = true;
  access.status = 0;
  EXPECT_EQ(access_line(access), "GET /users/7 - 1240us cpu 310us memory 1088KiB cold from 127.0.0.1:5000 HTTP/1.1");
}

TEST(AccessLog, WhereNoComponentRanThereIsNoCost) {
  const auto head = request("/nowhere");
  EXPECT_EQ(access_line({.request = head, .component = {}, .status = 404, .duration = 12us}),
            "GET /nowhere 404 12us from 127.0.0.1:5000 HTTP/1.1");
}

TEST(AccessLog, ALineNamesTheProtocol) {
  auto head = request("/");
  head.version_major = 2;
  head.version_minor = 0;
  EXPECT_EQ(access_line({.request = head, .component = {}, .status = 200}), "GET / 200 0us from 127.0.0.1:5000 HTTP/2");
}

TEST(AccessLog, TheQueryIsLeftOutAndAPathIsOneReadableLine) {
  const auto secret = request("/a?token=s3cret");
  EXPECT_EQ(access_line({.request = secret, .component = {}, .status = 200}),
            "GET /a 200 0us from 127.0.0.1:5000 HTTP/1.1");
  const auto hostile = request("/a\n[it] GET\x1b[2J\xc3\xa9");
  EXPECT_EQ(access_line({.request = hostile, .component = {}, .status = 200}),
            "GET /a?[it]?GET?[2J?? 200 0us from 127.0.0.1:5000 HTTP/1.1");
  const auto large = request("/" + std::string(10'000, 'x'));
  EXPECT_LT(access_line({.request = large, .component = {}, .status = 200}).size(), 600u);
}

}  // namespace
}  // namespace weft::cli
