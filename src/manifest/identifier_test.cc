#include "manifest/identifier.h"

#include <gtest/gtest.h>

#include <vector>

namespace weft::manifest {
namespace {

TEST(Identifier, FollowsTheWordRules) {
  for (const char* text : {"a", "hello", "hello-world", "a1-b2", "HTTP-client", "x-Y"}) {
    EXPECT_TRUE(is_kebab(text)) << text;
  }
  for (const char* text : {"", "-", "a-", "-a", "a--b", "1a", "a-1", "a_b", "Hello", "a b", "caf\xc3\xa9"}) {
    EXPECT_FALSE(is_kebab(text)) << text;
  }
  EXPECT_TRUE(is_snake("API_key"));
  EXPECT_FALSE(is_snake("api-key"));
  EXPECT_TRUE(is_lower_snake("api_key2"));
  EXPECT_FALSE(is_lower_snake("API_KEY"));
  EXPECT_TRUE(is_label("my-store"));
  EXPECT_TRUE(is_label("my_store"));
  EXPECT_FALSE(is_label("my-big_store"));
}

TEST(Identifier, KnowsVersionsDigestsAndImports) {
  for (const char* text : {"1.2.3", "0.0.0", "1.2.3-rc.1", "1.2.3+build.5", "1.2.3-a-b+c"}) {
    EXPECT_TRUE(is_exact_version(text)) << text;
  }
  for (const char* text : {"", "1", "1.2", "1.2.3.4", "01.2.3", "v1.2.3", "^1.2.3", "1.2.3-", "1.2.x"}) {
    EXPECT_FALSE(is_exact_version(text)) << text;
  }
  for (const char* text : {"*", "1", "1.2", "^1.2.3", "~1", ">=1, <2", "> 1.0", "=1.2.3-rc.1", "1.*"}) {
    EXPECT_TRUE(is_version_requirement(text)) << text;
  }
  for (const char* text : {"", "one", ">=", "1.2.3.4", "1,", "*.1"}) {
    EXPECT_FALSE(is_version_requirement(text)) << text;
  }
  EXPECT_TRUE(is_sha256_digest("sha256:" + std::string(64, 'f')));
  EXPECT_FALSE(is_sha256_digest("sha256:" + std::string(63, 'f')));
  EXPECT_FALSE(is_sha256_digest("sha256:" + std::string(64, 'g')));
  for (const char* text : {"plain-name", "ns:pkg", "ns:pkg/face", "ns:pkg@1.0.0", "ns:pkg/face@1.0.0-rc.1"}) {
    EXPECT_TRUE(is_import_name(text)) << text;
  }
  for (const char* text : {"", "Plain Name", "ns:", ":pkg", "ns:pkg/", "ns:pkg@1", "plain@1.0.0", "a:b:c"}) {
    EXPECT_FALSE(is_import_name(text)) << text;
  }
}

TEST(Identifier, ProposesTheNearestValidForm) {
  for (const char* text : {"My App", "hello_world", "Café au lait", "x--y-", "3 little pigs", "a 1", "UPPER"}) {
    EXPECT_TRUE(is_kebab(suggest_kebab(text))) << text << " -> " << suggest_kebab(text);
    EXPECT_TRUE(is_lower_snake(suggest_snake(text))) << text;
  }
  EXPECT_EQ(suggest_kebab("My App"), "my-app");
  EXPECT_EQ(suggest_kebab("a 1"), "a1");
  EXPECT_EQ(suggest_snake("a-b"), "a_b");
  EXPECT_EQ(suggest_kebab("123"), "");
  EXPECT_EQ(kebab_remedy("My App"), "use kebab-case: `my-app`");
  EXPECT_EQ(kebab_remedy("1-2-3").find("``"), std::string::npos);
}

TEST(Identifier, SuggestsANearNameOrListsAll) {
  const std::vector<std::string> names = {"source", "files", "variables"};
  EXPECT_EQ(suggest("sorce", names), "did you mean `source`?");
  EXPECT_EQ(suggest("Variables", names), "did you mean `variables`?");
  EXPECT_EQ(suggest("zzz", names), "one of: source, files, variables");
  EXPECT_EQ(suggest("x", {}), "");
  EXPECT_EQ(suggest(std::string(100'000, 's'), names), "one of: source, files, variables");
}

}  // namespace
}  // namespace weft::manifest
