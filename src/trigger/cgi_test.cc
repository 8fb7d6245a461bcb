#include "trigger/cgi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "trigger/spin_headers.h"

namespace weft::trigger {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

http::RequestHead head_of(std::string_view path) {
  http::RequestHead head;
  head.method = "POST";
  head.scheme = "http";
  head.authority = "example.com:8080";
  head.path_with_query = path;
  head.client_address = "[::1]:4321";
  return head;
}

std::map<std::string, std::string> variables_of(http::RequestHead head, const char* route, std::string_view path_info,
                                                Environment environment = {}) {
  const auto parsed = manifest::Route::parse(route).value();
  set_spin_headers(head, {.route = &parsed, .trigger = 0, .path_info = path_info});
  set_cgi_variables(environment, head, 5);
  std::map<std::string, std::string> variables(environment.begin(), environment.end());
  EXPECT_EQ(variables.size(), environment.size()) << "each is there once";
  return variables;
}

TEST(Cgi, ArgumentsAreTheTemplateSplitAtSpaces) {
  const auto head = head_of("/base/go?a=1&b&c=%20");
  EXPECT_THAT(cgi_arguments("${SCRIPT_NAME} ${ARGS}", head), ElementsAre("/base/go", "a=1", "b", "c=%20"));
  EXPECT_THAT(cgi_arguments("php-cgi -q ${SCRIPT_NAME}", head), ElementsAre("php-cgi", "-q", "/base/go"));
  EXPECT_THAT(cgi_arguments("${SCRIPT_NAME} ${ARGS}", head_of("/x")), ElementsAre("/x", ""));
  EXPECT_THAT(cgi_arguments("${ARGS}", head_of("/x?${ARGS}")), ElementsAre("${ARGS}")) << "what came in stays as it is";
}

TEST(Cgi, TheVariablesAreThoseThatSpinSets) {
  auto head = head_of("/base/a%20b?q=1");
  head.fields.append("content-type", "text/plain");
  head.fields.append("Accept-Language", "en");
  const auto variables = variables_of(std::move(head), "/base/...", "/a%20b");
  const std::map<std::string, std::string> expected = {
      {"AUTH_TYPE", ""},
      {"CONTENT_LENGTH", "5"},
      {"CONTENT_TYPE", "text/plain"},
      {"GATEWAY_INTERFACE", "CGI/1.1"},
      {"HTTP_ACCEPT_LANGUAGE", "en"},
      {"HTTP_CONTENT_TYPE", "text/plain"},
      {"HTTP_HOST", "example.com:8080"},
      {"PATH_INFO", "/a%20b"},
      {"PATH_TRANSLATED", "/a b"},
      {"QUERY_STRING", "q=1"},
      {"REMOTE_ADDR", "::1"},
      {"REMOTE_HOST", "::1"},
      {"REMOTE_USER", ""},
      {"REQUEST_METHOD", "POST"},
      {"SCRIPT_NAME", "/base"},
      {"SERVER_NAME", "example.com"},
      {"SERVER_PORT", "8080"},
      {"SERVER_PROTOCOL", "HTTP/1.1"},
      {"SERVER_SOFTWARE", "WAGI/1"},
      {"X_BASE_PATH", "/"},
      {"X_CLIENT_ADDR", "[::1]:4321"},
      {"X_COMPONENT_ROUTE", "/base"},
      {"X_FULL_URL", "http://example.com:8080/base/a%20b?q=1"},
      {"X_MATCHED_ROUTE", "/base/..."},
      {"X_RAW_COMPONENT_ROUTE", "/base/..."},
      {"X_RAW_PATH_INFO", "/a%20b"},
  };
  EXPECT_EQ(variables, expected);
}

TEST(Cgi, NoFieldOfTheClientStandsForAVariableOfTheServer) {
  auto head = head_of("/x");
  for (const char* name : {"authorization", "connection", "proxy", "spin-path-info", "SPIN-anything"})
    head.fields.append(name, "mine");
  const auto variables = variables_of(std::move(head), "/x", "", {{"PATH", "/bin"}, {"SERVER_NAME", "theirs"}});
  for (const auto& [name, value] : variables) EXPECT_NE(value, "mine") << name;
  EXPECT_EQ(variables.at("PATH"), "/bin") << "the component's own environment stays";
  EXPECT_EQ(variables.at("SERVER_NAME"), "example.com");
}

TEST(Cgi, WhatCannotBeDecodedStaysAsItIs) {
  EXPECT_EQ(variables_of(head_of("/x"), "/...", "/%ff%41").at("PATH_TRANSLATED"), "/%ff%41");
  EXPECT_EQ(variables_of(head_of("/x"), "/...", "/a%00").at("PATH_TRANSLATED"), "/a%00");
  EXPECT_EQ(variables_of(head_of("/x"), "/...", "/%4").at("PATH_TRANSLATED"), "/%4");
}

TEST(Cgi, FieldsComeBeforeAnEmptyLineAndTheBodyBehindIt) {
  const auto response = read_cgi_response("Content-Type: text/html\r\nX-A: b\n\r\nbody\n\nmore").value();
  EXPECT_EQ(response.head.status, 200u);
  EXPECT_EQ(response.head.fields.get("content-type"), "text/html");
  EXPECT_EQ(response.head.fields.get("x-a"), "b");
  EXPECT_EQ(response.body, "body\n\nmore");
}

TEST(Cgi, StatusAndLocationAreResponsesToo) {
  EXPECT_EQ(read_cgi_response("Status: 404 Not Found\n\n").value().head.status, 404u);
  EXPECT_EQ(read_cgi_response("status: 201\n\n").value().head.status, 201u);
  EXPECT_EQ(read_cgi_response("Location: /there\n\n").value().head.status, 302u);
  EXPECT_EQ(read_cgi_response("Status: 301\nLocation: /there\n\n").value().head.status, 301u);
  EXPECT_EQ(read_cgi_response("Status: soon\n\n").value().head.status, 502u);
  EXPECT_EQ(read_cgi_response("Status: 100\n\n").value().head.status, 502u);
}

TEST(Cgi, WhatIsNoResponseIsSaid) {
  EXPECT_THAT(read_cgi_response("").error(), HasSubstr("wrote nothing"));
  EXPECT_THAT(read_cgi_response("Hello, world!").error(), HasSubstr("no response"));
  EXPECT_THAT(read_cgi_response("X-A: b\n\nbody").error(), HasSubstr("content-type, status or location"));
  EXPECT_THAT(read_cgi_response("\nContent-Type: text/plain\n\nx").error(), HasSubstr("no response"));
  EXPECT_THAT(read_cgi_response("Content-Type: a\001b\n\n").error(), HasSubstr("Content-Type"));
}

TEST(Cgi, FieldsThatAreTheConnectionsAreLeftOut) {
  const auto response =
      read_cgi_response(
          "Status: 200\nTransfer-Encoding: chunked\nConnection: close\nbad name: x\nno colon\nSet-Cookie: "
          "a\nSet-Cookie: b\n\nx")
          .value();
  EXPECT_FALSE(response.head.fields.has("transfer-encoding"));
  EXPECT_FALSE(response.head.fields.has("connection"));
  EXPECT_EQ(response.head.fields.size(), 2u);
  EXPECT_THAT(response.head.fields.get_all("set-cookie"), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace weft::trigger
