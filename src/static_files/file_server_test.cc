#include "static_files/file_server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <chrono>
#include <optional>

#include "static_files/compress.h"
#include "static_files/ranges.h"
#include "static_files/testing/folder.h"

namespace weft::static_files {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

// Ten seconds from now, when what a test writes has settled.
std::int64_t later() {
  return file_clock_now() + 10 * Version::second_ns;
}

struct Field {
  std::string_view name;
  std::string_view value;
};

struct Response {
  unsigned status = 0;
  http::Fields fields;
  std::string body;
  bool whole = false;  // the body ended well

  std::string operator[](std::string_view name) const { return std::string(fields.get(name).value_or("")); }
};

class Files : public testing::FolderTest, public Observer {
 protected:
  Files() {
    for (int i = 0; i < 40'000; ++i) large_ += std::to_string(i * 7919 % 10007) + "\n";
    write("app/site/small.txt", "0123456789");
    write("app/site/large.bin", large_);
    write("app/site/large.txt", large_);
    make({});
  }
  ~Files() override { server_.reset(); }

  void make(SiteSettings settings) {
    settings.source = "site";
    site_ = Site::create(top_ / "app", std::move(settings), std::make_shared<PreparedStore>()).value();
  }
  void use_clock(FileServer::FileClock clock) { server_.emplace(loop_, *disk_, *this, clock); }

  void on_answered(http::Exchange& exchange, telemetry::HttpSeries&, TimePoint) override {
    statuses_.push_back(exchange.responded() ? exchange.response().status : 0);
  }
  void on_fault(std::string_view line) override { faults_.emplace_back(line); }

  std::shared_ptr<http::Exchange> begin(std::string_view path, std::initializer_list<Field> fields = {},
                                        std::string_view method = "GET") {
    http::RequestHead head;
    head.method = method;
    head.path_with_query = path;
    for (const Field& field : fields) head.fields.append(field.name, field.value);
    auto exchange = std::make_shared<http::Exchange>(std::move(head));
    const std::string_view target = exchange->request().path_with_query;
    server_->serve(exchange, site_, target.substr(0, target.find('?')), series_);
    return exchange;
  }
  // Runs the loop until there is something to do here.
  void run_until(const std::function<bool()>& there) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (!there() && std::chrono::steady_clock::now() < deadline) {
      loop_.restart();
      loop_.run_one_for(10ms);
    }
    EXPECT_TRUE(there()) << "nothing came of it";
  }
  Response end(const std::shared_ptr<http::Exchange>& exchange) {
    run_until([&] { return exchange->responded(); });
    http::BodyPipe& body = exchange->response_body();
    Response response{.status = exchange->response().status, .fields = exchange->response().fields, .body = {}};
    while (!body.at_end() && !body.failed()) {
      run_until([&] { return body.size() > 0 || body.ended(); });
      response.body += body.front();
      body.consume(body.size());
      if (::testing::Test::HasFailure()) break;
    }
    response.whole = body.at_end();
    return response;
  }
  Response ask(std::string_view path, std::initializer_list<Field> fields = {}, std::string_view method = "GET") {
    return end(begin(path, fields, method));
  }

  std::string large_;
  Loop loop_{1};
  telemetry::HttpSeries series_;
  std::vector<unsigned> statuses_;
  std::vector<std::string> faults_;
  std::shared_ptr<const Site> site_;
  std::unique_ptr<Disk> disk_ = std::make_unique<Disk>();
  std::optional<FileServer> server_{std::in_place, loop_, *disk_, *this, &later};
};

TEST_F(Files, AFileIsSentWithWhatCachesNeed) {
  const Response response = ask("/small.txt");
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.body, "0123456789");
  EXPECT_EQ(response["content-type"], "text/plain; charset=utf-8");
  EXPECT_EQ(response["etag"], "\"84d89877f0d4041efb6bf91a16f0248f\"") << "of the bytes: the same on every machine";
  EXPECT_THAT(response["last-modified"], HasSubstr(" GMT"));
  EXPECT_EQ(response["cache-control"], "no-cache");
  EXPECT_EQ(response["accept-ranges"], "bytes");
  EXPECT_EQ(response["x-content-type-options"], "nosniff");
  EXPECT_EQ(response["content-encoding"], "");
  EXPECT_EQ(response["vary"], "") << "too small to be compressed for anybody";
  EXPECT_THAT(statuses_, ElementsAre(200));
}

TEST_F(Files, AHeadRequestGetsTheSameHeadAndNoBody) {
  for (const char* path : {"/small.txt", "/large.bin"}) {
    const Response get = ask(path);
    const Response head = ask(path, {}, "HEAD");
    EXPECT_EQ(head.status, 200u);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head["content-length"], std::to_string(get.body.size()));
    EXPECT_EQ(head["etag"], get["etag"]);
  }
  EXPECT_EQ(ask("/small.txt", {{"Range", "bytes=0-1"}}, "HEAD").status, 200u) << "ranges are of GET alone";
}

TEST_F(Files, OtherMethodsAreRefusedWithThoseThereAre) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "get"}) {
    const Response response = ask("/small.txt", {}, method);
    EXPECT_EQ(response.status, 405u) << method;
    EXPECT_EQ(response["allow"], "GET, HEAD");
  }
}

TEST_F(Files, ALargeFileIsStreamedWholeWithItsLength) {
  const Response response = ask("/large.bin");
  EXPECT_EQ(response.body, large_);
  EXPECT_TRUE(response.whole);
  EXPECT_EQ(response["content-length"], std::to_string(large_.size()));
  EXPECT_EQ(response["etag"], tag_of_bytes(large_));
}

TEST_F(Files, AnEmptyFileIsSent) {
  write("app/site/empty.txt", "");
  const Response response = ask("/empty.txt");
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.body, "");
  EXPECT_NE(response["etag"], "");
}

TEST_F(Files, AFolderIsServedWithASlashBehind) {
  write("app/site/sub/index.html", "sub");
  const Response response = ask("/sub?a=b/c");
  EXPECT_EQ(response.status, 308u);
  EXPECT_EQ(response["location"], "/sub/?a=b/c");
  EXPECT_EQ(ask("/sub/?a=b").body, "sub");
  EXPECT_EQ(ask("//sub").status, 404u) << "never the name of another server";
}

TEST_F(Files, WhatIsMissingIs404AndItsPageIsNeverKept) {
  EXPECT_EQ(ask("/none").status, 404u);
  EXPECT_EQ(ask("/none").body, "Not Found\n");
  write("app/site/404.html", "no such page");
  make({.not_found = "404.html", .cache_control = "max-age=3600", .headers = {{"x-a", "b"}}});
  const Response response = ask("/none", {{"Range", "bytes=0-1"}, {"If-None-Match", "*"}});
  EXPECT_EQ(response.status, 404u);
  EXPECT_EQ(response.body, "no such page");
  EXPECT_EQ(response["cache-control"], "no-cache");
  EXPECT_EQ(response["x-a"], "b");
  EXPECT_EQ(ask("/small.txt")["cache-control"], "max-age=3600");
}

TEST_F(Files, ConditionsAreJudgedByTheTagOfTheBytes) {
  const std::string tag = ask("/small.txt")["etag"];
  const std::string date = ask("/small.txt")["last-modified"];
  const Response unchanged = ask("/small.txt", {{"If-None-Match", tag}});
  EXPECT_EQ(unchanged.status, 304u);
  EXPECT_EQ(unchanged.body, "");
  EXPECT_EQ(unchanged["etag"], tag);
  EXPECT_EQ(unchanged["cache-control"], "no-cache");
  EXPECT_EQ(ask("/small.txt", {{"If-Modified-Since", date}}).status, 304u);
  EXPECT_EQ(ask("/small.txt", {{"If-Match", "\"other\""}}).status, 412u);
  write("app/site/small.txt", "9876543210");
  EXPECT_EQ(ask("/small.txt", {{"If-None-Match", tag}}).status, 200u);
}

TEST_F(Files, RangesAreSentAloneOrInParts) {
  const Response one = ask("/small.txt", {{"Range", "bytes=2-4"}});
  EXPECT_EQ(one.status, 206u);
  EXPECT_EQ(one.body, "234");
  EXPECT_EQ(one["content-range"], "bytes 2-4/10");
  EXPECT_EQ(one["content-type"], "text/plain; charset=utf-8");

  const Response parts = ask("/large.bin", {{"Range", "bytes=0-4,100000-100001"}});
  EXPECT_EQ(parts.status, 206u);
  EXPECT_EQ(parts["content-range"], "");
  ASSERT_THAT(parts["content-type"], StartsWith("multipart/byteranges; boundary="));
  const std::string line = "--" + parts["content-type"].substr(31) + "\r\n";
  const std::string size = std::to_string(large_.size());
  EXPECT_EQ(parts.body, line + "content-type: application/octet-stream\r\ncontent-range: bytes 0-4/" + size +
                            "\r\n\r\n" + large_.substr(0, 5) + "\r\n" + line +
                            "content-type: application/octet-stream\r\ncontent-range: bytes 100000-100001/" + size +
                            "\r\n\r\n" + large_.substr(100000, 2) + "\r\n--" + parts["content-type"].substr(31) +
                            "--\r\n");

  const Response none = ask("/small.txt", {{"Range", "bytes=10-"}});
  EXPECT_EQ(none.status, 416u);
  EXPECT_EQ(none["content-range"], "bytes */10");
  EXPECT_EQ(ask("/small.txt", {{"Range", "bytes=2-4"}, {"If-Range", "\"other\""}}).status, 200u);
  EXPECT_EQ(ask("/small.txt", {{"Range", "bytes=2-4"}, {"If-Range", one["etag"]}}).body, "234");
}

TEST_F(Files, LargePartsAreStreamed) {
  const Response parts = ask("/large.bin", {{"Range", "bytes=0-40000,50000-90000"}});
  EXPECT_TRUE(parts.whole);
  EXPECT_EQ(parts["content-length"], std::to_string(parts.body.size()));
  EXPECT_THAT(parts.body, HasSubstr("\r\n\r\n" + large_.substr(0, 40001) + "\r\n--"));
  EXPECT_THAT(parts.body, HasSubstr("\r\n\r\n" + large_.substr(50000, 40001) + "\r\n--"));
}

TEST_F(Files, TextIsCompressedForWhoAsksAndEachCodingHasItsTag) {
  const Response plain = ask("/large.txt");
  EXPECT_EQ(plain["vary"], "accept-encoding");
  EXPECT_EQ(plain["content-encoding"], "");
  const Response gzip = ask("/large.txt", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(gzip["content-encoding"], "gzip");
  EXPECT_EQ(gzip["vary"], "accept-encoding");
  EXPECT_EQ(gzip["content-type"], plain["content-type"]);
  EXPECT_EQ(gzip.body, compress(large_, Coding::gzip));
  EXPECT_EQ(ask("/large.txt", {{"Accept-Encoding", "gzip, br"}})["content-encoding"], "br");
  EXPECT_NE(gzip["etag"], plain["etag"]);
  EXPECT_EQ(ask("/large.txt", {{"Accept-Encoding", "gzip"}, {"If-None-Match", gzip["etag"]}}).status, 304u);
  EXPECT_EQ(ask("/large.txt", {{"If-None-Match", gzip["etag"]}}).status, 200u);
  const Response range = ask("/large.txt", {{"Accept-Encoding", "gzip"}, {"Range", "bytes=10-19"}});
  EXPECT_EQ(range.body, gzip.body.substr(10, 10)) << "ranges are of what is sent";
  EXPECT_EQ(range["content-range"], "bytes 10-19/" + std::to_string(gzip.body.size()));
}

TEST_F(Files, WhatDoesNotGetSmallerIsSentAsItIs) {
  EXPECT_EQ(ask("/large.bin", {{"Accept-Encoding", "gzip"}})["content-encoding"], "") << "not by its type";
  std::string noise;
  std::uint64_t state = 1;
  for (int i = 0; i < 20'000; ++i)
    noise += static_cast<char>((state = state * 6364136223846793005u + 1442695040888963407u) >> 56);
  write("app/site/noise.txt", noise);
  const Response response = ask("/noise.txt", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(response["content-encoding"], "");
  EXPECT_EQ(response.body, noise);
  EXPECT_EQ(ask("/small.txt", {{"Accept-Encoding", "gzip"}})["content-encoding"], "") << "too small";
  const Response refused = ask("/large.bin", {{"Accept-Encoding", "gzip, identity;q=0"}});
  EXPECT_EQ(refused.status, 406u);
}

TEST_F(Files, AFileThatJustChangedHasNothingThatMayProveWrong) {
  use_clock(&file_clock_now);
  // The next second may begin at any time: what was written within this one must not be taken for settled.
  bool seen = false;
  for (int attempt = 0; attempt < 5 && !seen; ++attempt) {
    write("app/site/large.txt", large_);
    const auto second = file_clock_now() / Version::second_ns;
    const Response response = ask("/large.txt", {{"Accept-Encoding", "gzip"}});
    if (file_clock_now() / Version::second_ns != second) continue;
    seen = true;
    EXPECT_EQ(response["etag"], "");
    EXPECT_EQ(response["last-modified"], "");
    EXPECT_EQ(response["content-encoding"], "");
    EXPECT_EQ(response.body, large_);
  }
  EXPECT_TRUE(seen);
  write("app/site/small.txt", "new");
  EXPECT_EQ(ask("/small.txt")["etag"], tag_of_bytes("new")) << "the very bytes that are sent";
}

TEST_F(Files, AFileThatIsCutWhileItIsSentEndsItsAnswerBadly) {
  const auto exchange = begin("/large.bin");
  run_until([&] { return exchange->responded(); });
  fs::resize_file(top_ / "app/site/large.bin", 10);
  const Response response = end(exchange);
  EXPECT_FALSE(response.whole);
  EXPECT_LT(response.body.size(), large_.size());
  EXPECT_THAT(faults_, ElementsAre(HasSubstr("changed while it was sent")));
  EXPECT_THAT(statuses_, ElementsAre(200));
}

TEST_F(Files, AnAnswerIsNeverOfTwoVersions) {
  const auto exchange = begin("/large.bin");
  run_until([&] { return exchange->responded(); });
  write("app/site/large.bin", std::string(large_.size(), 'x'));
  const Response response = end(exchange);
  EXPECT_FALSE(response.whole);
  EXPECT_EQ(response.body.find('x'), std::string::npos);
}

TEST_F(Files, AFileThatIsReplacedIsSentToItsEnd) {
  const auto exchange = begin("/large.bin");
  run_until([&] { return exchange->responded(); });
  write("app/site/new.bin", "new");
  fs::rename(top_ / "app/site/new.bin", top_ / "app/site/large.bin");
  const Response response = end(exchange);
  EXPECT_TRUE(response.whole);
  EXPECT_EQ(response.body, large_);
  EXPECT_EQ(ask("/large.bin").body, "new");
}

TEST_F(Files, AClientThatLeavesEndsItsTransfer) {
  const auto exchange = begin("/large.bin");
  run_until([&] { return exchange->responded(); });
  EXPECT_TRUE(statuses_.empty());
  exchange->set_client_gone();
  EXPECT_THAT(statuses_, ElementsAre(200));
  EXPECT_EQ(exchange.use_count(), 1) << "nobody holds it any more";
}

TEST_F(Files, ManyRequestsForAFileThatNobodyHasMetGetTheSame) {
  std::vector<std::shared_ptr<http::Exchange>> exchanges;
  for (int i = 0; i < 50; ++i) exchanges.push_back(begin("/large.txt", {{"Accept-Encoding", "br"}}));
  const auto expected = compress(large_, Coding::brotli);
  for (const auto& exchange : exchanges) EXPECT_EQ(end(exchange).body, expected);
}

}  // namespace
}  // namespace weft::static_files
