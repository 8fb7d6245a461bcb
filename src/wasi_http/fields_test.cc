#include "wasi_http/fields.h"

#include <gtest/gtest.h>

#include "abi/trap.h"

namespace weft::wasi_http {
namespace {

FieldValue bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string text(FieldValue value) {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

template <class E>
bool failed_with(const HeaderResult& result) {
  return !result && std::holds_alternative<E>(result.error());
}

class FieldsOfAGuest : public ::testing::Test {
 protected:
  std::shared_ptr<Budget> budget = std::make_shared<Budget>();
  FieldsResource fields{budget};

  std::vector<std::string> values(std::string_view name) {
    std::vector<std::string> out;
    for (const FieldValue value : fields.get(name)) out.push_back(text(value));
    return out;
  }
};

TEST_F(FieldsOfAGuest, ValuesAreKeptInOrderAndFoundInAnyCase) {
  ASSERT_TRUE(fields.append("X-A", bytes("1")));
  ASSERT_TRUE(fields.append("other", bytes("")));
  ASSERT_TRUE(fields.append("x-a", bytes("2")));
  EXPECT_EQ(values("x-A"), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(values("OTHER"), std::vector<std::string>{""});
  EXPECT_TRUE(values("missing").empty());
  EXPECT_TRUE(values("not a name").empty());
}

TEST_F(FieldsOfAGuest, EntriesHaveTheNamesAsTheyWereWritten) {
  ASSERT_TRUE(fields.append("X-Mixed", bytes("1")));
  ASSERT_TRUE(fields.append("lower", bytes("2")));
  const auto entries = fields.entries();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(std::get<0>(entries[0]), "X-Mixed");
  EXPECT_EQ(text(std::get<1>(entries[1])), "2");
}

TEST_F(FieldsOfAGuest, ANameKeepsTheSpellingInWhichItCameFirst) {
  ASSERT_TRUE(fields.append("foo", bytes("1")));
  ASSERT_TRUE(fields.append("FOO", bytes("2")));
  for (const auto& [name, value] : fields.entries()) EXPECT_EQ(name, "foo");
  ASSERT_TRUE(fields.set("Foo", {bytes("3"), bytes("4")}));
  for (const auto& [name, value] : fields.entries()) EXPECT_EQ(name, "Foo");
}

TEST_F(FieldsOfAGuest, BlanksAroundAValueAreKeptUntilAMessageTakesIt) {
  ASSERT_TRUE(fields.append("a", bytes(" \t x y\t ")));
  ASSERT_TRUE(fields.append("b", bytes(" ")));
  ASSERT_TRUE(fields.append("c", bytes("z")));
  EXPECT_EQ(values("a"), std::vector<std::string>{" \t x y\t "});
  const auto message = fields.take();
  ASSERT_EQ(message->size(), 3u);
  EXPECT_EQ((*message)[0].value, "x y");
  EXPECT_EQ((*message)[1].value, "");
  EXPECT_EQ((*message)[2].value, "z");
}

TEST_F(FieldsOfAGuest, SetReplacesAndDeleteRemovesAllOfAName) {
  ASSERT_TRUE(fields.append("a", bytes("1")));
  ASSERT_TRUE(fields.append("A", bytes("2")));
  ASSERT_TRUE(fields.append("b", bytes("3")));
  ASSERT_TRUE(fields.set("a", {bytes("4"), bytes("5")}));
  EXPECT_EQ(values("a"), (std::vector<std::string>{"4", "5"}));
  ASSERT_TRUE(fields.set("A", {}));
  EXPECT_TRUE(values("a").empty());
  ASSERT_TRUE(fields.remove("B"));
  ASSERT_TRUE(fields.remove("b"));
  EXPECT_TRUE(fields.entries().empty());
}

TEST_F(FieldsOfAGuest, InvalidSyntaxChangesNothing) {
  ASSERT_TRUE(fields.append("a", bytes("1")));
  EXPECT_TRUE(failed_with<header_error::InvalidSyntax>(fields.append("a b", bytes("x"))));
  EXPECT_TRUE(failed_with<header_error::InvalidSyntax>(fields.append("", bytes("x"))));
  EXPECT_TRUE(failed_with<header_error::InvalidSyntax>(fields.append("a", bytes("x\r\ny: z"))));
  EXPECT_TRUE(failed_with<header_error::InvalidSyntax>(fields.append("a", bytes(" x\n"))));
  EXPECT_TRUE(failed_with<header_error::InvalidSyntax>(fields.append("a", bytes(std::string_view(" \0", 2)))));
  EXPECT_TRUE(failed_with<header_error::InvalidSyntax>(fields.set("a", {bytes("fine"), bytes("x\n")})));
  EXPECT_TRUE(failed_with<header_error::InvalidSyntax>(fields.set("a:", {})));
  EXPECT_TRUE(failed_with<header_error::InvalidSyntax>(fields.remove("a\n")));
  EXPECT_EQ(values("a"), std::vector<std::string>{"1"});
}

TEST_F(FieldsOfAGuest, WhatBelongsToTheConnectionIsForbidden) {
  for (const char* name : {"Host", "connection", "Keep-Alive", "Transfer-Encoding", "upgrade", "proxy-connection",
                           "Proxy-Authenticate", "proxy-authorization", "HTTP2-Settings"}) {
    EXPECT_TRUE(failed_with<header_error::Forbidden>(fields.append(name, bytes("x")))) << name;
    EXPECT_TRUE(failed_with<header_error::Forbidden>(fields.set(name, {}))) << name;
    EXPECT_TRUE(failed_with<header_error::Forbidden>(fields.remove(name))) << name;
  }
}

TEST_F(FieldsOfAGuest, AContentLengthIsANumber) {
  EXPECT_TRUE(fields.append("Content-Length", bytes("0")));
  for (const char* value : {"", "+5", "-5", "5 ", "0x5", "5,5", "18446744073709551616"}) {
    EXPECT_TRUE(failed_with<header_error::InvalidSyntax>(fields.set("content-length", {bytes(value)}))) << value;
  }
  EXPECT_EQ(content_length(fields.fields()).value(), 0u);
  EXPECT_TRUE(fields.append("content-length", bytes("0")));
  EXPECT_FALSE(content_length(fields.fields()));
}

TEST_F(FieldsOfAGuest, SharedFieldsAreImmutable) {
  ASSERT_TRUE(fields.append("a", bytes("1")));
  const auto shared = FieldsResource::immutable(fields.take());
  EXPECT_TRUE(failed_with<header_error::Immutable>(shared->append("b", bytes("2"))));
  EXPECT_TRUE(failed_with<header_error::Immutable>(shared->set("a", {})));
  EXPECT_TRUE(failed_with<header_error::Immutable>(shared->remove("a")));
  EXPECT_TRUE(failed_with<header_error::InvalidSyntax>(shared->remove("a b")));
  EXPECT_EQ(shared->entries().size(), 1u);
}

TEST_F(FieldsOfAGuest, ACloneIsMutableAndApart) {
  ASSERT_TRUE(fields.append("a", bytes("1")));
  const auto copy = FieldsResource::immutable(fields.take())->clone(budget);
  EXPECT_TRUE(copy->append("a", bytes("2")));
  EXPECT_EQ(copy->get("a").size(), 2u);
  const auto again = copy->clone(budget);
  ASSERT_TRUE(again->remove("a"));
  EXPECT_EQ(copy->get("a").size(), 2u);
}

TEST_F(FieldsOfAGuest, GoingBeyondALimitTraps) {
  for (std::size_t i = 0; i < max_fields_count; ++i) ASSERT_TRUE(fields.append("a", bytes("")));
  EXPECT_THROW(static_cast<void>(fields.append("a", bytes(""))), abi::Trap);
  FieldsResource large(budget);
  ASSERT_TRUE(large.append("a", bytes(std::string(max_fields_bytes - 1, 'x'))));
  EXPECT_THROW(static_cast<void>(large.append("b", bytes(""))), abi::Trap);
  ASSERT_TRUE(large.set("a", {bytes(std::string(max_fields_bytes - 1, 'y'))}));
}

TEST_F(FieldsOfAGuest, ManyFieldsAreChargedToOneBudget) {
  const std::string half(max_fields_bytes / 2, 'x');
  std::vector<std::unique_ptr<FieldsResource>> many;
  EXPECT_THROW(
      {
        for (int i = 0; i < 10'000; ++i) {
          many.push_back(std::make_unique<FieldsResource>(budget));
          static_cast<void>(many.back()->append("a", bytes(half)));
        }
      },
      abi::Trap);
  EXPECT_GT(many.size(), 400u);
  EXPECT_LE(budget->used(), max_kept_bytes);
  // What a message took over is still charged, until the message is gone.
  const auto taken = many.front()->take();
  many.clear();
  EXPECT_GE(budget->used(), half.size());
}

TEST_F(FieldsOfAGuest, TheBudgetGetsBackWhatIsGone) {
  {
    FieldsResource other(budget);
    for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(other.set("a", {bytes(std::string(10'000, 'x'))}));
    EXPECT_LT(budget->used(), 100'000u);
    EXPECT_GT(budget->used(), 10'000u);
  }
  EXPECT_EQ(budget->used(), 0u);
}

TEST(ForbiddenFields, AreTakenOutOfWhatAGuestSees) {
  http::Fields fields;
  for (const char* name : {"Host", "a", "connection", "Connection", "b", "transfer-encoding"}) fields.append(name, "x");
  remove_forbidden(fields);
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].name, "a");
  EXPECT_EQ(fields[1].name, "b");
}

}  // namespace
}  // namespace weft::wasi_http
