#include "http/response_parser.h"

#include <gtest/gtest.h>

namespace weft::http {
namespace {

std::expected<ParsedResponse, ClientError> parse(std::string_view text, std::string_view method = "GET") {
  const auto end = find_response_end(text, 0, {});
  if (!end) return std::unexpected(end.error());
  EXPECT_TRUE(*end) << text;
  if (!*end) return std::unexpected(ClientError{ClientFault::internal, "no end"});
  EXPECT_EQ(**end, text.size());
  return parse_response(text, method, {});
}

void expect_fault(std::string_view text, ClientFault fault = ClientFault::response_malformed) {
  const auto response = parse(text);
  ASSERT_FALSE(response) << text;
  EXPECT_EQ(response.error().fault, fault) << text << response.error().message();
}

TEST(ResponseParser, AHeadHasItsStatusItsFieldsAndItsLength) {
  const auto response = parse("HTTP/1.1 201 Created\r\nContent-Length: 12\r\nX-A:  b c \r\nx-a:d\r\n\r\n");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->head.status, 201u);
  EXPECT_EQ(response->body, BodyKind::length);
  EXPECT_EQ(response->length, 12u);
  EXPECT_TRUE(response->keep_alive);
  EXPECT_EQ(response->head.fields.get_all("X-a"), (std::vector<std::string_view>{"b c", "d"}));
}

TEST(ResponseParser, TheReasonMayBeMissing) {
  EXPECT_TRUE(parse("HTTP/1.1 200 \r\n\r\n"));
  EXPECT_TRUE(parse("HTTP/1.1 200\r\n\r\n"));
  EXPECT_TRUE(parse("HTTP/1.1 404 Nicht gef\xc3\xbcnden\r\n\r\n"));
}

TEST(ResponseParser, ABodyWithoutALengthEndsWithTheConnection) {
  const auto response = parse("HTTP/1.1 200 OK\r\n\r\n");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, BodyKind::until_close);
  EXPECT_FALSE(response->keep_alive);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n")->body, BodyKind::chunked);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")->body, BodyKind::none);
}

TEST(ResponseParser, SomeResponsesHaveNoBodyWhateverTheySay) {
  for (std::string_view text :
       {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    const auto response = parse(text);
    ASSERT_TRUE(response) << text;
    EXPECT_EQ(response->body, BodyKind::none);
    EXPECT_TRUE(response->keep_alive);
  }
  const auto head = parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->body, BodyKind::none);
  EXPECT_EQ(head->head.fields.get("content-length"), "5");
}

TEST(ResponseParser, AfterABodyThatMustNotBeNothingIsReadFromTheConnection) {
  for (std::string_view text : {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
                                "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    const auto response = parse(text);
    ASSERT_TRUE(response) << text;
    EXPECT_EQ(response->body, BodyKind::none);
    EXPECT_FALSE(response->keep_alive);
  }
}

TEST(ResponseParser, KeepAliveFollowsTheVersionAndConnection) {
  EXPECT_FALSE(parse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: foo, Close\r\n\r\n")->keep_alive);
  EXPECT_FALSE(parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")->keep_alive);
  EXPECT_TRUE(parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n")->keep_alive);
  EXPECT_FALSE(
      parse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n")->keep_alive);
}

TEST(ResponseParser, WhatCanBeFramedInTwoWaysIsRefused) {
  expect_fault("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
  expect_fault("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n");
  expect_fault("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n");
  expect_fault("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n");
  expect_fault("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (std::string_view length : {"", "+5", "-5", "0x5", "5 5", "5;", "18446744073709551616"}) {
    expect_fault("HTTP/1.1 200 OK\r\nContent-Length: " + std::string(length) + "\r\n\r\n");
  }
}

TEST(ResponseParser, AnUnknownCodingIsNamed) {
  const auto response = parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().fault, ClientFault::response_coding);
  EXPECT_EQ(response.error().detail, "gzip, chunked");
  expect_fault("HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n", ClientFault::response_coding);
}

TEST(ResponseParser, MalformedHeadsAreRefused) {
  for (std::string_view text :
       {"HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.2 200 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 099 X\r\n\r\n", "HTTP/1.1 2000\r\n\r\n", "HTTP/1.1 200OK\r\n\r\n", "HTTP/1.1 -20 OK\r\n\r\n",
        "HTTP/1.1 200 O\x01K\r\n\r\n", "http/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : c\r\n\r\n", "HTTP/1.1 200 OK\r\n: c\r\n\r\n", "HTTP/1.1 200 OK\r\nA\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n", "HTTP/1.1 200 OK\n\n", "\r\nHTTP/1.1 200 OK\r\n\r\n"}) {
    expect_fault(text);
  }
  expect_fault(std::string_view("HTTP/1.1 200 OK\r\nA: \0\r\n\r\n", 25));
}

TEST(ResponseParser, AnotherProtocolIsKnownFromItsFirstBytes) {
  for (std::string_view text : {"S", "SSH-2.0-OpenSSH", "HTTP/2", "\x15\x03\x01"}) {
    EXPECT_FALSE(find_response_end(text, 0, {})) << text;
  }
  for (std::string_view text : {"", "H", "HTTP/1", "HTTP/1.", "HTTP/1.1 2"}) {
    const auto end = find_response_end(text, 0, {});
    ASSERT_TRUE(end) << text;
    EXPECT_FALSE(*end);
  }
}

TEST(ResponseParser, TheEndIsFoundHoweverTheHeadArrives) {
  const std::string_view head = "HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody\r\n\r\n";
  const std::size_t expected = head.find("body");
  for (std::size_t first = 0; first <= head.size(); ++first) {
    auto end = find_response_end(head.substr(0, first), 0, {});
    ASSERT_TRUE(end);
    EXPECT_EQ(end->has_value(), first >= expected);
    end = find_response_end(head, std::min(first, expected - 1), {});
    ASSERT_TRUE(end);
    EXPECT_EQ(*end, expected) << first;
  }
}

TEST(ResponseParser, HeadsAreBounded) {
  const ResponseLimits limits{.head_bytes = 100, .fields = 3};
  const std::string endless = "HTTP/1.1 200 OK\r\nA: " + std::string(200, 'x');
  const auto large = find_response_end(endless, 0, limits);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().fault, ClientFault::response_head_size);
  EXPECT_FALSE(find_response_end(endless + "\r\n\r\n", 0, limits));
  EXPECT_TRUE(parse_response("HTTP/1.1 200 OK\r\na:\r\na:\r\na:\r\n\r\n", "GET", limits));
  const auto many = parse_response("HTTP/1.1 200 OK\r\na:\r\na:\r\na:\r\na:\r\n\r\n", "GET", limits);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().fault, ClientFault::response_head_size);
}

}  // namespace
}  // namespace weft::http
