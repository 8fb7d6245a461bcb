#include "http/response_writer.h"

#include <gtest/gtest.h>

namespace weft::http {
namespace {

std::string begin(ResponseWriter& writer, const ResponseHead& head, const BodyPipe& body, const ResponseTerms& terms) {
  std::string out;
  writer.begin(head, body, terms, "now", out);
  return out;
}

TEST(ResponseWriter, WritesStatusFieldsLengthAndDate) {
  ResponseHead head{.status = 418, .fields = {}};
  head.fields.append("A", "b");
  BodyPipe body;
  body.fill("tea");
  ResponseWriter writer;
  // 418 has no phrase of its own; the space before it is not optional (RFC 9112, 4).
  EXPECT_EQ(begin(writer, head, body, {}), "HTTP/1.1 418 \r\nA: b\r\ncontent-length: 3\r\ndate: now\r\n\r\n");
  EXPECT_TRUE(writer.sends_body());
  EXPECT_TRUE(writer.keeps_alive());
  EXPECT_FALSE(writer.ends_with_connection());
}

TEST(ResponseWriter, CountsThePiecesAgainstTheLength) {
  BodyPipe body;
  ResponseHead head;
  head.fields.append("content-length", "3");
  ResponseWriter writer;
  std::string out = begin(writer, head, body, {});
  EXPECT_TRUE(writer.before_piece(2, out));
  EXPECT_FALSE(writer.end({}, out));
  EXPECT_TRUE(writer.before_piece(1, out));
  EXPECT_TRUE(writer.end({}, out));
  EXPECT_FALSE(writer.before_piece(1, out));
  begin(writer, head, body, {});
  EXPECT_FALSE(writer.before_piece(4, out));
}

TEST(ResponseWriter, ChoosesTheFramingByWhatIsKnown) {
  struct Case {
    const char* given;  // Content-Length
    bool whole;         // body of three bytes
    ResponseTerms terms;
    const char* framing;
    bool keeps_alive;
    bool sends_body;
  };
  const ResponseTerms now{}, old{.version_minor = 0}, head{.is_head = true}, last{.keep_alive = false};
  for (const Case& c : {Case{nullptr, true, now, "content-length: 3\r\n", true, true},
                        {"7", true, now, "content-length: 3\r\n", true, true},
                        {nullptr, false, now, "transfer-encoding: chunked\r\n", true, true},
                        {"7", false, now, "content-length: 7\r\n", true, true},
                        {nullptr, true, last, "content-length: 3\r\nconnection: close\r\n", false, true},
                        {nullptr, true, old, "content-length: 3\r\nconnection: keep-alive\r\n", true, true},
                        {nullptr, false, old, "connection: close\r\n", false, true},
                        {"7", false, old, "content-length: 7\r\nconnection: keep-alive\r\n", true, true},
                        {nullptr, true, head, "content-length: 3\r\n", true, false},
                        {"7", true, head, "content-length: 7\r\n", true, false},
                        {nullptr, false, head, "", true, false},
                        {"7", false, head, "content-length: 7\r\n", true, false}}) {
    ResponseHead response;
    if (c.given != nullptr) response.fields.append("content-length", c.given);
    BodyPipe body;
    if (c.whole) body.fill("abc");
    ResponseWriter writer;
    const std::string version = c.terms.version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1";
    EXPECT_EQ(begin(writer, response, body, c.terms), version + " 200 OK\r\n" + c.framing + "date: now\r\n\r\n");
    EXPECT_EQ(writer.keeps_alive(), c.keeps_alive);
    EXPECT_EQ(writer.sends_body(), c.sends_body);
  }
}

TEST(ResponseWriter, TrailersNeedChunks) {
  BodyPipe body;
  body.write("abc");
  Fields trailers;
  trailers.append("x", "y");
  body.finish(trailers);
  ResponseWriter writer;
  std::string out = begin(writer, {}, body, {});
  EXPECT_NE(out.find("transfer-encoding: chunked"), std::string::npos);
  out.clear();
  EXPECT_TRUE(writer.before_piece(3, out));
  out += "abc";
  writer.after_piece(out);
  EXPECT_TRUE(writer.end(body.trailers(), out));
  EXPECT_EQ(out, "3\r\nabc\r\n0\r\nx: y\r\n\r\n");
  EXPECT_NE(begin(writer, {}, body, {.version_minor = 0}).find("content-length: 3"), std::string::npos);
}

TEST(ResponseWriter, AWriterUsedAgainForgetsTheLastResponse) {
  BodyPipe streamed, whole;
  whole.fill("a");
  ResponseWriter writer;
  begin(writer, {}, streamed, {.version_minor = 0});
  EXPECT_TRUE(writer.ends_with_connection());
  EXPECT_EQ(begin(writer, {}, whole, {}), "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ndate: now\r\n\r\n");
  EXPECT_TRUE(writer.keeps_alive());
  EXPECT_FALSE(writer.ends_with_connection());
}

TEST(ReasonPhrase, IsThereForWhatWeSend) {
  for (unsigned status : {200u, 400u, 404u, 408u, 413u, 414u, 431u, 500u, 501u, 505u}) {
    EXPECT_NE(reason_phrase(status), "") << status;
  }
}

TEST(HttpDate, IsAnImfFixdate) {
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(1709164800), "Thu, 29 Feb 2024 00:00:00 GMT");
}

}  // namespace
}  // namespace weft::http
