#include "http/request_parser.h"

#include <gtest/gtest.h>

namespace weft::http {
namespace {

const Limits limits;

struct Parsed {
  RequestHead head;
  ParsedFraming framing;
  unsigned refused = 0;  // the status; 0: not refused
};

Parsed parse(std::string_view text, const Limits& with = limits) {
  Parsed parsed;
  HeadScanner scanner;
  const auto head = scanner.scan(text, with);
  if (!head) {
    parsed.refused = head.error().status;
    return parsed;
  }
  if (!*head) {
    ADD_FAILURE() << "not a whole head: " << text;
    return parsed;
  }
  const auto framing = parse_request(**head, with, parsed.head);
  if (framing)
    parsed.framing = *framing;
  else
    parsed.refused = framing.error().status;
  return parsed;
}

Parsed parse_line(const std::string& line) {
  return parse(line + "\r\nHost: x\r\n\r\n");
}
Parsed parse_fields(const std::string& fields) {
  return parse("POST / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n");
}

// ---- where a head ends ----

TEST(HeadScanner, FindsTheEndHoweverTheBytesCome) {
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  for (std::size_t cut = 0; cut < head.size(); ++cut) {
    HeadScanner scanner;
    EXPECT_EQ(scanner.scan(head.substr(0, cut), limits).value(), std::nullopt) << cut;
    const std::string more = head + "GET /next";
    EXPECT_EQ(scanner.scan(more, limits).value(), head) << cut;
  }
  HeadScanner scanner;
  for (std::size_t size = 1; size < head.size(); ++size) {
    ASSERT_EQ(scanner.scan(std::string_view(head).substr(0, size), limits).value(), std::nullopt);
  }
  EXPECT_EQ(scanner.scan(head, limits).value(), head);
}

TEST(HeadScanner, LeavesOutOneEmptyLineBeforeAHead) {
  const std::string bytes = "\r\nGET / HTTP/1.1\r\n\r\n";
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    HeadScanner scanner;
    EXPECT_EQ(scanner.scan(bytes.substr(0, cut), limits).value(), std::nullopt) << cut;
    EXPECT_EQ(scanner.scan(bytes, limits).value(), bytes.substr(2));
  }
  EXPECT_EQ(HeadScanner().scan("\r\n\r\nGET / HTTP/1.1\r\n\r\n", limits).error().status, 400u);
}

TEST(HeadScanner, RefusesALineThatDoesNotEndInCrLfAtOnce) {
  for (const char* bytes : {"GET / HTTP/1.1\n", "GET / HTTP/1.1\nHost: x\n\n", "GET / HTTP/1.1\r\nHost: x\n",
                            "GET / HTTP/1.1\r\nHost: x\r\n\n", "\nGET / HTTP/1.1\r\n"}) {
    const auto found = HeadScanner().scan(bytes, limits);
    ASSERT_FALSE(found) << bytes;
    EXPECT_EQ(found.error().status, 400u);
  }
}

TEST(HeadScanner, RefusesAnotherProtocolAtItsFirstByte) {
  for (const std::string& bytes :
       {std::string("\x16\x03\x01", 3), std::string("\0", 1), std::string("\x80"), std::string(" ")}) {
    EXPECT_EQ(HeadScanner().scan(bytes, limits).error().status, 400u);
  }
}

TEST(HeadScanner, RefusesWhatIsTooLongBeforeItIsComplete) {
  Limits small;
  small.target_bytes = 100;
  small.head_bytes = 1000;
  EXPECT_EQ(HeadScanner().scan("GET /" + std::string(200, 'a'), small).error().status, 414u);
  EXPECT_EQ(HeadScanner().scan("GET / HTTP/1.1\r\na: " + std::string(1000, 'a'), small).error().status, 431u);
  EXPECT_TRUE(HeadScanner().scan("GET /" + std::string(99, 'a'), small));
  const std::string fits = "GET / HTTP/1.1\r\na: " + std::string(1000 - 16 - 3 - 4, 'a') + "\r\n\r\n";
  EXPECT_EQ(fits.size(), small.head_bytes);
  EXPECT_EQ(HeadScanner().scan(fits, small).value(), fits);
  EXPECT_EQ(HeadScanner().scan("\r\n" + fits, small).value(), fits);
  EXPECT_EQ(HeadScanner().scan("GET / HTTP/1.1\r\nb: " + fits, small).error().status, 431u);
}

// ---- the request line ----

TEST(RequestLine, IsMethodTargetAndVersion) {
  const Parsed parsed = parse_line("PATCH /a/b?c=d%20e&f=|{} HTTP/1.1");
  EXPECT_EQ(parsed.refused, 0u);
  EXPECT_EQ(parsed.head.method, "PATCH");
  EXPECT_EQ(parsed.head.path_with_query, "/a/b?c=d%20e&f=|{}");
  EXPECT_EQ(parsed.head.version_minor, 1);
  EXPECT_EQ(parse_line("GET / HTTP/1.0").head.version_minor, 0);
  // A minor version that is not known yet is read as the newest that is.
  EXPECT_EQ(parse_line("GET / HTTP/1.7").head.version_minor, 1);
  EXPECT_EQ(parse_line("brew /pot HTTP/1.1").head.method, "brew");
}

TEST(RequestLine, IsRefusedWithTheStatusThatSaysWhy) {
  struct Case {
    std::string line;
    unsigned status;
  };
  for (const Case& c : {Case{"GET", 400},
                        {"GET /", 400},
                        {"GET  HTTP/1.1", 400},
                        {"GET / ", 400},
                        {"GET / / HTTP/1.1", 400},
                        {"GET  / HTTP/1.1", 400},
                        {"GET / HTTP/1.1 ", 400},
                        {"GET\t/ HTTP/1.1", 400},
                        {"G@T / HTTP/1.1", 400},
                        {"GET / HTTP/1", 400},
                        {"GET / HTTP/1.10", 400},
                        {"GET / HTTP/11.1", 400},
                        {"GET / http/1.1", 400},
                        {"GET / HTTP/1,1", 400},
                        {"GET / HTTP/x.1", 400},
                        {"GET / HTTPS/1.1", 400},
                        {"GET / HTTP/0.9", 505},
                        {"GET / HTTP/2.0", 505},
                        {"PRI * HTTP/2.0", 505},
                        {"GET /a#b HTTP/1.1", 400},
                        {"GET /a\rb HTTP/1.1", 400},
                        {"GET /\x7f HTTP/1.1", 400},
                        {"GET /caf\xc3\xa9 HTTP/1.1", 400},
                        {std::string("GET /\0 HTTP/1.1", 15), 400},
                        {"GET a HTTP/1.1", 400},
                        {"GET * HTTP/1.1", 400},
                        {"GET ftp://x/ HTTP/1.1", 400},
                        {"CONNECT x:80 HTTP/1.1", 501},
                        {"CONNECT / HTTP/1.1", 501},
                        {std::string(33, 'M') + " / HTTP/1.1", 501},
                        {"GET /" + std::string(limits.target_bytes, 'a') + " HTTP/1.1", 414}}) {
    EXPECT_EQ(parse_line(c.line).refused, c.status) << c.line.substr(0, 100);
  }
  EXPECT_EQ(parse_line("GET /" + std::string(limits.target_bytes - 1, 'a') + " HTTP/1.1").refused, 0u);
}

TEST(RequestLine, AnAsteriskIsOfOptionsOnly) {
  EXPECT_EQ(parse_line("OPTIONS * HTTP/1.1").head.path_with_query, "*");
  EXPECT_EQ(parse_line("OPTIONS ** HTTP/1.1").refused, 400u);
}

TEST(RequestLine, AnAbsoluteTargetGivesAuthorityAndPath) {
  struct Case {
    const char* target;
    const char* path;
  };
  for (const Case& c : {Case{"http://x/a?b", "/a?b"},
                        {"HTTP://X/", "/"},
                        {"https://x", "/"},
                        {"http://x?q=http://y/", "/?q=http://y/"}}) {
    const Parsed parsed = parse_line(std::string("GET ") + c.target + " HTTP/1.1");
    EXPECT_EQ(parsed.refused, 0u) << c.target;
    EXPECT_EQ(parsed.head.path_with_query, c.path);
    EXPECT_TRUE(equal_names(parsed.head.authority, "x"));
  }
  for (const char* target :
       {"http://", "http:///a", "http://u@x/", "http://x:y/", "http://x y/", "http:x", "http//x/"}) {
    EXPECT_EQ(parse_line(std::string("GET ") + target + " HTTP/1.1").refused, 400u) << target;
  }
}

// ---- Host ----

TEST(Host, OfAnAbsoluteTargetMustBeTheSame) {
  EXPECT_EQ(parse("GET http://a/ HTTP/1.1\r\nHost: A\r\n\r\n").refused, 0u);
  EXPECT_EQ(parse("GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n").refused, 400u);
  EXPECT_EQ(parse("GET http://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n").refused, 400u);
  EXPECT_EQ(parse("GET http://a/ HTTP/1.1\r\n\r\n").refused, 400u);
}

TEST(Host, IsThereOnceAndOnlyOldClientsMayLeaveItOut) {
  EXPECT_EQ(parse("GET / HTTP/1.1\r\n\r\n").refused, 400u);
  EXPECT_EQ(parse("GET / HTTP/1.0\r\n\r\n").refused, 0u);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n").refused, 400u);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: x\r\nhOST: y\r\n\r\n").refused, 400u);
}

TEST(Host, IsANameOrAddressWithOrWithoutPort) {
  for (const char* host : {"x", "example.com", "example.com:8080", "EXAMPLE.com.", "a_b-c~", "127.0.0.1:1", "[::1]",
                           "[::ffff:127.0.0.1]:65535", "x:0"}) {
    const Parsed parsed = parse(std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\n\r\n");
    EXPECT_EQ(parsed.refused, 0u) << host;
    EXPECT_EQ(parsed.head.authority, host);
  }
  for (const char* host :
       {"",    ":80", "x:",   "x:65536", "x:8a",  "x:-1",   "x:1:2", "x/y",   "x?y",         "x#y", "u@x",
        "x y", "x,y", "[::1", "[]",      "[g::]", "[::1]x", "::1",   "a%2fb", "caf\xc3\xa9", "x\\y"}) {
    EXPECT_EQ(parse(std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\n\r\n").refused, 400u) << host;
  }
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: " + std::string(261, 'x') + "\r\n\r\n").refused, 400u);
}

// ---- fields ----

TEST(RequestFields, AreKeptAsGivenWithoutTheSpaceAround) {
  const Parsed parsed = parse_fields("X-One:1\r\nx-two: \t a b\tc \t\r\nX-Three:\r\nx-one: 2\r\nutf: caf\xc3\xa9\r\n");
  EXPECT_EQ(parsed.refused, 0u);
  ASSERT_EQ(parsed.head.fields.size(), 6u);
  EXPECT_EQ(parsed.head.fields[1].name, "X-One");
  EXPECT_EQ(parsed.head.fields.get("X-TWO"), "a b\tc");
  EXPECT_EQ(parsed.head.fields.get("x-three"), "");
  EXPECT_EQ(parsed.head.fields.get_all("x-one"), (std::vector<std::string_view>{"1", "2"}));
}

TEST(RequestFields, ThatReadersTakeForDifferentThingsAreRefused) {
  for (const char* fields : {"no colon\r\n", ": no name\r\n", "space : before\r\n", "tab\t: before\r\n",
                             " folded: x\r\n", "a: b\r\n folded\r\n", "a: b\r\n\tfolded\r\n", "a(b): c\r\n",
                             "a: b\rc\r\n", "a: \x01\r\n", "a: b\x7f\r\n", "\x80: b\r\n", "a\rb: c\r\n"}) {
    EXPECT_EQ(parse_fields(fields).refused, 400u) << fields;
  }
  EXPECT_EQ(parse_fields(std::string("a: b\0c\r\n", 8)).refused, 400u);
}

TEST(RequestFields, AreNotTooMany) {
  std::string many;
  for (std::size_t i = 1; i < limits.fields; ++i) many += "a: b\r\n";
  EXPECT_EQ(parse_fields(many).refused, 0u);
  EXPECT_EQ(parse_fields(many + "a: b\r\n").refused, 431u);
}

TEST(RequestFields, OfOneHeadDoNotStayForTheNext) {
  RequestHead head;
  ASSERT_TRUE(parse_request("GET http://a/ HTTP/1.1\r\nHost: a\r\nx: y\r\n\r\n", limits, head));
  ASSERT_TRUE(parse_request("GET / HTTP/1.0\r\n\r\n", limits, head));
  EXPECT_TRUE(head.fields.empty());
  EXPECT_EQ(head.authority, "");
}

// ---- what frames the body ----

TEST(RequestBody, IsDelimitedByItsLengthOrByChunks) {
  EXPECT_EQ(parse_fields("").framing.body, BodyKind::none);
  EXPECT_EQ(parse_fields("content-length: 0\r\n").framing.body, BodyKind::none);
  const Parsed length = parse_fields("Content-Length: 0042\r\n");
  EXPECT_EQ(length.framing.body, BodyKind::length);
  EXPECT_EQ(length.framing.length, 42u);
  EXPECT_EQ(parse_fields("content-length: 18446744073709551615\r\n").framing.length, UINT64_MAX);
  EXPECT_EQ(parse_fields("Transfer-Encoding: Chunked\r\n").framing.body, BodyKind::chunked);
  EXPECT_EQ(parse_fields("transfer-encoding:\tchunked \r\n").framing.body, BodyKind::chunked);
}

TEST(RequestBody, WhoseEndReadersWouldSeeInDifferentPlacesIsRefused) {
  struct Case {
    const char* fields;
    unsigned status;
  };
  for (const Case& c : {Case{"content-length: 5\r\ncontent-length: 5\r\n", 400},
                        {"content-length: 5\r\nContent-Length: 6\r\n", 400},
                        {"content-length: 5, 5\r\n", 400},
                        {"content-length: 5,6\r\n", 400},
                        {"content-length: +5\r\n", 400},
                        {"content-length: -5\r\n", 400},
                        {"content-length: 0x5\r\n", 400},
                        {"content-length: 5 5\r\n", 400},
                        {"content-length: 5.0\r\n", 400},
                        {"content-length: five\r\n", 400},
                        {"content-length:\r\n", 400},
                        {"content-length: 18446744073709551616\r\n", 400},
                        {"content-length: 5\r\ntransfer-encoding: chunked\r\n", 400},
                        {"transfer-encoding: chunked\r\ncontent-length: 5\r\n", 400},
                        {"transfer-encoding: chunked\r\ncontent-length: 0\r\n", 400},
                        {"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", 400},
                        {"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n", 400},
                        {"transfer-encoding: chunked, chunked\r\n", 400},
                        {"transfer-encoding: chunked, gzip\r\n", 400},
                        {"transfer-encoding: chunked, identity\r\n", 400},
                        {"transfer-encoding: gzip\r\n", 400},
                        {"transfer-encoding: identity\r\n", 400},
                        {"transfer-encoding: xchunked\r\n", 400},
                        {"transfer-encoding: \"chunked\"\r\n", 400},
                        {"transfer-encoding: chunked;q=1\r\n", 400},
                        {"transfer-encoding: ,chunked,\r\n", 400},
                        {"transfer-encoding:\r\n", 400},
                        {"transfer-encoding: \x0b"
                         "chunked\r\n",
                         400},
                        {"transfer-encoding : chunked\r\n", 400},
                        {"transfer-encoding: gzip, chunked\r\n", 501}}) {
    EXPECT_EQ(parse_fields(c.fields).refused, c.status) << c.fields;
  }
  EXPECT_EQ(parse("POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n").refused, 400u);
}

TEST(RequestBody, IsNotLongerThanTheLimit) {
  Limits small;
  small.body_bytes = 10;
  EXPECT_EQ(parse("POST / HTTP/1.1\r\nHost: x\r\ncontent-length: 10\r\n\r\n", small).refused, 0u);
  EXPECT_EQ(parse("POST / HTTP/1.1\r\nHost: x\r\ncontent-length: 11\r\n\r\n", small).refused, 413u);
}

TEST(RequestBody, IsAskedForOnlyByNewClients) {
  EXPECT_TRUE(parse_fields("Expect: 100-Continue\r\n").framing.expects_continue);
  EXPECT_FALSE(parse_fields("Expect: something\r\n").framing.expects_continue);
  EXPECT_FALSE(parse("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").framing.expects_continue);
}

TEST(KeepAlive, IsAsTheVersionHasItUnlessTheClientSaysOtherwise) {
  EXPECT_TRUE(parse_fields("").framing.keep_alive);
  EXPECT_TRUE(parse_fields("connection: x, y\r\n").framing.keep_alive);
  EXPECT_FALSE(parse_fields("connection: x , CLOSE\r\n").framing.keep_alive);
  EXPECT_FALSE(parse_fields("connection: close\r\nconnection: keep-alive\r\n").framing.keep_alive);
  EXPECT_TRUE(parse_fields("connection: closed\r\n").framing.keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").framing.keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n").framing.keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\nconnection: close\r\nconnection: keep-alive\r\n\r\n").framing.keep_alive);
}

}  // namespace
}  // namespace weft::http
