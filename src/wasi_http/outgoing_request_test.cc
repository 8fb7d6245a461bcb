#include "wasi_http/outgoing_request.h"

#include <gtest/gtest.h>

namespace weft::wasi_http {
namespace {

template <class Case, class Variant>
bool is(const Variant& value) {
  return std::holds_alternative<Case>(value);
}

class OutgoingRequests : public ::testing::Test {
 protected:
  std::shared_ptr<Budget> budget = std::make_shared<Budget>();
  OutgoingRequest request{FieldsResource(budget).take(), budget};
};

TEST_F(OutgoingRequests, SettersRefuseWhatIsNotValidAndKeepTheOldValue) {
  EXPECT_FALSE(request.set_method(method::Other{"bad\nmethod"}));
  EXPECT_FALSE(request.set_method(method::Other{""}));
  EXPECT_FALSE(request.set_method(method::Other{std::string(65, 'X')}));
  EXPECT_TRUE(is<method::Get>(request.method()));
  EXPECT_TRUE(request.set_method(method::Other{"PURGE"}));

  EXPECT_TRUE(request.set_authority("example.com"));
  EXPECT_FALSE(request.set_authority("bad-\nhost"));
  for (const char* bad : {"::", ":@", "@@", "@:", " ", "#", "a b@example.com", "user@", "user@a@b", "["}) {
    EXPECT_FALSE(request.set_authority(bad)) << bad;
  }
  EXPECT_FALSE(request.set_authority("localhost:99999"));
  EXPECT_EQ(request.authority(), "example.com");
  EXPECT_TRUE(request.set_authority("[::]:443"));
  EXPECT_TRUE(request.set_authority("[::]"));
  EXPECT_TRUE(request.set_authority(std::nullopt));

  EXPECT_FALSE(request.set_scheme(scheme::Other{"bad\nscheme"}));
  EXPECT_TRUE(request.set_scheme(scheme::Other{"WS"}));
  EXPECT_EQ(to_string(*request.scheme()), "WS");
  EXPECT_TRUE(request.set_scheme(std::nullopt));

  EXPECT_FALSE(request.set_path_with_query("/bad\npath"));
  EXPECT_FALSE(request.set_path_with_query("http://elsewhere/"));
  EXPECT_FALSE(request.set_path_with_query("/" + std::string(max_path_bytes, 'x')));
  for (const char* bad : {"/<", "/>", "/`", "/a b", "a#b"}) EXPECT_FALSE(request.set_path_with_query(bad)) << bad;
  EXPECT_FALSE(request.path_with_query());
  EXPECT_TRUE(request.set_path_with_query("/a?b"));
  EXPECT_EQ(request.path_with_query(), "/a?b");
  EXPECT_TRUE(request.set_path_with_query(""));
  EXPECT_EQ(request.path_with_query(), "/");
}

TEST_F(OutgoingRequests, WhatHasACaseOfItsOwnIsThatCase) {
  EXPECT_TRUE(request.set_method(method::Other{"POST"}));
  EXPECT_TRUE(is<method::Post>(request.method()));
  EXPECT_TRUE(request.set_method(method::Other{"post"}));
  EXPECT_TRUE(is<method::Other>(request.method())) << "methods have a case";
  EXPECT_TRUE(request.set_scheme(scheme::Other{"https"}));
  EXPECT_TRUE(is<scheme::Https>(*request.scheme()));
  EXPECT_TRUE(request.set_scheme(scheme::Other{"HTTP"}));
  EXPECT_TRUE(is<scheme::Http>(*request.scheme()));
}

}  // namespace
}  // namespace weft::wasi_http
